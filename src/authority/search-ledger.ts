import { isAppId } from '../app/app-id.js';
import {
  findCertificate,
  listCertificatesEnding,
  type CertificateStatus,
  type CertificateSummary,
} from '../database/certificates.js';
import type { AuthorityParts } from './authority-parts.js';
import { normalizeSerial, readLedgerPage, statusOfCertificate } from './read-ledger.js';
import { requireStoreAuthority } from './store-authority.js';

/** Which certificates are wanted: those that stand so, or that count and end soon; null: any. */
export type LedgerStanding = CertificateStatus | 'expiring';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The first to end; those after them come when these are dealt with. */
const MAX_ENDING = 500;

/**
 * Certificates of the ledger, the newest first, those that end soon by their end.
 *
 * @param query.q an app id or a serial, as openssl prints it; null: all
 * @returns `next`: the serial after which the next page begins; null where there is none
 * @throws RequestError `NO_AUTHORITY` where the store issues no certificates; `INVALID_REQUEST` where `after` is none of them
 */
export async function searchLedger(
  parts: Pick<AuthorityParts, 'database' | 'now'>,
  query: {
    readonly q: string | null;
    readonly standing: LedgerStanding | null;
    readonly days: number;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<{ readonly certificates: readonly CertificateSummary[]; readonly next: string | null }> {
  const { database, now } = parts;
  await requireStoreAuthority(database);
  const { q, standing, after, limit } = query;
  const serial = q === null ? null : normalizeSerial(q);
  const named = serial === null ? null : await findCertificate(database, serial);
  const isMeant = (row: CertificateSummary): boolean => q === null || row.appId === q || row.serial === serial;
  if (standing === 'expiring') {
    const from = now();
    const ending = await listCertificatesEnding(database, { from, to: new Date(from.getTime() + query.days * DAY_MS) });
    return { certificates: ending.filter(isMeant).slice(0, MAX_ENDING), next: null };
  }
  if (named !== null) {
    const fits = standing === null || statusOfCertificate(named, now()) === standing;
    return { certificates: fits ? [named] : [], next: null };
  }
  if (q !== null && !isAppId(q)) return { certificates: [], next: null };
  const found = await readLedgerPage(parts, { appId: q, status: standing, after, limit: limit + 1 });
  const certificates = found.slice(0, limit);
  return { certificates, next: found.length > limit ? (certificates.at(-1)?.serial ?? null) : null };
}
