import type { ComponentChildren, JSX } from 'preact';

export type Tone = 'good' | 'bad' | 'warning' | 'info' | 'neutral' | 'accent';

/** A word or two on what something is. The text says it; the colour helps. */
export function Badge({
  tone = 'neutral',
  children,
}: {
  readonly tone?: Tone;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return <span class={`badge ${tone}`}>{children}</span>;
}

const tones: Readonly<Record<string, Tone>> = {
  // Outcomes of submissions, and what became of them.
  accepted: 'good',
  held: 'warning',
  refused: 'bad',
  questioned: 'info',
  appealed: 'info',
  superseded: 'neutral',
  // Releases.
  published: 'good',
  withdrawn: 'neutral',
  quarantined: 'bad',
  // Severities of findings.
  error: 'bad',
  hold: 'warning',
  warning: 'warning',
  notice: 'info',
  // Trust levels of apps.
  official: 'accent',
  approved: 'good',
  community: 'neutral',
  experimental: 'warning',
  // Reviews and requests.
  waiting: 'warning',
  proposed: 'info',
  closed: 'neutral',
  granted: 'good',
  denied: 'bad',
  declined: 'bad',
  restored: 'good',
  dismissed: 'neutral',
  issued: 'good',
  valid: 'good',
  revoked: 'bad',
  expired: 'neutral',
  open: 'warning',
  suspended: 'bad',
  // How a rule is weighed.
  refuse: 'bad',
  shadow: 'info',
  off: 'neutral',
  // Roles.
  administrator: 'accent',
  moderator: 'info',
  developer: 'neutral',
};

/** A badge for a word of the store's own: an outcome, a status, a severity, a trust level, a role, the weight of a rule. */
export function WordBadge({ word }: { readonly word: string }): JSX.Element {
  return <Badge tone={tones[word] ?? 'neutral'}>{word}</Badge>;
}
