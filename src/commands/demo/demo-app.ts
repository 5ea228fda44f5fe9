import { createHash, type KeyObject } from 'node:crypto';
import type { Certificate } from '../../pki/certificate.js';
import type { Contents } from '../../report/contents.js';
import { buildManifest, SIGNATURE_PATH } from '../../signature/manifest.js';
import { signManifest } from '../../signature/sign-manifest.js';
import { zipFolder } from '../zip-folder.js';

/** A key with a certificate of the demo's authority. */
export interface Signer {
  readonly privateKey: KeyObject;
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
}

/** A release of a little app. */
export interface DemoApp {
  readonly id: string;
  readonly version: string;
  /** Null leaves it unsigned. */
  readonly signer: Signer | null;
  /** Other contents that some files get once everything is signed: path → content. */
  readonly tampering?: Readonly<Record<string, string>>;
}

/** The zip of an app as its developer, or somebody who got hold of it, would upload it. */
export async function packDemoApp({ id, version, signer, tampering = {} }: DemoApp): Promise<Buffer> {
  const files = new Map(Object.entries(sources(id, version)));
  if (signer !== null) {
    const manifest = await buildManifest(contentsOf(files), 'app');
    files.set(SIGNATURE_PATH.app, signManifest({ manifest, ...signer, format: 2 }).toString('utf8'));
  }
  for (const [path, content] of Object.entries(tampering)) files.set(path, content);
  return zipFolder(contentsOf(files), id, new Date('2025-01-01T00:00:00Z'));
}

/** The file of the app that does its work: what somebody who tampers is after. */
export const CODE_PATH = 'js/app.js';

function sources(id: string, version: string): Record<string, string> {
  return {
    'appinfo/info.xml': infoXml(id, version),
    'appinfo/app.php': `<?php\n\\OCP\\Util::addScript('${id}', 'app');\n`,
    'css/style.css': '#app { display: grid; }\n',
    'img/app.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>\n',
    [CODE_PATH]: `document.title = '${id} ${version}';\n`,
  };
}

function infoXml(id: string, version: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<info>
  <id>${id}</id>
  <name>${id}</name>
  <summary>An app of the demo</summary>
  <description>It does nothing, and is uploaded again and again.</description>
  <version>${version}</version>
  <licence>AGPL</licence>
  <author>Ada Example</author>
  <category>tools</category>
  <dependencies><owncloud min-version="10.0" max-version="10"/></dependencies>
</info>
`;
}

function contentsOf(files: ReadonlyMap<string, string>): Contents {
  const facts = [...files].map(([path, text]) => {
    const content = Buffer.from(text);
    return [path, { bytes: content.length, sha512: createHash('sha512').update(content).digest('hex') }] as const;
  });
  return {
    files: new Map(facts),
    read: async (path, maxBytes) => {
      const content = Buffer.from(files.get(path) ?? '');
      return !files.has(path) || content.length > maxBytes ? null : content;
    },
  };
}
