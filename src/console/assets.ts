import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The files that pages refer to; beside `src` and `dist` alike. */
const ASSETS = new URL('../../assets/', import.meta.url);

const contentTypes = {
  'console.css': 'text/css; charset=utf-8',
  'console.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;

export type AssetName = keyof typeof contentTypes;

/** A file that pages refer to. Its name tells its content, so that browsers may keep it for ever. */
export interface Asset {
  /** `console-0123456789ab.css` */
  readonly fileName: string;
  readonly bytes: Buffer;
  readonly contentType: string;
}

export type Assets = Readonly<Record<AssetName, Asset>>;

/** Reads the assets. */
export function readAssets(): Assets {
  return {
    'console.css': readAsset('console.css'),
    'console.js': readAsset('console.js'),
    'icon.svg': readAsset('icon.svg'),
  };
}

function readAsset(name: AssetName): Asset {
  const bytes = readFileSync(new URL(name, ASSETS));
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  return { fileName: name.replace('.', `-${digest}.`), bytes, contentType: contentTypes[name] };
}
