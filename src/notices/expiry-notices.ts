import { ensureSystemAccount } from '../accounts/system-account.js';
import { isNearEnd } from '../authority/expiry.js';
import type { MailSettings } from '../config.js';
import { lockApp } from '../database/apps.js';
import { appendAuditEntry, listAuditEntries, parseAuditEntry } from '../database/audit-log.js';
import { listCertificatesEnding } from '../database/certificates.js';
import type { CertificateSummary } from '../database/certificates.js';
import { inTransaction, type Database } from '../database/connect.js';
import { renewalWords, shortDate } from './notice-texts.js';
import { queueMail } from './queue-mail.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How many days before its end the people behind a certificate are told, the sooner first. */
const NOTICE_DAYS = [7, 30] as const;

/** What notices about certificates need of the gate. */
export interface CertificateNoticeParts {
  readonly database: Database;
  readonly now: () => Date;
  readonly baseUrl: string;
  /** Null where the store sends no mail. */
  readonly mail: MailSettings | null;
}

/**
 * Writes to the contacts of certificates that end soon: thirty days before, and seven; and puts it into the audit log, from
 * which the owners of the app are told as they choose. For a timer to call at least daily, on
 * every replica; each notice is queued once. Certificates that live for days only are spoken of in their last third.
 *
 * @returns how many were queued
 */
export async function queueCertificateNotices(parts: CertificateNoticeParts): Promise<number> {
  const at = parts.now();
  const [, furthest] = NOTICE_DAYS;
  const ending = await listCertificatesEnding(parts.database, {
    from: at,
    to: new Date(at.getTime() + furthest * DAY_MS),
  });
  let queued = 0;
  for (const certificate of ending) {
    if (await queueNotice(parts, certificate, at)) queued += 1;
  }
  return queued;
}

async function queueNotice(parts: CertificateNoticeParts, certificate: CertificateSummary, at: Date): Promise<boolean> {
  const { appId, serial, contact, notBefore, notAfter, issuedAt } = certificate;
  const from = notBefore ?? issuedAt;
  if (notAfter === null || from === null) return false;
  const days = NOTICE_DAYS.find((each) => isNearEnd({ from, to: notAfter }, at, each));
  if (days === undefined) return false;
  await recordEnding(parts.database, { appId, serial, days, notAfter });
  if (contact === null) return false;
  return queueMail(parts.database, parts.mail, {
    topic: `certificate-ends:${serial}:${days}`,
    recipients: [contact],
    subject: `The certificate of ${appId} ends on ${shortDate(notAfter)}`,
    body: renewalWords(certificate, notAfter, parts.baseUrl),
    at,
  });
}

/** Puts it into the audit log that a certificate ends, once for each number of days. */
async function recordEnding(
  database: Database,
  { appId, serial, days, notAfter }: { appId: string; serial: string; days: number; notAfter: Date },
): Promise<void> {
  const subject = { type: 'certificate', id: serial } as const;
  const kind = 'certificate-ending';
  await inTransaction(database, async (tx) => {
    await lockApp(tx, appId);
    const said = await listAuditEntries(tx, { kind, subject, before: null, limit: NOTICE_DAYS.length });
    if (said.some((row) => parseAuditEntry(row).after?.['days'] === days)) return;
    const { id: accountId } = await ensureSystemAccount(tx);
    const after = { days, notAfter: notAfter.toISOString() };
    await appendAuditEntry(tx, { kind, accountId, appId, subject, reason: '', after });
  });
}
