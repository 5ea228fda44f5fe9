import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry } from 'yauzl';
import type { FileFacts } from '../../src/report/contents.js';

/** What yauzl makes of an archive by itself. */
export interface YauzlReading {
  /** The regular files by their whole names. */
  readonly files: ReadonlyMap<string, FileFacts>;
  readonly entries: number;
}

/**
 * Unpacks an archive with yauzl as it comes, streams and all, in memory.
 *
 * @throws what yauzl throws
 */
export async function readByYauzl(zip: Buffer): Promise<YauzlReading> {
  const reader = await yauzl.fromBufferPromise(zip, { lazyEntries: true, strictFileNames: true });
  const files = new Map<string, FileFacts>();
  let entries = 0;
  for await (const entry of reader.eachEntry()) {
    entries += 1;
    const name = nameOf(entry);
    const { crc, ...facts } = await factsOf(await reader.openReadStreamPromise(entry));
    // yauzl leaves that to its caller.
    if (crc !== entry.crc32) throw new Error(`${name} has another CRC-32`);
    if (!name.endsWith('/')) files.set(name, facts);
    else if (facts.bytes > 0) throw new Error(`the folder ${name} has data`);
  }
  return { files, entries };
}

/** Info-ZIP on Linux writes UTF-8 without the flag that says so; yauzl would take that for code page 437. */
function nameOf(entry: Entry): string {
  const marked = (entry.generalPurposeBitFlag & 0x0800) !== 0;
  const raw = (entry as Entry & { readonly fileNameRaw: Buffer }).fileNameRaw.toString('utf8');
  const hasUnicodePath = entry.extraFields.some(({ id }) => id === 0x7075);
  return marked || hasUnicodePath ? entry.fileName : raw;
}

async function factsOf(stream: Readable): Promise<FileFacts & { readonly crc: number }> {
  const hash = createHash('sha512');
  let bytes = 0;
  let crc = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    crc = crc32(chunk, crc);
  }
  return { bytes, sha512: hash.digest('hex'), crc };
}
