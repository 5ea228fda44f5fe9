import type { AuditEntry } from '../database/audit-log.js';
import { isStandingCode } from '../policy/standing.js';

/** Whom something concerns. */
export type Concerned =
  /** Who made the submission or the request, and the owners of the app. */
  | 'developers'
  | 'moderators'
  /** The account that it is about. */
  | 'account';

/** Something that people may want to be told of. */
export interface Topic {
  readonly concerned: Concerned;
  /** Whether it is told by mail where an account has not chosen. */
  readonly byMail: boolean;
  /** One sentence, for whoever chooses. */
  readonly summary: string;
  /** About the safety of an account or a key: told also to whoever did it themselves, for it may not have been them. */
  readonly isSecurity?: true;
  /** Can't be switched off. */
  readonly isFixed?: true;
}

const developers = (byMail: boolean, summary: string): Topic => ({ concerned: 'developers', byMail, summary });
const moderators = (byMail: boolean, summary: string): Topic => ({ concerned: 'moderators', byMail, summary });
const security = (concerned: Concerned, summary: string): Topic => ({
  concerned,
  byMail: true,
  summary,
  isSecurity: true,
});
const fixed = (concerned: Concerned, summary: string): Topic => ({ ...security(concerned, summary), isFixed: true });

/** Every topic. The names are part of the API: they are appended to, and never change. */
export const topics = {
  'submission.accepted': developers(false, 'An upload for an app of yours was accepted.'),
  'submission.held': developers(true, 'An upload for an app of yours waits for a moderator.'),
  'submission.refused': developers(true, 'An upload for an app of yours was refused.'),
  'question.asked': developers(true, 'A moderator asks a question about an upload or a request of yours.'),
  'answer.given': developers(false, 'A question about an upload or a request for an app of yours was answered.'),
  'review.decided': developers(true, 'A moderator decided about an upload or a release of an app of yours.'),
  'appeal.opened': developers(true, 'A refusal of an app of yours was appealed.'),
  'appeal.decided': developers(true, 'An appeal of an app of yours was decided.'),
  'release.published': developers(true, 'A release of an app of yours was published.'),
  'release.withdrawn': developers(true, 'A release of an app of yours was withdrawn.'),
  'release.quarantined': developers(true, 'A release of an app of yours was put under quarantine.'),
  'release.restored': developers(true, 'A release of an app of yours is published again.'),
  'certificate.requested': developers(true, 'A certificate for an app of yours was requested.'),
  'certificate.declined': developers(true, 'A request for a certificate was declined.'),
  'certificate.issued': developers(true, 'A certificate for an app of yours was issued.'),
  'certificate.revoked': developers(true, 'A certificate of an app of yours was revoked.'),
  'certificate.expiring': developers(true, 'A certificate of an app of yours ends soon.'),
  'key.exposed': fixed('developers', 'The private key of an app of yours was found in an upload.'),
  'owners.changed': security('developers', 'An app of yours has another owner than before.'),
  'app.suspended': developers(true, 'An app of yours was suspended.'),
  'app.reinstated': developers(true, 'The suspension of an app of yours has ended.'),
  'app.trust-level-changed': developers(true, 'The store vouches for an app of yours more, or less, than before.'),
  'account.role-changed': security('account', 'Your account may do more, or less, than before.'),
  'account.suspended': fixed('account', 'Your account was suspended.'),
  'account.reinstated': fixed('account', 'The suspension of your account has ended.'),
  'account.password-changed': fixed('account', 'The password of your account was set, changed or removed.'),
  'account.second-factor-changed': fixed('account', 'The second factor of your account was set up or removed.'),
  'account.recovery-code-used': fixed('account', 'Somebody signed in to your account with a recovery code.'),
  'account.identity-changed': fixed('account', 'Another way to sign in to your account was added or removed.'),
  'account.email-changed': fixed('account', 'The e-mail address of your account was changed.'),
  'account.token-created': security('account', 'A token that speaks for you was made.'),
  'account.webhook-added': security('account', 'A webhook was added to your account.'),
  'account.webhook-disabled': {
    concerned: 'account',
    byMail: true,
    summary: 'A webhook of yours was switched off, since nothing could be delivered for days.',
    isSecurity: true,
  },
  'review.waiting': moderators(false, 'Something waits for a moderator.'),
  'proposal.waiting': moderators(true, 'A verdict waits for a second moderator.'),
  'release.marked': developers(
    true,
    'The store found out something about releases of an app of yours, and marks them or takes them away for it.',
  ),
  'release.cleared': developers(false, 'What the store found out about releases of an app of yours is so no more.'),
  'standing.marked': moderators(
    true,
    'The standing watch found out something about releases, and marks them or takes them away for it.',
  ),
  'standing.cleared': moderators(false, 'What the standing watch found out about releases is so no more.'),
} as const satisfies Readonly<Record<string, Topic>>;

export type TopicName = keyof typeof topics;

export const topicNames = Object.keys(topics) as readonly TopicName[];

export function isTopic(text: string): text is TopicName {
  return Object.hasOwn(topics, text);
}

/** {@link Topic} of a name. */
export function topicNamed(name: TopicName): Topic {
  return topics[name];
}

/** What each kind of audit entry is told as. What is not here concerns nobody but who reads the log. */
const topicsOfKind: Readonly<Record<string, readonly TopicName[]>> = {
  'submission-accepted': ['submission.accepted'],
  'submission-held': ['submission.held', 'review.waiting'],
  'submission-refused': ['submission.refused'],
  'signing-request-requested': ['certificate.requested', 'review.waiting'],
  'signing-request-questioned': ['question.asked'],
  'signing-request-answered': ['answer.given', 'review.waiting'],
  'signing-request-declined': ['certificate.declined'],
  'certificate-issued': ['certificate.issued'],
  'certificate-revoked': ['certificate.revoked'],
  'certificate-ending': ['certificate.expiring'],
  'release-published': ['release.published'],
  'release-withdrawn': ['release.withdrawn'],
  'release-quarantined': ['release.quarantined', 'review.waiting'],
  'release-restored': ['release.restored'],
  'app-releases-marked': ['release.marked', 'standing.marked'],
  'app-releases-cleared': ['release.cleared', 'standing.cleared'],
  'app-key-exposed': ['key.exposed'],
  'app-owner-added': ['owners.changed'],
  'app-owner-removed': ['owners.changed'],
  'app-transferred': ['owners.changed'],
  'app-suspended': ['app.suspended'],
  'app-reinstated': ['app.reinstated'],
  'app-trust-level-changed': ['app.trust-level-changed'],
  'account-role-changed': ['account.role-changed'],
  'account-suspended': ['account.suspended'],
  'account-reinstated': ['account.reinstated'],
  'account-recovery-code-used': ['account.recovery-code-used'],
  'token-created': ['account.token-created'],
  'webhook-added': ['account.webhook-added'],
  'webhook-disabled': ['account.webhook-disabled'],
};

/** What kinds of entries about an account are, told by their beginning, since each has several endings: set, changed, removed. */
const topicsOfBeginning: readonly (readonly [beginning: string, topic: TopicName])[] = [
  ['account-password-', 'account.password-changed'],
  ['account-second-factor-', 'account.second-factor-changed'],
  ['account-identity-', 'account.identity-changed'],
  ['account-email-', 'account.email-changed'],
];

/** What an entry is told as, to whomever each topic concerns. */
export function topicsOfEntry({ kind, after }: AuditEntry): readonly TopicName[] {
  if (kind.startsWith('review-')) return topicsOfReview(kind, after?.['review'], after?.['internal'] === true);
  // Put there with its app, it comes back with it: nobody decides about it.
  if (kind === 'release-quarantined' && after?.['reasonCode'] === 'app-suspended') return ['release.quarantined'];
  const known = Object.hasOwn(topicsOfKind, kind) ? topicsOfKind[kind] : undefined;
  if (known !== undefined) return known;
  return topicsOfBeginning.filter(([beginning]) => kind.startsWith(beginning)).map(([, topic]) => topic);
}

/** What the public reports is between it and the moderators; of the others the developers hear what is not internal. */
function topicsOfReview(kind: string, review: unknown, internal: boolean): readonly TopicName[] {
  const isReport = review === 'report';
  const forDevelopers = !isReport && !internal;
  switch (kind) {
    case 'review-opened':
      return review === 'appeal' && forDevelopers ? ['appeal.opened', 'review.waiting'] : ['review.waiting'];
    case 'review-question':
      return forDevelopers ? ['question.asked'] : [];
    case 'review-answer':
      return forDevelopers ? ['answer.given', 'review.waiting'] : ['review.waiting'];
    case 'review-verdict':
      if (!forDevelopers) return [];
      return [review === 'appeal' ? 'appeal.decided' : 'review.decided'];
    case 'review-proposed':
      return ['proposal.waiting'];
    case 'review-objected':
      return ['review.waiting'];
    default:
      return [];
  }
}

/**
 * Whether a change of one release is part of what an entry about its app says of all of them: what the standing watch takes away
 * for what it found. The reason codes are the findings', and nobody else gives them.
 */
export function isToldOfItsApp({ kind, after }: AuditEntry): boolean {
  const code = after?.['reasonCode'];
  return (
    kind.startsWith('release-') && typeof code === 'string' && isStandingCode(code.toUpperCase().replaceAll('-', '_'))
  );
}
