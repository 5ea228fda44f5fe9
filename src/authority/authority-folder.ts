import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { parseCertificate } from '../pki/certificate.js';
import type { Certificate } from '../pki/certificate.js';
import type { Authority } from '../pki/issue.js';
import { parseRevocationList } from '../pki/revocation-list.js';
import type { RevocationList } from '../pki/revocation-list.js';
import { hasCode } from '../error-words.js';
import type { AuthorityKeys } from './issuing-key.js';

/** Something about an authority is not as it must be; the message is for its operator. */
export class AuthorityError extends Error {
  override readonly name = 'AuthorityError';
}

/** The two authorities of a folder: the root, and the one below it that issues to developers. */
export type Tier = 'root' | 'developers';

export const tiers: readonly Tier[] = ['root', 'developers'];

/** Where everything lies in an authority's folder. */
export const files = {
  description: 'authority.json',
  ledger: 'ledger.jsonl',
  lock: 'lock',
  certificate: (tier: Tier) => `${tier}.crt`,
  key: (tier: Tier) => `${tier}.key`,
  revocationList: (tier: Tier) => `${tier}.crl`,
} as const;

/**
 * Where an authority writes down what it does: into a file of its folder, or into the database of a store that took it
 * over.
 */
const ledgerPlaces = ['file', 'store'] as const;

export type LedgerPlace = (typeof ledgerPlaces)[number];

/**
 * Programs that know nothing of stores read 1 only, and would go on writing into the folder's ledger: 2 keeps them from it.
 */
const schemaOf: Readonly<Record<LedgerPlace, 1 | 2>> = { file: 1, store: 2 };

const description = z
  .object({
    schema: z.union([z.literal(1), z.literal(2)]),
    name: z.string(),
    trust: z.string(),
    // Absent in what earlier versions wrote.
    ledger: z.enum(ledgerPlaces).default('file'),
    baseUrl: z.string().nullable().default(null),
  })
  // Nobody wrote that: the ledger of the folder must not come to count again by a slip.
  .refine(({ schema, ledger }) => schema === 1 || ledger === 'store');

/** What `authority.json` says. The trust folder is named relative to it, so that both can be moved together. */
export type AuthorityDescription = z.infer<typeof description>;

/** An authority as it lies in a folder; its keys are read when they are needed. */
export interface AuthorityFolder {
  readonly folder: string;
  readonly name: string;
  readonly ledger: LedgerPlace;
  /** The address under which others fetch its revocation lists, without a closing slash; null where they can't. */
  readonly baseUrl: string | null;
  /** The trust folder in which its certificates and revocation lists are published. */
  readonly trustFolder: string;
  readonly certificates: Readonly<Record<Tier, Certificate>>;
}

/** Whether there is an authority in the folder. Its description is what is written last, so a half-made one is none. */
export async function hasAuthority(folder: string): Promise<boolean> {
  return exists(join(folder, files.description));
}

/**
 * Opens the authority in a folder.
 *
 * @throws AuthorityError where there is none; CertificateError where its certificates are damaged
 */
export async function openAuthority(folder: string): Promise<AuthorityFolder> {
  const { name, trust, ledger, baseUrl } = await readDescription(folder);
  const read = async (tier: Tier): Promise<Certificate> =>
    parseCertificate(await readFile(join(folder, files.certificate(tier))));
  const [root, developers] = await Promise.all([read('root'), read('developers')]);
  return { folder, name, ledger, baseUrl, trustFolder: resolve(folder, trust), certificates: { root, developers } };
}

/** What goes into `authority.json`. */
export function writeDescription(said: Omit<AuthorityDescription, 'schema'>): string {
  const { name, trust, ledger, baseUrl } = said;
  return `${JSON.stringify({ schema: schemaOf[ledger], name, trust, ledger, baseUrl }, null, 2)}\n`;
}

/**
 * Where a gate under this address serves the revocation list of a tier, to be named in the certificates it is about.
 */
export function revocationListUrl(baseUrl: string, tier: Tier): string {
  return `${baseUrl}/crl/${tier}.crl`;
}

/**
 * One tier with its private key; null where the key is not there, as a root's that is kept off the machine.
 *
 * @throws AuthorityError for a key that can't be opened, or a key service that can't be asked
 */
export async function readTier(
  { certificates }: AuthorityFolder,
  tier: Tier,
  keys: AuthorityKeys,
): Promise<Authority | null> {
  const certificate = certificates[tier];
  const signer = await (tier === 'root' ? keys.root() : keys.signer(certificate.publicKeyFingerprint));
  return signer === null ? null : { certificate, signer };
}

/** The revocation list that a tier signed last; null where it never did. */
export async function readRevocationList(
  { folder }: Pick<AuthorityFolder, 'folder'>,
  tier: Tier,
): Promise<RevocationList | null> {
  const file = join(folder, files.revocationList(tier));
  const bytes = await readIfThere(file);
  return bytes === null ? null : parseRevocationList(bytes, file);
}

/** The content of a file; null where there is none. */
export async function readIfThere(file: string): Promise<Buffer | null> {
  return readFile(file).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  });
}

/**
 * Reads `authority.json`.
 *
 * @throws AuthorityError where there is none, or it can't be read
 */
export async function readDescription(folder: string): Promise<AuthorityDescription> {
  const bytes = await readIfThere(join(folder, files.description));
  if (bytes === null) {
    throw new AuthorityError(`There is no authority in ${folder}. Make one: portcullis ca init`);
  }
  try {
    return description.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw new AuthorityError(`${join(folder, files.description)} can not be read.`, { cause: error });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
