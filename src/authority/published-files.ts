import type { Queryable } from '../database/connect.js';
import { listNewestRevocationLists, type RevocationListRow } from '../database/revocation-lists.js';
import type { Certificate } from '../pki/certificate.js';
import { RequestError } from '../request-error.js';
import { issuingCertificate, publishedName, requireStoreAuthority, type StoreAuthority } from './store-authority.js';

/** The name under which the certificate that issues now is published, whichever key it is over. */
const ISSUING = 'intermediate';

/**
 * A certificate of the store's authority by the name it is published under: `root`, `developers`, `developers-2` and
 * so on, and `intermediate` for the one that issues now. Of several over one key it is the one that ends last.
 *
 * @throws RequestError `NO_AUTHORITY` where the store has none, `NOT_FOUND` where it has none of this name
 */
export async function readPublishedCertificate(db: Queryable, name: string): Promise<Certificate> {
  const authority = await requireStoreAuthority(db);
  if (name === ISSUING) return issuingCertificate(authority).certificate;
  const certificate = certificateNamed(authority, name);
  if (certificate !== null) return certificate;
  throw new RequestError('NOT_FOUND', "The store's authority has no certificate of this name.");
}

/**
 * The newest revocation list of a key of the store's authority, by the name it is published under.
 *
 * @throws RequestError `NO_AUTHORITY` where the store has none, `NOT_FOUND` where it has no list of this name
 */
export async function readPublishedList(db: Queryable, name: string): Promise<RevocationListRow> {
  const issuer = certificateNamed(await requireStoreAuthority(db), name);
  const lists = issuer === null ? [] : await listNewestRevocationLists(db);
  const list = lists.find(({ issuerKey }) => issuerKey === issuer?.publicKeyFingerprint);
  if (list !== undefined) return list;
  throw new RequestError('NOT_FOUND', "The store's authority has no revocation list of this name.");
}

function certificateNamed({ root, developers }: StoreAuthority, name: string): Certificate | null {
  if (name === publishedName('root', 1)) return root;
  const named = developers.findLast(({ generation }) => publishedName('developers', generation) === name);
  return named?.certificate ?? null;
}
