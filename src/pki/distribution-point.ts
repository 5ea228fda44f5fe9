import type { Certificate } from './certificate.js';
import { DerError, contextTag, readChildren, readDer } from './der.js';
import type { DerValue } from './der.js';
import { EXTENSION, readExtensions } from './extensions.js';

/** `[6] IMPLICIT IA5String`, the uniformResourceIdentifier of a GeneralName (RFC 5280 §4.2.1.6). */
const URI = contextTag(6) & ~0x20;

/**
 * Where a certificate says that the revocation list of its issuer is fetched: the first http(s) address of its CRL
 * distribution points (RFC 5280 §4.2.1.13); null where it names none, or in a way that we do not write.
 */
export function findRevocationListUrl({ der }: Pick<Certificate, 'der'>): string | null {
  try {
    const [body] = readChildren(readDer(der));
    const wrapped = body === undefined ? undefined : child(body, contextTag(3));
    const [list] = wrapped === undefined ? [] : readChildren(wrapped);
    const extension = list === undefined ? undefined : readExtensions(list).get(EXTENSION.crlDistributionPoints);
    if (extension === undefined) return null;
    const addresses = readChildren(readDer(extension.value)).flatMap(addressesOf);
    return addresses.find((address) => /^https?:\/\/[\x21-\x7e]+$/.test(address)) ?? null;
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

/** DistributionPoint { [0] { [0] GeneralNames } } */
function addressesOf(point: DerValue): readonly string[] {
  const name = child(point, contextTag(0));
  const full = name === undefined ? undefined : child(name, contextTag(0));
  const names = full === undefined ? [] : readChildren(full);
  return names.filter(({ tag }) => tag === URI).map(({ content }) => content.toString('latin1'));
}

function child(value: DerValue, wanted: number): DerValue | undefined {
  return readChildren(value).find(({ tag }) => tag === wanted);
}
