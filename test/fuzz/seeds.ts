import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../src/archive/crc-32.js';
import { goldenBytes, goldenContents, goldenTrust } from '../support/golden.js';
import { descriptor, extraField, rawZip, u32, u64, type RawEntry } from '../support/raw-zip.js';
import type { Trust } from '../../src/pki/trust.js';

/** An archive to start from. */
export interface Seed {
  readonly name: string;
  readonly bytes: Buffer;
}

const FIXTURES = fileURLToPath(new URL('../fixtures/zips/', import.meta.url));
/** Larger ones cost time and tell nothing more. */
const MAX_SEED_BYTES = 64 * 1024;
const MAX_SEED_ENTRIES = 120;

/** The app that the signed seeds are of, and the moment they are judged at. */
export const SIGNED_APP_ID = 'golden_app';
export const JUDGED_AT = new Date('2026-06-01T00:00:00Z');

/** The trust that the signed seeds were signed for: always the same, so that a case can be repeated. */
export function seedTrust(): Promise<Trust> {
  return goldenTrust('both');
}

/** What cases begin with: the corpus where it is there, signed apps, and a few forms of our own. */
export async function seedArchives(): Promise<readonly Seed[]> {
  return [...(await signedSeeds()), ...ownSeeds(), ...corpus('accept'), ...corpus('reject')];
}

function corpus(kind: 'accept' | 'reject'): Seed[] {
  const folder = join(FIXTURES, kind);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.zip'));
  return files
    .sort()
    .map((name) => ({ name: `${kind}/${name}`, bytes: readFileSync(join(folder, name)) }))
    .filter(({ bytes }) => bytes.length <= MAX_SEED_BYTES && countOf(bytes, 'PK\x01\x02') <= MAX_SEED_ENTRIES);
}

function countOf(bytes: Buffer, text: string): number {
  return bytes.toString('latin1').split(text).length - 1;
}

async function signedSeeds(): Promise<Seed[]> {
  const seeds: Seed[] = [];
  for (const format of [1, 2]) {
    const contents = goldenContents('small');
    const entries: RawEntry[] = [];
    for (const path of contents.files.keys()) {
      const data = await contents.read(path, Infinity);
      if (data !== null) entries.push({ name: `${SIGNED_APP_ID}/${path}`, data });
    }
    const data = goldenBytes(`signatures/small-format${format}.json`);
    entries.push({ name: `${SIGNED_APP_ID}/appinfo/signature.json`, data });
    seeds.push({ name: `signed, format ${format}`, bytes: rawZip({ entries }) });
    const streamed = entries.map((entry) => ({ ...entry, streamed: true }));
    seeds.push({ name: `signed, format ${format}, streamed`, bytes: rawZip({ entries: streamed }) });
  }
  return seeds;
}

function ownSeeds(): Seed[] {
  const data = Buffer.from('the same line again and again\n'.repeat(40));
  const compressed = deflateRawSync(data);
  const file: RawEntry = { name: 'app/lib/file.php', data };
  const folder: RawEntry = { name: 'app/' };
  const sentinel = 0xffffffff;
  const facts = { crc32: crc32(data), compressedSize: compressed.length, uncompressedSize: data.length };
  const sizes = Buffer.concat([u64(data.length), u64(compressed.length)]);
  const wide: Partial<RawEntry> = {
    both: { compressedSize: sentinel, uncompressedSize: sentinel, extra: extraField(1, sizes), versionNeeded: 45 },
  };
  const timestamps = extraField(0x5455, Buffer.concat([Buffer.from([1]), u32(1_700_000_000)]));
  const owner = extraField(0x7875, Buffer.from('0104e803000004e8030000', 'hex'));
  const forms: Readonly<Record<string, readonly RawEntry[]>> = {
    plain: [folder, file, { name: 'app/empty', method: 0 }, { name: 'app/stored', method: 0, data }],
    'names beyond ASCII': [
      { name: 'app/größe.js', data: 'x' },
      { name: 'app/日本語/😀.txt', data: 'y' },
    ],
    'extra fields': [{ ...file, both: { extra: Buffer.concat([timestamps, owner]) } }],
    zip64: [folder, { ...file, ...wide }],
    'zip64, streamed': [
      {
        ...file,
        streamed: true,
        local: { compressedSize: sentinel, uncompressedSize: sentinel, extra: extraField(1, Buffer.alloc(16)) },
        descriptor: descriptor(facts, { wide: true }),
      },
    ],
  };
  return Object.entries(forms).flatMap(([name, entries]) => [
    { name, bytes: rawZip({ entries }) },
    { name: `${name}, zip64 end record`, bytes: rawZip({ entries, zip64: {} }) },
    { name: `${name}, comment`, bytes: rawZip({ entries, end: { comment: Buffer.from('made by hand') } }) },
  ]);
}
