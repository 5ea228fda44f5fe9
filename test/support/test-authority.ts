import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCertificate } from '../../src/pki/certificate.js';
import type { Certificate } from '../../src/pki/certificate.js';
import {
  writeBitString,
  writeBoolean,
  writeEnumerated,
  writeExplicit,
  writeGeneralizedTime,
  writeInteger,
  writeNamedBits,
  writeNull,
  writeOctetString,
  writeOid,
  writeSequence,
  writeTime,
} from '../../src/pki/der-writer.js';
import { CODE_SIGNING, EXTENSION, keyUsageBit } from '../../src/pki/extensions.js';
import type { KeyUsage } from '../../src/pki/extensions.js';
import type { KeyPair } from '../../src/pki/keys.js';
import { writeName } from '../../src/pki/names.js';
import { writePem } from '../../src/pki/pem.js';
import { parseRevocationList, reasonCode } from '../../src/pki/revocation-list.js';
import type { RevocationList } from '../../src/pki/revocation-list.js';
import { createTrust, rootFrom } from '../../src/pki/trust.js';
import type { Trust } from '../../src/pki/trust.js';
import { defaultTrustSettings } from '../../src/pki/trust-settings.js';

/**
 * Throw-away hierarchies, made in-process, that can be wrong in every way: unlike src/pki/issue.ts nothing here checks
 * what it signs. Everything is valid from 2026 to 2046 unless a test says otherwise.
 */

export type TestKeyKind =
  'ec-p256' | 'ec-p384' | 'ec-p521' | 'ec-secp256k1' | 'rsa-1024' | 'rsa-2048' | 'rsa-4096' | 'ed25519';

const keyPairs = new Map<string, KeyPair>();

/** A key pair; the same one for the same kind and name within a test file, since RSA keys take long to make. */
export function testKeys(kind: TestKeyKind, name = 'default'): KeyPair {
  const known = keyPairs.get(`${kind} ${name}`);
  if (known !== undefined) return known;
  const made = makeKeys(kind);
  keyPairs.set(`${kind} ${name}`, made);
  return made;
}

function makeKeys(kind: TestKeyKind): KeyPair {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519');
  const [family, size = ''] = kind.split('-');
  if (family === 'rsa') return generateKeyPairSync('rsa', { modulusLength: Number(size) });
  return generateKeyPairSync('ec', { namedCurve: size.replace(/^p/, 'P-') });
}

/** Everything about a certificate that a test may want to be otherwise. */
export interface CertificateOptions {
  readonly commonName?: string;
  /** The whole subject in DER, for names that writeName would refuse. */
  readonly subjectDer?: Buffer;
  readonly issuer?: TestCertificate | null;
  readonly keys?: KeyPair;
  readonly version?: 1 | 2 | 3;
  readonly serial?: bigint;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly hash?: 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';
  /** `null` leaves the extension out. */
  readonly ca?: boolean | null;
  readonly pathLength?: number | null;
  readonly keyUsage?: readonly KeyUsage[] | null;
  readonly extendedKeyUsage?: readonly string[] | null;
  /** Further extensions, in DER. */
  readonly extensions?: readonly Buffer[];
  /** Signs with this key instead of the issuer's: a forgery. */
  readonly signingKeys?: KeyPair;
}

export interface TestCertificate {
  readonly der: Buffer;
  readonly pem: string;
  readonly keys: KeyPair;
  readonly privateKeyPem: string;
  /** As src/pki reads it. */
  readonly certificate: Certificate;
}

let lastSerial = 0x1000n;

/** Makes a certificate; without options a good leaf, signed by itself for want of an issuer. */
export function makeCertificate(options: CertificateOptions = {}): TestCertificate {
  const { commonName = 'example-app', issuer = null, version = 3 } = options;
  const keys = options.keys ?? testKeys('ec-p384', commonName);
  const signingKeys = options.signingKeys ?? issuer?.keys ?? keys;
  const name = options.subjectDer ?? writeName({ commonName });
  const algorithm = algorithmIdentifier(signingKeys, options.hash);
  lastSerial += 1n;
  const body = writeSequence(
    ...(version === 1 ? [] : [writeExplicit(0, writeInteger(version - 1))]),
    writeInteger(options.serial ?? lastSerial),
    algorithm.identifier,
    issuer === null ? name : Buffer.from(issuer.certificate.subjectId, 'hex'),
    writeSequence(
      writeTime(new Date(options.notBefore ?? '2026-01-01T00:00:00Z')),
      writeTime(new Date(options.notAfter ?? '2046-01-01T00:00:00Z')),
    ),
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    ...(version === 3 ? [writeExplicit(3, writeSequence(...extensionsOf(options)))] : []),
  );
  const der = signBody(body, signingKeys, algorithm);
  return {
    der,
    pem: writePem(der, 'CERTIFICATE'),
    keys,
    privateKeyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: parseCertificate(der),
  };
}

function extensionsOf(options: CertificateOptions): readonly Buffer[] {
  const { ca = false, pathLength = null, keyUsage = ['digitalSignature'], extendedKeyUsage = [CODE_SIGNING] } = options;
  return [
    ...(ca === null ? [] : [testExtension(EXTENSION.basicConstraints, writeConstraints(ca, pathLength), true)]),
    ...(keyUsage === null ? [] : [testExtension(EXTENSION.keyUsage, writeNamedBits(keyUsage.map(keyUsageBit)), true)]),
    ...(extendedKeyUsage === null
      ? []
      : [testExtension(EXTENSION.extendedKeyUsage, writeSequence(...extendedKeyUsage.map(writeOid)))]),
    ...(options.extensions ?? []),
    // Version 3 without any extension would have an empty list, which the standard does not allow.
    testExtension('2.5.29.32', writeSequence(writeSequence(writeOid('2.5.29.32.0')))),
  ];
}

function writeConstraints(ca: boolean, pathLength: number | null): Buffer {
  return writeSequence(...(ca ? [writeBoolean(true)] : []), ...(pathLength === null ? [] : [writeInteger(pathLength)]));
}

/** An extension in DER, for CertificateOptions.extensions. */
export function testExtension(id: string, value: Buffer, critical = false): Buffer {
  return writeSequence(writeOid(id), ...(critical ? [writeBoolean(true)] : []), writeOctetString(value));
}

/** What makes a certificate a root, for spreading into CertificateOptions. */
export const rootOptions = {
  commonName: 'Test Root',
  ca: true,
  pathLength: 1,
  keyUsage: ['keyCertSign', 'cRLSign'],
  extendedKeyUsage: null,
} as const satisfies CertificateOptions;

/** What makes a certificate an intermediate, its issuer aside. */
export const intermediateOptions = {
  commonName: 'Test Intermediate',
  ca: true,
  pathLength: 0,
  keyUsage: ['keyCertSign', 'cRLSign'],
  extendedKeyUsage: null,
} as const satisfies CertificateOptions;

export interface ListOptions {
  /** Serials as in Certificate.serial, or certificates. */
  readonly revoked?: readonly (string | TestCertificate)[];
  readonly reason?: string;
  readonly invalidityDate?: string;
  readonly thisUpdate?: string;
  readonly nextUpdate?: string | null;
  readonly hash?: CertificateOptions['hash'];
  readonly version?: 1 | 2;
  /** The CRL number; 7 where nothing is said. */
  readonly number?: number;
  /** Further extensions of the list, and of every entry, in DER. */
  readonly extensions?: readonly Buffer[];
  readonly entryExtensions?: readonly Buffer[];
  /** Signs with this key instead of the issuer's: a forgery. */
  readonly signingKeys?: KeyPair;
}

export interface TestRevocationList {
  readonly der: Buffer;
  readonly pem: string;
}

/** Makes a revocation list; without options an empty one of 2026 that holds until 2046. */
export function makeRevocationList(issuer: TestCertificate, options: ListOptions = {}): TestRevocationList {
  const { revoked = [], version = 2, nextUpdate = '2046-01-01T00:00:00Z' } = options;
  const signingKeys = options.signingKeys ?? issuer.keys;
  const algorithm = algorithmIdentifier(signingKeys, options.hash);
  const serials = revoked.map((each) => (typeof each === 'string' ? each : each.certificate.serial));
  const extensions = [
    testExtension(EXTENSION.crlNumber, writeInteger(options.number ?? 7)),
    ...(options.extensions ?? []),
  ];
  const body = writeSequence(
    ...(version === 2 ? [writeInteger(1)] : []),
    algorithm.identifier,
    Buffer.from(issuer.certificate.subjectId, 'hex'),
    writeTime(new Date(options.thisUpdate ?? '2026-01-02T00:00:00Z')),
    ...(nextUpdate === null ? [] : [writeTime(new Date(nextUpdate))]),
    ...(serials.length === 0 ? [] : [writeSequence(...serials.map((serial) => writeEntry(serial, options)))]),
    ...(version === 2 ? [writeExplicit(0, writeSequence(...extensions))] : []),
  );
  const der = signBody(body, signingKeys, algorithm);
  return { der, pem: writePem(der, 'X509 CRL') };
}

function writeEntry(serial: string, { reason, invalidityDate, entryExtensions = [] }: ListOptions): Buffer {
  const code = reason === 'removeFromCRL' ? 8 : reason === undefined ? null : reasonCode(reason);
  const extensions = [
    ...(code === null ? [] : [testExtension(EXTENSION.reasonCode, writeEnumerated(code))]),
    ...(invalidityDate === undefined
      ? []
      : [testExtension(EXTENSION.invalidityDate, writeGeneralizedTime(new Date(invalidityDate)))]),
    ...entryExtensions,
  ];
  return writeSequence(
    writeInteger(BigInt(`0x${serial}`)),
    writeTime(new Date('2026-02-01T00:00:00Z')),
    ...(extensions.length === 0 ? [] : [writeSequence(...extensions)]),
  );
}

/** A root, an intermediate below it, and what they issue. */
export interface TestAuthority {
  readonly root: TestCertificate;
  readonly intermediate: TestCertificate;
  /** A good leaf for an app, or one as bad as the options say. */
  issue(commonName?: string, options?: CertificateOptions): TestCertificate;
  /** The intermediate's revocation list. */
  list(options?: ListOptions): TestRevocationList;
  /** The trust in memory, with the given lists, by default an empty one of the intermediate. */
  trust(lists?: readonly TestRevocationList[]): Trust;
  /** The files of a trust folder for this authority, for writeTrustFolder. */
  files(lists?: readonly TestRevocationList[]): TrustFiles;
}

/**
 * Makes an authority. `legacy` is like ownCloud's first: RSA, a root file named root-g1.crt that holds the intermediate
 * and the root, both expired, and leaves of version 1 without extensions. `current` is P-384 throughout.
 */
export function createTestAuthority(generation: 'current' | 'legacy' = 'current', name = 'Test'): TestAuthority {
  const legacy = generation === 'legacy';
  const keysFor = (whose: string): KeyPair =>
    testKeys(legacy ? 'rsa-2048' : 'ec-p384', `${generation} ${name} ${whose}`);
  const dates = legacy ? { notBefore: '2016-01-01T00:00:00Z', notAfter: '2026-01-31T00:00:00Z' } : {};
  const label = `${name} ${legacy ? 'G1' : 'G2'}`;
  const root = makeCertificate({ ...rootOptions, ...dates, commonName: `${label} Root`, keys: keysFor('root') });
  const intermediate = makeCertificate({
    ...intermediateOptions,
    ...dates,
    commonName: `${label} Intermediate`,
    issuer: root,
    keys: keysFor('intermediate'),
  });
  const leafDates = legacy ? { notBefore: '2018-01-01T00:00:00Z', notAfter: '2028-01-01T00:00:00Z' } : {};
  const rootFile = legacy ? 'root-g1.crt' : 'root-g2.crt';
  const list = (options: ListOptions = {}): TestRevocationList => makeRevocationList(intermediate, options);

  return {
    root,
    intermediate,
    list,
    issue: (commonName = 'example-app', options = {}) =>
      makeCertificate({
        commonName,
        issuer: intermediate,
        keys: keysFor(`leaf ${commonName}`),
        version: legacy ? 1 : 3,
        ...leafDates,
        ...options,
      }),
    trust: (lists = [list()]) =>
      createTrust({
        roots: [rootFrom(root.certificate, rootFile, defaultTrustSettings)],
        intermediates: [intermediate.certificate],
        revocationLists: lists.map(readTestList),
        coreMaySignApps: false,
      }),
    files: (lists = [list()]) => ({
      ...(legacy
        ? { [`roots/${rootFile}`]: intermediate.pem + root.pem }
        : { [`roots/${rootFile}`]: root.pem, 'intermediates/intermediate-g2.crt': intermediate.pem }),
      ...Object.fromEntries(lists.map(({ pem }, index) => [`crl/${generation}-${index}.crl`, pem])),
    }),
  };
}

/** A revocation list as src/pki reads it. */
export function readTestList({ der }: TestRevocationList): RevocationList {
  return parseRevocationList(der, 'test.crl');
}

/** Contents by path relative to the trust folder. */
export type TrustFiles = Readonly<Record<string, string | Buffer>>;

/** Writes a trust folder anew; what was there is gone. */
export async function writeTrustFolder(folder: string, files: TrustFiles): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'roots'), { recursive: true });
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), contents);
  }
}

interface TestAlgorithm {
  readonly identifier: Buffer;
  readonly hash: string | null;
}

const algorithmIds: Readonly<Record<string, string>> = {
  'rsa md5': '1.2.840.113549.1.1.4',
  'rsa sha1': '1.2.840.113549.1.1.5',
  'rsa sha256': '1.2.840.113549.1.1.11',
  'rsa sha384': '1.2.840.113549.1.1.12',
  'rsa sha512': '1.2.840.113549.1.1.13',
  'ec sha1': '1.2.840.10045.4.1',
  'ec sha256': '1.2.840.10045.4.3.2',
  'ec sha384': '1.2.840.10045.4.3.3',
  'ec sha512': '1.2.840.10045.4.3.4',
  ed25519: '1.3.101.112',
};

function algorithmIdentifier({ privateKey }: KeyPair, hash?: string): TestAlgorithm {
  const type = privateKey.asymmetricKeyType ?? '';
  const chosen = type === 'ed25519' ? null : (hash ?? (type === 'rsa' ? 'sha256' : 'sha384'));
  const id = algorithmIds[chosen === null ? type : `${type} ${chosen}`];
  if (id === undefined) throw new Error(`No test signs with ${type} and ${chosen ?? 'no hash'}.`);
  return { identifier: writeSequence(writeOid(id), ...(type === 'rsa' ? [writeNull()] : [])), hash: chosen };
}

function signBody(body: Buffer, { privateKey }: KeyPair, { identifier, hash }: TestAlgorithm): Buffer {
  return writeSequence(body, identifier, writeBitString(sign(hash, body, privateKey)));
}
