import { randomUUID } from 'node:crypto';
import { insertUsedOverride } from '../database/overrides.js';
import { isLiftable } from '../policy/decide.js';
import { catalogue, type FindingCode } from '../report/catalogue.js';
import { RequestError } from '../request-error.js';
import type { FreshLook } from './look-again.js';
import { proposalEnd } from './second-person.js';

/**
 * The codes that a moderator names, where each can be lifted.
 *
 * @throws RequestError `NOT_LIFTABLE`: rules of the mission, and faults of an archive or a signature, are lifted by nobody;
 *   `INVALID_REQUEST` for what is no code
 */
export function requireLiftable(codes: readonly string[]): readonly FindingCode[] {
  const known = codes.filter((code): code is FindingCode => Object.hasOwn(catalogue, code));
  const [unknown] = codes.filter((code) => !(known as readonly string[]).includes(code));
  if (unknown !== undefined) throw new RequestError('INVALID_REQUEST', 'One of the codes is none of a finding.');
  const fixed = known.filter((code) => !isLiftable(code));
  if (fixed.length === 0) return [...new Set(known)];
  throw new RequestError('NOT_LIFTABLE', `Nobody lifts ${fixed.join(', ')} for an upload.`, { codes: fixed });
}

/** Who lifts what, and why. */
export interface Override {
  readonly codes: readonly FindingCode[];
  readonly reason: string;
  readonly grantedBy: number;
  readonly secondedBy: number | null;
  readonly grantedAt: Date;
}

/**
 * Writes down that rules were lifted for these very bytes. Nothing is where nothing was lifted.
 *
 * @returns the id of the override
 */
export async function recordOverride(
  { tx, submission, review, at }: FreshLook,
  override: Override,
): Promise<string | null> {
  if (override.codes.length === 0) return null;
  const id = randomUUID();
  await insertUsedOverride(tx, {
    ...override,
    id,
    appId: submission.appId,
    archiveSha256: submission.archiveSha256,
    reviewId: review.id,
    expiresAt: proposalEnd(override.grantedAt),
    usedAt: at,
    usedFor: submission.id,
  });
  return id;
}
