import type { ComponentChildren, JSX } from 'preact';

const words = { good: 'Done', bad: 'Problem', warning: 'Mind', note: 'Note' } as const;

/** Something that must not be overlooked. Its kind is said in a word, not only in colour. */
export function Callout({
  kind = 'note',
  title,
  role,
  children,
}: {
  readonly kind?: keyof typeof words;
  readonly title?: string;
  readonly role?: 'alert' | 'status';
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class={`callout ${kind}`} role={role}>
      <strong class="callout-title">{title ?? words[kind]}</strong>
      <div>{children}</div>
    </div>
  );
}
