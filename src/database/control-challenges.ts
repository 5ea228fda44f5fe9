import type { Queryable, Transaction } from './connect.js';

export type ChallengeOutcome = 'proven' | 'not-proven';

/** A one-time value that proves control of a declared repository or website, and what became of it. */
export interface ControlChallengeRow {
  readonly id: string;
  readonly requestId: string;
  readonly declaredUrl: string;
  /** What has to be published. For the applicant and moderators only. */
  readonly value: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** When it was looked for last; null, with the outcome, where it never was. */
  readonly checkedAt: Date | null;
  readonly outcome: ChallengeOutcome | null;
  /** What was found, for people. */
  readonly detail: string;
  /** Where it was found; null where it was not. */
  readonly provenUrl: string | null;
}

const COLUMNS = `id, request_id AS "requestId", declared_url AS "declaredUrl", value, created_at AS "createdAt",
  expires_at AS "expiresAt", checked_at AS "checkedAt", outcome, detail, proven_url AS "provenUrl"`;

/** Adds a challenge, which from now on is the request's newest. */
export async function insertControlChallenge(
  tx: Transaction,
  row: Pick<ControlChallengeRow, 'id' | 'requestId' | 'declaredUrl' | 'value' | 'createdAt' | 'expiresAt'>,
): Promise<void> {
  await tx.query(
    `INSERT INTO control_challenges (id, request_id, declared_url, value, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [row.id, row.requestId, row.declaredUrl, row.value, row.createdAt, row.expiresAt],
  );
}

/** The challenges of a request, the newest last. The caller has locked the request where the newest must stay so. */
export async function listControlChallenges(db: Queryable, requestId: string): Promise<readonly ControlChallengeRow[]> {
  const { rows } = await db.query<ControlChallengeRow>(
    `SELECT ${COLUMNS} FROM control_challenges WHERE request_id = $1 ORDER BY created_at, id`,
    [requestId],
  );
  return rows;
}

/** Writes down what came of looking for the value. What is proven stays. */
export async function setChallengeOutcome(
  tx: Transaction,
  challenge: Pick<ControlChallengeRow, 'id' | 'outcome' | 'detail' | 'provenUrl'> & { readonly checkedAt: Date },
): Promise<void> {
  await tx.query(
    `UPDATE control_challenges SET checked_at = $2, outcome = $3, detail = $4, proven_url = $5
     WHERE id = $1 AND outcome IS DISTINCT FROM 'proven'`,
    [challenge.id, challenge.checkedAt, challenge.outcome, challenge.detail, challenge.provenUrl],
  );
}
