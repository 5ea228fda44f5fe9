import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The files that pages refer to; beside `src` and `dist` alike. */
const ASSETS = new URL('../../assets/', import.meta.url);

/** What browsers import of the typed client, which is built. */
const CLIENT = new URL('../../dist/client/', import.meta.url);
const clientModules = ['client.js', 'generated/operations.js'];

const JAVASCRIPT = 'text/javascript; charset=utf-8';

const contentTypes = {
  'console.css': 'text/css; charset=utf-8',
  'console.js': JAVASCRIPT,
  'suggest-apps.js': JAVASCRIPT,
  'icon.svg': 'image/svg+xml',
} as const;

export type AssetName = keyof typeof contentTypes;

/** A file that pages refer to. Its name tells its content, so that browsers may keep it for ever. */
interface Asset {
  /** `console-0123456789ab.css` */
  readonly fileName: string;
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** What pages refer to. */
export interface Assets {
  readonly byName: Readonly<Record<AssetName, Asset>>;
  /** The modules of the client, in a folder whose name tells what is in all of them: they import each other by relative addresses. */
  readonly client: { readonly folder: string; readonly modules: readonly Asset[] };
}

/** Reads the assets. */
export function readAssets(): Assets {
  return {
    byName: {
      'console.css': readAsset('console.css'),
      'console.js': readAsset('console.js'),
      'suggest-apps.js': readAsset('suggest-apps.js'),
      'icon.svg': readAsset('icon.svg'),
    },
    client: readClient(),
  };
}

function readAsset(name: AssetName): Asset {
  const bytes = readFileSync(new URL(name, ASSETS));
  return { fileName: name.replace('.', `-${digestOf(bytes)}.`), bytes, contentType: contentTypes[name] };
}

function readClient(): Assets['client'] {
  const files = clientModules.map((name) => ({ name, bytes: readFileSync(new URL(name, CLIENT)) }));
  const folder = `client-${digestOf(Buffer.concat(files.map(({ bytes }) => bytes)))}/`;
  const modules = files.map(({ name, bytes }) => ({ fileName: `${folder}${name}`, bytes, contentType: JAVASCRIPT }));
  return { folder, modules };
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12);
}
