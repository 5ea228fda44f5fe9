import { createHash } from 'node:crypto';
import { readAuthorityState } from '../database/authority-state.js';
import type { Database } from '../database/connect.js';
import { listNewestRevocationLists } from '../database/revocation-lists.js';
import { writePem } from '../pki/pem.js';
import { RequestError } from '../request-error.js';
import { certificateOfKey, issuingCertificate, publishedName, readStoreAuthority } from './store-authority.js';

/** The name under which the certificate that issues now is published, whichever key it is over. */
const ISSUING = 'intermediate';

/** The bytes of a file, and their SHA-256 in lower-case hex. */
export interface PublishedFile {
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** A revocation list in both forms that it is published in. */
export interface PublishedList {
  readonly der: PublishedFile;
  readonly pem: PublishedFile;
  readonly nextUpdate: Date;
}

/** Everything that the authority publishes, by name: as little as it has keys. */
interface Published {
  /** In PEM. */
  readonly certificates: ReadonlyMap<string, PublishedFile>;
  readonly lists: ReadonlyMap<string, PublishedList>;
}

/** What is published as of a change; null where the store has no authority. */
interface Memory {
  /** Of the state of the authority's history that it is of. */
  readonly stamp: string;
  readonly published: Promise<Published | null>;
}

/**
 * It only spares work, since verifiers come every few minutes for lists that may be long: Postgres is asked every time whether
 * anything changed.
 */
const memories = new WeakMap<Database, Memory>();

/**
 * A certificate of the store's authority by the name it is published under: `root`, `developers`, `developers-2` and
 * so on, and `intermediate` for the one that issues now. Of several over one key it is the one that ends last.
 *
 * @throws RequestError `NO_AUTHORITY` where the store has none, `NOT_FOUND` where it has none of this name
 */
export async function readPublishedCertificate(database: Database, name: string): Promise<PublishedFile> {
  const certificate = (await recall(database)).certificates.get(name);
  if (certificate !== undefined) return certificate;
  throw new RequestError('NOT_FOUND', "The store's authority has no certificate of this name.");
}

/**
 * The newest revocation list of a key of the store's authority, by the name it is published under.
 *
 * @throws RequestError `NO_AUTHORITY` where the store has none, `NOT_FOUND` where it has no list of this name
 */
export async function readPublishedList(database: Database, name: string): Promise<PublishedList> {
  const list = (await recall(database)).lists.get(name);
  if (list !== undefined) return list;
  throw new RequestError('NOT_FOUND', "The store's authority has no revocation list of this name.");
}

/** The state is read before all else, so that what is remembered under it is never older than it. */
async function recall(database: Database): Promise<Published> {
  const { stamp } = await readAuthorityState(database);
  const known = memories.get(database);
  const memory = known?.stamp === stamp ? known : { stamp, published: readPublished(database) };
  memories.set(database, memory);
  const published = await memory.published.catch((error: unknown) => {
    if (memories.get(database) === memory) memories.delete(database);
    throw error;
  });
  if (published === null) throw new RequestError('NO_AUTHORITY', 'This store has no authority of its own.');
  return published;
}

async function readPublished(database: Database): Promise<Published | null> {
  const authority = await readStoreAuthority(database);
  if (authority === null) return null;
  const names = new Map([[publishedName('root', 1), authority.root.publicKeyFingerprint]]);
  for (const { certificate, generation } of authority.developers) {
    names.set(publishedName('developers', generation), certificate.publicKeyFingerprint);
  }
  const certificates = new Map([[ISSUING, pemFile(issuingCertificate(authority).certificate.der, 'CERTIFICATE')]]);
  const lists = new Map<string, PublishedList>();
  const rows = await listNewestRevocationLists(database);
  for (const [name, key] of names) {
    const certificate = certificateOfKey(authority, key);
    if (certificate !== null) certificates.set(name, pemFile(certificate.der, 'CERTIFICATE'));
    const list = rows.find(({ issuerKey }) => issuerKey === key);
    if (list === undefined) continue;
    lists.set(name, { der: fileOf(list.der), pem: pemFile(list.der, 'X509 CRL'), nextUpdate: list.nextUpdate });
  }
  return { certificates, lists };
}

function pemFile(der: Buffer, label: string): PublishedFile {
  return fileOf(Buffer.from(writePem(der, label)));
}

function fileOf(bytes: Buffer): PublishedFile {
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}
