import type { FindingList } from '../report/finding-list.js';
import type { Limits } from './limits.js';

/**
 * The limit on time, from this moment on.
 *
 * @param now milliseconds on a clock that never goes back
 * @returns whether there is time left; adds ARCHIVE_TIMEOUT when it first says no
 */
export function deadline(limits: Limits, now: () => number, findings: FindingList): () => boolean {
  const end = now() + limits.inspectionMs;
  return () => {
    if (now() <= end) return true;
    if (!findings.has('ARCHIVE_TIMEOUT')) findings.add('ARCHIVE_TIMEOUT', { expected: `${limits.inspectionMs} ms` });
    return false;
  };
}
