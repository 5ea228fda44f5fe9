import { addAbortSignal } from 'node:stream';
import { readArchive } from '../archive/read-archive.js';
import type { Queryable } from '../database/connect.js';
import { findLeafDer } from '../database/signer-chains.js';
import { listReleasesSignedBy, findRelease, type ReleaseRow } from '../database/releases.js';
import type { Gate } from '../gate.js';
import { withStoredArchive } from '../moderation/stored-archive.js';
import { parseCertificate } from '../pki/certificate.js';
import { CORE_APP_ID } from '../releases/inspect-upload.js';
import { SIGNATURE_PATH } from '../signature/manifest.js';
import { parseSignatureFile } from '../signature/signature-file.js';
import type { ArchiveStore } from '../storage/archive-store.js';
import { withinTime } from './within-time.js';

/** What reading a chain from an archive needs of the gate. */
export type ChainParts = Pick<Gate, 'database' | 'archives' | 'temporaryFolder' | 'limits' | 'log'>;

/** As many as are kept. */
const MAX_CERTIFICATES = 10;
/** A storage that hangs must not hold up the other signers for ever. */
const TIMEOUT_MS = 60_000;

/**
 * The certificates of a signer whose releases are older than the records of them: from the store's own ledger, or else from the
 * signature file of an archive that it signed.
 *
 * @param stop says that nobody waits any more
 * @throws RequestError `UNAVAILABLE` where the storage doesn't have the archive; Error where the signature file has another signer,
 *   or the storage takes longer than a minute
 */
export async function readSignerChain(
  parts: ChainParts,
  fingerprint: string,
  stop?: AbortSignal,
): Promise<readonly Buffer[]> {
  const own = await findLeafDer(parts.database, fingerprint);
  if (own !== null) return [own];
  const release = await findReleaseBy(parts.database, fingerprint);
  const certificates = await withinTime(TIMEOUT_MS, stop, (signal) =>
    readFromArchive({ ...parts, archives: until(signal, parts.archives) }, release),
  );
  const [leaf] = certificates;
  if (leaf === undefined || parseCertificate(leaf).fingerprint !== fingerprint) {
    throw new Error(`The archive of ${release.appId} ${release.version} has another signer than its release`);
  }
  return certificates;
}

/** The same storage, whose archives break off at the signal. */
function until(signal: AbortSignal, archives: ArchiveStore): ArchiveStore {
  return {
    ...archives,
    async open(sha256, range) {
      const stored = await archives.open(sha256, range);
      return stored === null ? null : addAbortSignal(signal, stored);
    },
  };
}

async function findReleaseBy(db: Queryable, fingerprint: string): Promise<ReleaseRow> {
  const signed = await listReleasesSignedBy(db, fingerprint);
  const newest = signed.findLast(({ status }) => status === 'published') ?? signed.at(-1);
  const release = newest === undefined ? null : await findRelease(db, newest.appId, newest.version);
  if (release === null) throw new Error('A signer without a release');
  return release;
}

async function readFromArchive(
  parts: ChainParts,
  { appId, archiveSha256, archiveBytes }: ReleaseRow,
): Promise<readonly Buffer[]> {
  const { limits } = parts;
  const path = SIGNATURE_PATH[appId === CORE_APP_ID ? 'core' : 'app'];
  const bytes = await withStoredArchive(
    parts,
    { purpose: 'reading', accountId: null },
    archiveSha256,
    (zip) =>
      readArchive(zip, { limits, sha256: archiveSha256 }, ({ contents }) =>
        contents.read(path, limits.signatureFileBytes),
      ),
    archiveBytes,
  );
  const file = bytes === null ? null : parseSignatureFile(bytes, limits.entries).file;
  if (file === null) return [];
  const pems = file.format === 1 ? [file.certificate] : [file.leaf, ...file.chain];
  return pems.slice(0, MAX_CERTIFICATES).map((pem) => parseCertificate(pem).der);
}
