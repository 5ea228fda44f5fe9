import { createPrivateKey } from 'node:crypto';
import type { Contents } from '../../src/report/contents.js';
import { buildManifest } from '../../src/signature/manifest.js';
import { signManifest } from '../../src/signature/sign-manifest.js';
import { appFiles, zipOf, type AppArchiveOptions } from './app-archive.js';
import { contentsOf } from './golden.js';
import type { TestAuthority, TestCertificate } from './test-authority.js';

/** How an app is to be signed, beyond what it is. */
export interface SignedAppOptions extends AppArchiveOptions {
  /** By default a good leaf of the authority for the app's id. */
  readonly leaf?: TestCertificate;
  readonly format?: 1 | 2;
  /** Changes the files after they were signed, as a tamperer or a build step would. */
  readonly afterSigning?: (files: Map<string, Buffer>) => void;
}

/** A zip of an app that is signed and fine, but for what `options` change. */
export async function signedApp(authority: TestAuthority, options: SignedAppOptions = {}): Promise<Buffer> {
  const { id = 'calendar', format = 2, leaf = authority.issue(id), topLevelFolder = id } = options;
  const files = appFiles(options);
  const contents: Contents = contentsOf(files);
  const signature = signManifest({
    manifest: await buildManifest(contents, 'app'),
    privateKey: createPrivateKey(leaf.privateKeyPem),
    certificate: leaf.certificate,
    chain: [authority.intermediate.certificate],
    format,
  });
  files.set('appinfo/signature.json', signature);
  options.afterSigning?.(files);
  return zipOf([...files].map(([path, content]) => [`${topLevelFolder}/${path}`, content] as const));
}
