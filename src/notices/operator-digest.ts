import { createHash } from 'node:crypto';
import { authorityLists, isNearEnd, isOwnAuthority, trustedAuthorities } from '../authority/expiry.js';
import type { MailSettings } from '../config.js';
import { findLastAuditEntry, parseAuditEntry } from '../database/audit-log.js';
import { listCertificatesEnding } from '../database/certificates.js';
import { inTransaction, type Database, type Queryable } from '../database/connect.js';
import { listFetchedRevocationLists } from '../database/fetched-revocation-lists.js';
import { findLastTopic, lockDigest } from '../database/outgoing-mail.js';
import type { Trust } from '../pki/trust.js';
import { HELD_BACK } from '../storefront/watch-brake.js';
import { shortDate } from './notice-texts.js';
import { queueMail } from './queue-mail.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_LISTED = 100;
const TOPIC = 'operators:';

/** What the digest needs of the gate. */
export interface DigestParts {
  readonly database: Database;
  readonly now: () => Date;
  readonly baseUrl: string;
  /** Null where the store sends no mail. */
  readonly mail: MailSettings | null;
  readonly trust: { current(db?: Queryable): Promise<Trust> };
  readonly expiryNoticeDays: number;
  readonly revocationListUrls: readonly string[];
}

/** Something that the operators should see to. */
interface Matter {
  /** The same for as long as there is nothing new to say of it. */
  readonly key: string;
  readonly words: string;
}

/**
 * Writes to the operators what ends soon, is overdue or fails: authorities and their revocation lists, lists that can't be
 * fetched, developers' certificates. At most once a day, and only when something has changed since the last time. For a timer
 * to call every hour, on every replica.
 *
 * @returns whether a mail was queued
 */
export async function queueOperatorDigest(parts: DigestParts): Promise<boolean> {
  const { mail } = parts;
  if (mail === null || mail.to.length === 0) return false;
  const at = parts.now();
  const trust = await parts.trust.current();
  return inTransaction(parts.database, async (tx) => {
    await lockDigest(tx);
    const last = await findLastTopic(tx, TOPIC);
    if (last !== null && at.getTime() - last.createdAt.getTime() < DAY_MS) return false;
    const sections = [
      { title: 'Authorities', matters: authorityMatters(trust, at, parts.expiryNoticeDays) },
      { title: 'Revocation lists', matters: listMatters(trust, at, parts.expiryNoticeDays) },
      { title: 'Revocation lists that could not be fetched', matters: await fetchMatters(tx, parts, at) },
      { title: 'Stored archives', matters: await heldBackMatters(tx, at, 'archives') },
      { title: 'Signers of releases', matters: await heldBackMatters(tx, at, 'signers') },
      { title: "Developers' certificates", matters: await leafMatters(tx, at, parts.expiryNoticeDays) },
    ].filter(({ matters }) => matters.length > 0);
    if (sections.length === 0) return false;
    const keys = sections.flatMap(({ matters }) => matters.map(({ key }) => key));
    const digest = createHash('sha256').update(keys.join('\n')).digest('hex').slice(0, 32);
    if (last?.topic.endsWith(`:${digest}`) === true) return false;
    return queueMail(tx, mail, {
      topic: `${TOPIC}${at.toISOString()}:${digest}`,
      recipients: mail.to,
      subject: `Portcullis: ${keys.length === 1 ? 'one thing needs' : `${keys.length} things need`} your attention`,
      body: `${sections.map(section).join('\n')}\n--\nSent by the app store at ${parts.baseUrl}\n`,
      at,
    });
  });
}

function section({ title, matters }: { readonly title: string; readonly matters: readonly Matter[] }): string {
  const rest = matters.length - MAX_LISTED;
  const lines = matters.slice(0, MAX_LISTED).map(({ words }) => `* ${words}\n`);
  return `${title}\n\n${lines.join('')}${rest > 0 ? `* and ${rest} more\n` : ''}`;
}

/** How near an end is: each stage is worth a word of its own. */
function stageOf(end: Date, at: Date): string {
  if (end <= at) return 'past';
  return end.getTime() - at.getTime() <= 7 * DAY_MS ? 'week' : 'soon';
}

function authorityMatters(trust: Trust, at: Date, noticeDays: number): readonly Matter[] {
  return trustedAuthorities(trust)
    .filter((authority) => isNearEnd(authority, at, noticeDays))
    .map(({ kind, certificate, to }) => ({
      key: `authority ${certificate.fingerprint} ${stageOf(to, at)}`,
      words: `The ${kind} ${certificate.subject} ${to <= at ? 'ended' : 'ends'} on ${shortDate(to)}.`,
    }));
}

function listMatters(trust: Trust, at: Date, noticeDays: number): readonly Matter[] {
  const { maxListAgeMs } = trust;
  return authorityLists(trust).flatMap(({ issuer, newest, thisUpdate, from, to }) => {
    const key = `list ${issuer.publicKeyFingerprint} ${newest.thisUpdate.toISOString()}`;
    const made = thisUpdate.toISOString();
    if (isNearEnd({ from, to }, at, noticeDays)) {
      const words = `The list of ${issuer.subject} ${to <= at ? 'was' : 'is'} to be renewed by ${to.toISOString()}.`;
      return [{ key: `${key} ${stageOf(to, at)}`, words }];
    }
    const isOld = maxListAgeMs !== null && thisUpdate.getTime() + maxListAgeMs < at.getTime();
    if (isOld && !isOwnAuthority(issuer, trust)) {
      return [{ key: `${key} old`, words: `The newest list of ${issuer.subject} is old: it was made on ${made}.` }];
    }
    return [];
  });
}

/** A list that could not be had for a day, or never. */
async function fetchMatters(db: Queryable, parts: DigestParts, at: Date): Promise<readonly Matter[]> {
  const rows = await listFetchedRevocationLists(db, parts.revocationListUrls);
  return rows.flatMap(({ url, failure, fetchedAt }) => {
    if (failure === null || (fetchedAt !== null && at.getTime() - fetchedAt.getTime() < DAY_MS)) return [];
    const since = fetchedAt === null ? 'never' : `not since ${fetchedAt.toISOString()}`;
    return [{ key: `fetch ${url} ${since}`, words: `${url}, ${since}: ${failure}` }];
  });
}

/** That the standing watch held itself back, for as long as that is news. */
async function heldBackMatters(db: Queryable, at: Date, what: keyof typeof HELD_BACK): Promise<readonly Matter[]> {
  const last = await findLastAuditEntry(db, HELD_BACK[what]);
  if (last === null) return [];
  const { releases, looked, noticedAt } = parseAuditEntry(last).after ?? {};
  if (typeof noticedAt !== 'string' || at.getTime() - Date.parse(noticedAt) > 2 * DAY_MS) return [];
  const share = `${String(releases)} of ${String(looked)}`;
  const words = {
    archives: `${share} stored archives that were looked at on ${noticedAt} are missing or changed. Nothing was done about their releases: see to the storage.`,
    signers: `${share} signers that were judged on ${noticedAt} are trusted no more. Nothing was done about their releases: see to the trust folder.`,
  }[what];
  return [{ key: `${what} ${last.position}`, words }];
}

async function leafMatters(db: Queryable, at: Date, noticeDays: number): Promise<readonly Matter[]> {
  const to = new Date(at.getTime() + noticeDays * DAY_MS);
  const ending = await listCertificatesEnding(db, { from: at, to });
  return ending.flatMap(({ appId, serial, notBefore, issuedAt, notAfter }) => {
    const from = notBefore ?? issuedAt;
    if (notAfter === null || from === null || !isNearEnd({ from, to: notAfter }, at, noticeDays)) return [];
    const words = `${appId}, serial ${serial}, ends on ${shortDate(notAfter)}.`;
    return [{ key: `leaf ${serial} ${stageOf(notAfter, at)}`, words }];
  });
}
