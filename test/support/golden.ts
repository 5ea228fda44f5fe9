import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { loadTrust, type Trust } from '../../src/pki/trust.js';
import type { Contents } from '../../src/report/contents.js';

const folder = new URL('../fixtures/golden/', import.meta.url);

export type GoldenTree = 'app' | 'small' | 'core';

export interface GoldenVector {
  readonly file: string;
  readonly tree: GoldenTree;
  readonly profile: 'app' | 'core';
  readonly scope: string;
  readonly at: string;
  readonly codes: readonly string[];
}

export function goldenBytes(path: string): Buffer {
  return readFileSync(new URL(path, folder));
}

export function goldenVectors(): readonly GoldenVector[] {
  return JSON.parse(goldenBytes('vectors.json').toString()) as readonly GoldenVector[];
}

/** The files of a golden tree, with some replaced (a text or bytes), added, or left out (null). */
export function goldenContents(
  tree: GoldenTree,
  changes: Readonly<Record<string, string | Buffer | null>> = {},
): Contents {
  const encoded = JSON.parse(goldenBytes(`trees/${tree}.json`).toString()) as Record<string, string>;
  const files = new Map(Object.entries(encoded).map(([path, content]) => [path, Buffer.from(content, 'base64')]));
  for (const [path, content] of Object.entries(changes)) {
    if (content === null) files.delete(path);
    else files.set(path, Buffer.from(content));
  }
  return contentsOf(files);
}

export function contentsOf(files: ReadonlyMap<string, Buffer>): Contents {
  return {
    files: new Map([...files].map(([path, content]) => [path, { bytes: content.length, sha512: sha512(content) }])),
    read: async (path, maxBytes) => {
      const content = files.get(path);
      return content === undefined || content.length > maxBytes ? null : content;
    },
  };
}

export function sha512(content: Buffer | string): string {
  return createHash('sha512').update(content).digest('hex');
}

export function goldenTrust(name: 'both' | 'legacy' | 'current' | 'no-lists'): Promise<Trust> {
  return loadTrust(new URL(`trust/${name}`, folder).pathname);
}
