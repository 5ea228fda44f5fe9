import type { AuditEntry } from '../database/audit-log.js';
import type { Bearings } from '../database/concerned-accounts.js';
import { topicNamed, type TopicName } from './topics.js';

/** What a mail about an entry says is taken from this, and from nothing else: never who decided. */
export interface Told {
  readonly topic: TopicName;
  readonly entry: AuditEntry;
  readonly bearings: Bearings;
  readonly baseUrl: string;
}

interface Words {
  /** The subject, and the first sentence. */
  readonly lead: (what: Names) => string;
  /** What to do now; empty where there is nothing. */
  readonly next: string;
}

/** What texts are made of; all of it of characters that need no care. */
interface Names {
  readonly app: string;
  /** `calendar 1.2.0`, or the app alone. */
  readonly release: string;
  readonly entry: AuditEntry;
}

const words = (lead: Words['lead'], next = ''): Words => ({ lead, next });

const texts: Readonly<Record<TopicName, Words>> = {
  'submission.accepted': words(({ release }) => `${release} was accepted`),
  'submission.held': words(
    ({ release }) => `${release} waits for a moderator`,
    'You need do nothing: you are told what is decided.',
  ),
  'submission.refused': words(
    ({ release }) => `${release} was refused`,
    'The report says why, and how to mend it. Then upload it again, or appeal from the same page.',
  ),
  'question.asked': words(({ release }) => `A moderator asks about ${release}`, 'Answer on the page below.'),
  'answer.given': words(({ release }) => `The question about ${release} was answered`),
  'review.decided': words(
    ({ release, entry }) => `${release}: ${verdictWords(entry)}`,
    'The page below says it in full, with what you can do now.',
  ),
  'appeal.opened': words(
    ({ release }) => `The refusal of ${release} was appealed`,
    'Another moderator than the one before looks at it. You are told what is decided.',
  ),
  'appeal.decided': words(
    ({ release, entry }) => `The appeal about ${release}: ${verdictWords(entry)}`,
    'The page below says it in full.',
  ),
  'release.published': words(
    ({ release }) => `${release} was published`,
    'If nobody of you meant that, withdraw the release and revoke the token it was uploaded with.',
  ),
  'release.withdrawn': words(({ release }) => `${release} was withdrawn`, 'Its version is never used again.'),
  'release.quarantined': words(
    ({ release }) => `${release} was put under quarantine`,
    'Nobody can install it until a moderator has looked at it.',
  ),
  'release.restored': words(({ release }) => `${release} is published again`),
  'certificate.requested': words(
    ({ app }) => `A certificate for ${app} was requested`,
    'If nobody of you did that, tell the store, and revoke the token it was requested with.',
  ),
  'certificate.declined': words(({ app }) => `The request for a certificate for ${app} was declined`),
  'certificate.issued': words(
    ({ app, entry }) => `A certificate for ${app} was issued${serialOf(entry)}`,
    'If nobody of you asked for it, revoke it at once.',
  ),
  'certificate.revoked': words(
    ({ app, entry }) => `A certificate of ${app} was revoked${serialOf(entry)}`,
    'Nothing new can be signed with it. Request another one before the next release.',
  ),
  'certificate.expiring': words(
    ({ app, entry }) =>
      `A certificate of ${app} ends on ${textOf(entry.after, 'notAfter').slice(0, 10)}${serialOf(entry)}`,
    'What is published stays as it is. Renew the certificate before you sign the next release.',
  ),
  'key.exposed': words(
    ({ app }) => `A private key of ${app} was found in an upload`,
    'Whoever has that archive has the key. Make a new key, request a certificate for it, and revoke the old one as compromised.',
  ),
  'owners.changed': words(
    ({ app, entry }) => ownerWords(app, entry),
    'If nobody of you meant that, tell the store at once.',
  ),
  'app.suspended': words(
    ({ app }) => `${app} was suspended`,
    'Its releases can not be installed, and none can be uploaded, until the store ends the suspension.',
  ),
  'app.reinstated': words(({ app }) => `The suspension of ${app} has ended`),
  'app.trust-level-changed': words(
    ({ app, entry }) => `The trust level of ${app} is now ${textOf(entry.after, 'trustLevel')}`,
    'The requirements of the app say what its next upload needs.',
  ),
  'account.role-changed': words(({ entry }) => `Your account is now a ${textOf(entry.after, 'role')}`),
  'account.suspended': words(
    () => 'Your account was suspended',
    'Nothing can be done with it or its tokens. Write to the store if you think that this is wrong.',
  ),
  'account.reinstated': words(() => 'The suspension of your account has ended'),
  'account.password-changed': words(
    () => 'The password of your account was changed',
    'If it was not you, ask the store for help at once.',
  ),
  'account.second-factor-changed': words(
    () => 'The second factor of your account was changed',
    'If it was not you, ask the store for help at once.',
  ),
  'account.identity-changed': words(
    () => 'The ways to sign in to your account were changed',
    'If it was not you, ask the store for help at once.',
  ),
  'account.email-changed': words(
    () => 'The e-mail address of your account was changed',
    'If it was not you, ask the store for help at once.',
  ),
  'account.recovery-code-used': words(
    () => 'Somebody signed in to your account with a recovery code',
    'If it was not you, ask the store for help at once.',
  ),
  'account.token-created': words(
    () => 'A token that speaks for you was made',
    'If it was not you, revoke it, and change your password.',
  ),
  'account.webhook-added': words(
    () => 'A webhook was added to your account',
    'If it was not you, remove it, and change your password.',
  ),
  'account.webhook-disabled': words(
    () => 'A webhook of yours was switched off',
    'Nothing could be delivered to it for days. Mend the receiver, then switch the webhook on again.',
  ),
  'review.waiting': words(({ release }) => `${release} waits for a moderator`),
  'proposal.waiting': words(
    ({ release }) => `A verdict on ${release} waits for a second moderator`,
    'Agree or object on the page below.',
  ),
  'release.marked': words(
    (names) => markedWords(names),
    'What is only marked stays published: the store says of it what is said above, so that whoever installs it knows.',
  ),
  'release.cleared': words(
    (names) => `Releases of ${names.app} are marked no more${versionsOf(names)}`,
    'What was put under quarantine stays there until a moderator restores it.',
  ),
  'standing.marked': words((names) => markedWords(names)),
  'standing.cleared': words(
    (names) => `Releases of ${names.app} are marked no more${versionsOf(names)}`,
    'What was put under quarantine for it stays there until a moderator restores it.',
  ),
};

const MAX_REASON = 4_000;

/** The subject of a mail about an entry. */
export function subjectOf(told: Told): string {
  return texts[told.topic].lead(namesOf(told));
}

/** The text of a mail about an entry, to an account. */
export function bodyOf(told: Told, accountName: string): string {
  const { topic, entry, baseUrl } = told;
  const { lead, next } = texts[topic];
  const reason = entry.reason.trim().slice(0, MAX_REASON);
  const why = reason === '' ? '' : `\n${reason.replace(/^/gm, '  ')}\n`;
  const link = linkOf(told);
  return `${lead(namesOf(told))}.
${why}${next === '' ? '' : `\n${next}\n`}${link === null ? '' : `\nSee ${link}\n`}
--
Sent by the app store at ${baseUrl} to the account ${accountName}. What you are
told by mail you choose at ${baseUrl}/console/notifications
`;
}

/** The page about an entry: for moderators the review, for others the submission; null where there is none. */
export function linkOf({ topic, bearings, baseUrl }: Omit<Told, 'entry'>): string | null {
  const { submissionId, reviewId } = bearings;
  if (topicNamed(topic).concerned === 'moderators') {
    return reviewId === null ? `${baseUrl}/console/reviews` : `${baseUrl}/console/reviews/${reviewId}`;
  }
  return submissionId === null ? null : `${baseUrl}/console/submissions/${submissionId}`;
}

function namesOf({ entry, bearings }: Told): Names {
  const app = entry.app ?? 'the app';
  const { version } = bearings;
  return { app, release: version === null ? app : `${app} ${version}`, entry };
}

/** A verdict is in the reviews' words, which go after "was". */
function verdictWords({ after }: AuditEntry): string {
  const verdict = textOf(after, 'verdict');
  return verdict === '' ? 'a moderator has decided' : `the verdict is "${verdict}"`;
}

function serialOf({ subject }: AuditEntry): string {
  return subject.type === 'certificate' ? `, serial ${subject.id}` : '';
}

function markedWords(names: Names): string {
  const became = textOf(names.entry.after, 'became');
  const takenAway = became === 'withdrawn' ? 'were withdrawn' : 'were put under quarantine';
  return `Releases of ${names.app} ${became === '' ? 'are marked' : takenAway}${versionsOf(names)}`;
}

const MAX_VERSIONS = 5;

function versionsOf({ entry }: Names): string {
  const { versions, codes } = entry.after ?? {};
  const all = Array.isArray(versions) ? versions.filter((each) => typeof each === 'string') : [];
  const more = all.length > MAX_VERSIONS ? ` and ${all.length - MAX_VERSIONS} more` : '';
  const code = Array.isArray(codes) ? codes.filter((each) => typeof each === 'string').join(', ') : '';
  return all.length === 0 ? '' : `: ${all.slice(0, MAX_VERSIONS).join(', ')}${more} (${code})`;
}

function ownerWords(app: string, { kind, after }: AuditEntry): string {
  const owner = textOf(after, 'owner');
  if (kind === 'app-owner-added') return `${owner} is now an owner of ${app}`;
  if (kind === 'app-owner-removed') return `${owner} is no owner of ${app} any more`;
  return owner === '' ? `${app} has another owner` : `${app} was transferred to ${owner}`;
}

function textOf(facts: AuditEntry['after'], name: string): string {
  const value = facts?.[name];
  return typeof value === 'string' ? value : '';
}
