import { randomBytes, type KeyObject } from 'node:crypto';
import { ensureAccount } from '../../src/database/accounts.js';
import { issueAppCertificate, type CertificateChain } from '../../src/authority/issue-certificate.js';
import { openIssuer } from '../../src/authority/store-authority.js';
import type { Gate } from '../../src/gate.js';
import type { Certificate } from '../../src/pki/certificate.js';
import { issueCertificate } from '../../src/pki/issue.js';
import { generateKeyPair } from '../../src/pki/keys.js';
import { leafProfile } from '../../src/pki/profiles.js';
import { buildManifest } from '../../src/signature/manifest.js';
import { signManifest } from '../../src/signature/sign-manifest.js';
import { appFiles, zipOf, type AppArchiveOptions } from './app-archive.js';
import { contentsOf } from './golden.js';

/** A key with a certificate, ready to sign apps. */
export interface StoreSigner {
  readonly privateKey: KeyObject;
  readonly leaf: Certificate;
  readonly chain: readonly Certificate[];
}

/** A new key with a certificate of the gate's own authority, as an operator would issue it. */
export async function issueSigner(gate: Gate, appId: string): Promise<StoreSigner & CertificateChain> {
  const { privateKey, publicKey } = await generateKeyPair();
  const account = await ensureAccount(gate.database, 'operator');
  const order = { appId, publicKey, days: null, requestId: null, contact: null, account };
  return { privateKey, ...(await issueAppCertificate(gate, order)) };
}

/** The same made with the authority's key behind the ledger's back, as a thief of that key would. */
export async function forgeSigner(gate: Gate, appId: string, serial?: string): Promise<StoreSigner> {
  const { privateKey, publicKey } = await generateKeyPair();
  const { signing } = await openIssuer(gate);
  const leaf = await issueCertificate({
    profile: leafProfile,
    subject: { commonName: appId },
    publicKey,
    authority: signing,
    now: gate.now(),
    randomBytes: (size) => (serial === undefined ? randomBytes(size) : Buffer.from(serial.slice(2), 'hex')),
  });
  return { privateKey, leaf, chain: [signing.certificate] };
}

/** A zip of an app that this signer signed. */
export async function signedBy(signer: StoreSigner, options: AppArchiveOptions = {}): Promise<Buffer> {
  const { id = 'calendar', topLevelFolder = id } = options;
  const files = appFiles(options);
  const manifest = await buildManifest(contentsOf(files), 'app');
  const { privateKey, leaf: certificate, chain } = signer;
  files.set('appinfo/signature.json', signManifest({ manifest, privateKey, certificate, chain, format: 2 }));
  return zipOf([...files].map(([path, content]) => [`${topLevelFolder}/${path}`, content] as const));
}
