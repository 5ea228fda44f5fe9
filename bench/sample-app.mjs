import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const portcullis = new URL('../bin/portcullis', import.meta.url).pathname;

/** Runs a command of the gate's. */
async function cli(...words) {
  await promisify(execFile)(portcullis, words);
}

/**
 * Makes an authority in `folder`.
 *
 * @returns {Promise<string>} the folder of those that trust it
 */
export async function makeAuthority(folder) {
  const trust = join(folder, 'trust');
  await cli('ca', 'init', '--out', join(folder, 'authority'), '--trust', trust);
  return trust;
}

/**
 * Writes an app, signs it by the authority in the same folder and packs it.
 *
 * @returns {Promise<{app: string, archive: string, inflated: number}>} its folder, its zip, and how many bytes there are
 */
export async function makeSampleArchive(folder, { id, files, bytes }) {
  const at = (name) => join(folder, name);
  const [app, archive, key, certificate] = [at(id), at(`${id}.zip`), at(`${id}.key`), at(`${id}.crt`)];
  const inflated = await writeSampleApp(app, { id, files, bytes });
  await cli('ca', 'issue', '--ca', at('authority'), '--app-id', id, '--new-key', key, '--out', certificate);
  await cli('sign', '--path', app, '--key', key, '--cert', certificate);
  await cli('pack', app, '--out', archive);
  return { app, archive, inflated };
}

/** A small generator of pseudo-random numbers (xorshift32), so that every run measures the same content. */
function numbersFrom(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

const WORDS =
  'function return const await app calendar event user the of and server share public private array string null true'.split(
    ' ',
  );

/** Text that compresses about as well as source code does: words, with some noise between them. */
function text(bytes, next) {
  const parts = [];
  for (let length = 0; length < bytes;) {
    const part = `${WORDS[next() % WORDS.length]}${next() % 4 === 0 ? next().toString(36) : ''}${next() % 12 === 0 ? '\n' : ' '}`;
    parts.push(part);
    length += part.length;
  }
  return Buffer.from(parts.join('')).subarray(0, bytes);
}

/**
 * Writes an app of `files` files and about `bytes` bytes into `folder`: a few large ones, many small ones, as apps have.
 *
 * @returns {Promise<number>} how many bytes there are
 */
async function writeSampleApp(folder, { id, files, bytes }) {
  const next = numbersFrom(files);
  const average = bytes / files;
  await write(folder, 'appinfo/info.xml', Buffer.from(infoXml(id)));
  let total = 0;
  for (let index = 0; index < files; index++) {
    // One in ten has half of all bytes.
    const size = Math.round((index % 10 === 0 ? average * 5 : average * (5 / 9)) * (0.5 + (next() % 1000) / 1000));
    const content = text(size, next);
    total += content.length;
    await write(folder, `lib/part${index % 40}/Class${index}.php`, content);
  }
  return total;
}

async function write(folder, path, content) {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

function infoXml(id) {
  return `<?xml version="1.0"?>
<info><id>${id}</id><name>Sample</name><version>1.0.0</version><summary>For measuring</summary><description>For measuring.</description>
<licence>AGPL</licence><author>Nobody</author><category>tools</category>
<dependencies><owncloud min-version="10" max-version="10"/></dependencies></info>
`;
}
