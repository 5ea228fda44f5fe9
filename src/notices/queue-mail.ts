import type { MailSettings } from '../config.js';
import type { Queryable } from '../database/connect.js';
import { insertMail } from '../database/outgoing-mail.js';
import { isMailAddress, MAX_MAIL_RECIPIENTS } from '../mail-address.js';
import { printable, printableLines } from '../report/printable.js';

/** Something to be said by mail. */
export interface Notice {
  /** What it is about, such as `certificate-ends:SERIAL:30`. Of one topic one mail is sent, ever, by whatever replica. */
  readonly topic: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  /** Plain text; lines end with \n. */
  readonly body: string;
  readonly at: Date;
}

const MAX_TOPIC = 300;
const MAX_SUBJECT = 200;
const MAX_LINE = 900;

/**
 * Has mail sent, soon after the transaction of `db` has committed and not without it. Nothing is queued where the store
 * sends no mail, where none of the recipients is an address, or where there was mail of the same topic before.
 *
 * @param mail the store's settings; null where it sends none
 * @returns whether it was queued
 */
export async function queueMail(db: Queryable, mail: MailSettings | null, notice: Notice): Promise<boolean> {
  if (mail === null) return false;
  const recipients = [...new Set(notice.recipients.filter(isMailAddress))].slice(0, MAX_MAIL_RECIPIENTS);
  if (recipients.length === 0) return false;
  return insertMail(db, {
    topic: printable(notice.topic, MAX_TOPIC),
    recipients,
    subject: printable(notice.subject, MAX_SUBJECT),
    body: printableLines(notice.body, MAX_LINE),
    at: notice.at,
  });
}
