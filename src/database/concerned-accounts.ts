import type { AccountRole } from './accounts.js';
import type { AuditEntry, AuditFacts } from './audit-log.js';
import type { Queryable } from './connect.js';

/*
 * Whom an audit entry concerns. It may be read long after it was written: who owned the app then is who owns it now, but for
 * what the log says has changed since. One statement each, so that both are of one moment.
 */

/** Somebody who may be told. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly email: string | null;
  readonly role: AccountRole;
  readonly isSuspended: boolean;
}

const PERSON = `accounts.id, accounts.name, accounts.email, accounts.role, accounts.suspended_at IS NOT NULL AS "isSuspended"`;

const OWNER_KINDS = ['app-claimed', 'app-owner-added', 'app-owner-removed', 'app-transferred'];

/** The owners of an app when the entry at `position` was written. */
export async function listOwnersAt(db: Queryable, appId: string, position: number): Promise<readonly string[]> {
  const { rows } = await db.query<{ owners: string[]; later: Pick<AuditEntry, 'kind' | 'after'>[] }>(
    `SELECT
       ARRAY(SELECT accounts.name FROM app_owners JOIN accounts ON accounts.id = app_owners.account_id
             WHERE app_owners.app_id = $1) AS owners,
       coalesce((SELECT jsonb_agg(entry::jsonb ORDER BY position DESC) FROM audit_log
                 WHERE app_id = $1 AND position > $2 AND kind = ANY($3::text[])), '[]') AS later`,
    [appId, position, OWNER_KINDS],
  );
  const [found] = rows;
  const owners = new Set(found?.owners);
  for (const { kind, after } of found?.later ?? []) {
    const owner = after?.['owner'];
    if (typeof owner === 'string') {
      if (kind === 'app-owner-removed') owners.add(owner);
      else owners.delete(owner);
    }
    for (const former of formerOwners(after)) owners.add(former);
  }
  return [...owners];
}

/** Who owned an app before it was transferred, as the entry of that has it. */
export function formerOwners(after: AuditFacts | null): readonly string[] {
  const names = after?.['formerOwners'];
  return typeof names === 'string' ? names.split(', ').filter((name) => name !== '') : [];
}

/** Those of the accounts with one of these roles who had one of them already when the entry at `position` was written. */
export async function listPeopleInRole(
  db: Queryable,
  roles: readonly AccountRole[],
  position: number,
): Promise<readonly Person[]> {
  const { rows } = await db.query<Person>(
    `SELECT ${PERSON} FROM accounts
     WHERE role = ANY($1::text[]) AND NOT EXISTS (
       SELECT 1 FROM audit_log
       WHERE subject_type = 'account' AND subject_id = accounts.name AND position > $2
         AND (kind = 'account-created'
              OR (kind = 'account-role-changed' AND entry::jsonb -> 'before' ->> 'role' <> ALL($1::text[]))))
     ORDER BY accounts.id`,
    [roles, position],
  );
  return rows;
}

/** The accounts with these names. */
export async function listPeopleNamed(db: Queryable, names: readonly string[]): Promise<readonly Person[]> {
  const { rows } = await db.query<Person>(
    `SELECT ${PERSON} FROM accounts WHERE name = ANY($1::text[]) ORDER BY accounts.id`,
    [names],
  );
  return rows;
}

/** What else stands in the database about an entry. */
export interface Bearings {
  /** Who made the submission or the request; null where nobody did, or it isn't known. */
  readonly submitter: string | null;
  readonly submissionId: string | null;
  readonly reviewId: string | null;
  readonly version: string | null;
  /** Whom the applicant named to be written to; null where there is nobody, or nobody was written to. */
  readonly contact: string | null;
}

const nameOf = (id: string): string => `(SELECT name FROM accounts WHERE accounts.id = ${id})`;
const reviewWhere = (condition: string): string =>
  `(SELECT reviews.id FROM reviews WHERE ${condition} ORDER BY opened_at DESC, reviews.id DESC LIMIT 1)`;

/** By the type of the subject; $1 is its id. */
const BEARINGS: Readonly<Record<string, string>> = {
  submission: `SELECT ${nameOf('account_id')} AS submitter, id AS "submissionId",
      ${reviewWhere('submission_id = submissions.id')} AS "reviewId", version, NULL AS contact
    FROM submissions WHERE id = $1::uuid`,
  // Neither an app's id nor a version holds an @.
  release: `SELECT NULL AS submitter, submission_id AS "submissionId",
      ${reviewWhere(`kind = 'quarantine' AND reviews.app_id = releases.app_id AND reviews.version = releases.version`)} AS "reviewId",
      version, NULL AS contact
    FROM releases WHERE app_id = split_part($1, '@', 1) AND version = split_part($1, '@', 2)`,
  review: `SELECT coalesce(${nameOf('submissions.account_id')}, ${nameOf('signing_requests.account_id')}) AS submitter,
      reviews.submission_id AS "submissionId", reviews.id AS "reviewId", reviews.version, NULL AS contact
    FROM reviews LEFT JOIN submissions ON submissions.id = reviews.submission_id
      LEFT JOIN signing_requests ON signing_requests.id = reviews.request_id
    WHERE reviews.id = $1::uuid`,
  'signing-request': `SELECT ${nameOf('account_id')} AS submitter, NULL AS "submissionId",
      ${reviewWhere('request_id = signing_requests.id')} AS "reviewId", NULL AS version, contact
    FROM signing_requests WHERE id = $1::uuid`,
  certificate: `SELECT ${nameOf('signing_requests.account_id')} AS submitter, NULL AS "submissionId", NULL AS "reviewId",
      NULL AS version, certificates.contact
    FROM certificates LEFT JOIN signing_requests ON signing_requests.id = certificates.request_id
    WHERE certificates.serial = $1`,
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const NOTHING: Bearings = { submitter: null, submissionId: null, reviewId: null, version: null, contact: null };

/** {@link Bearings} of an entry, as far as there are any. */
export async function findBearings(db: Queryable, { subject }: Pick<AuditEntry, 'subject'>): Promise<Bearings> {
  const sql = Object.hasOwn(BEARINGS, subject.type) ? BEARINGS[subject.type] : undefined;
  if (sql === undefined || (sql.includes('$1::uuid') && !UUID.test(subject.id))) return NOTHING;
  const { rows } = await db.query<Bearings>(sql, [subject.id]);
  return rows[0] ?? NOTHING;
}
