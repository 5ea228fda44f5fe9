import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits } from '../../src/archive/limits.js';
import { readArchive, type ArchiveReading } from '../../src/archive/read-archive.js';
import { disagreementsOn } from '../fuzz/ask-readers.js';
import { readNumber, writeNumber } from '../fuzz/byte-mutations.js';
import { readByYauzl } from '../fuzz/yauzl-reading.js';
import { installedReaders, readAll } from '../support/zip-readers/readers.js';
import { soundArchive, TOP_LEVEL_FOLDER } from './arbitrary-archives.js';
import { mapOf, type ZipField } from './zip-fields.js';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'portcullis-fields-'))));
afterAll(() => rm(folder, { recursive: true }));

/** What a field may be set to without a word: readers show it, or keep it on the disk beside the content, or pass over it. */
const INNOCENT: readonly RegExp[] = [
  /^(?:local|central) (?:time|date)$/,
  /^central (?:versionMadeBy|internalAttributes|comment)$/,
  // Permission bits and the MS-DOS attributes for hidden, archived and the like.
  /^central externalAttributes$/,
  // Down to 0 and up to 4.5, which every reader knows.
  /^(?:local|central) versionNeeded$/,
  /^end comment$/,
  /^zip64 end version(?:MadeBy|Needed)$/,
  // Compression level.
  /^(?:local|central) flags$/,
  /^(?:local|central) extra 0x(?:5455|7875|cafe|3f3f) data$/,
  // The length of a field nobody knows, where what follows still fits.
  /^(?:local|central) extra 0x(?:5455|7875|cafe|3f3f) size$/,
  // Under another id, that nobody knows, it is innocent too; but not what a sentinel points to.
  /^(?:local|central) extra 0x(?!0001)[0-9a-f]{4} id$/,
  // 0 or the truth in a streamed entry, where the descriptor tells.
  /^local (?:crc32|compressedSize|uncompressedSize|zip64\[[01]\])$/,
  // The true number in the place of a sentinel, or the other way round where a zip64 record tells it.
  /^central (?:compressedSize|uncompressedSize|headerOffset)$/,
  /^end (?:disk|directoryDisk|entriesOnDisk|entries|directoryBytes|directoryOffset)$/,
];

/** What a field is set to. */
const CHANGES = [
  'nothing',
  'one',
  'all ones',
  'all ones but the last',
  'one more',
  'one less',
  'the upper half',
  'one bit',
  'another value',
] as const;

interface Mutation {
  readonly change: (typeof CHANGES)[number];
  /** Which field: a share of all. */
  readonly at: number;
  readonly bit: number;
  readonly value: bigint;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  change: fc.constantFrom(...CHANGES),
  at: fc.nat(0xffff),
  bit: fc.nat(63),
  value: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
});

/** The archive with one field set to something else; null where that is what it was. */
function mutated(zip: Buffer, { change, at, bit, value }: Mutation): { bytes: Buffer; field: ZipField } | null {
  const { fields } = mapOf(zip);
  const field = fields[at % fields.length];
  if (field === undefined) return null;
  // Of a long run of bytes any eight.
  const offset = field.offset + (field.width > 8 ? bit % (field.width - 7) : 0);
  const place = { offset, width: Math.min(field.width, 8) };
  const bits = 8 * place.width;
  const before = readNumber(zip, place);
  const values: Readonly<Record<Mutation['change'], bigint>> = {
    nothing: 0n,
    one: 1n,
    'all ones': (1n << BigInt(bits)) - 1n,
    'all ones but the last': (1n << BigInt(bits)) - 2n,
    'one more': before + 1n,
    'one less': before - 1n,
    'the upper half': 1n << BigInt(bits - 1),
    'one bit': before ^ (1n << BigInt(bit % bits)),
    'another value': value,
  };
  const bytes = Buffer.from(zip);
  writeNumber(bytes, place, values[change]);
  return bytes.equals(zip) ? null : { bytes, field };
}

async function read(bytes: Buffer): Promise<ArchiveReading> {
  const file = join(folder, 'mutated.zip');
  await writeFile(file, bytes);
  return readArchive(file, { limits: defaultLimits }, async (reading) => reading);
}

function isRefused({ findings, complete }: ArchiveReading): boolean {
  return !complete || findings.some(({ severity }) => severity === 'error');
}

function contentsOf({ contents }: ArchiveReading): string {
  return JSON.stringify([...contents.files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Mutants that the gate accepts, one for every field, for the readers of other houses. */
const accepted = new Map<string, { readonly bytes: Buffer; readonly reading: ArchiveReading }>();

test('one field changed: the archive is refused, or the gate and yauzl read what they read before', async () => {
  await fc.assert(
    fc.asyncProperty(soundArchive, fc.array(mutation, { minLength: 8, maxLength: 8 }), async ({ bytes }, changes) => {
      const original = contentsOf(await read(bytes));
      for (const change of changes) {
        const mutant = mutated(bytes, change);
        if (mutant === null) continue;
        const reading = await read(mutant.bytes);
        if (isRefused(reading)) continue;
        expect(contentsOf(reading)).toBe(original);
        const theirs = [...(await readByYauzl(mutant.bytes)).files].map(
          ([name, facts]) => [name.slice(TOP_LEVEL_FOLDER.length + 1), facts] as const,
        );
        expect(JSON.stringify(theirs.sort(([a], [b]) => (a < b ? -1 : 1)))).toBe(original);
        const name = `${mutant.field.record} ${mutant.field.name}`;
        expect({ name, innocent: INNOCENT.some((pattern) => pattern.test(name)) }).toEqual({ name, innocent: true });
        accepted.set(name, { bytes: mutant.bytes, reading });
      }
    }),
    { numRuns: 400 },
  );
  expect(accepted.size).toBeGreaterThan(0);
}, 120_000);

const others = installedReaders().filter(({ name }) => name !== 'jar');
const claim = others.length > 1 ? test : test.skip;

claim(
  `what is accepted with a changed field is the same archive to ${others.map(({ name }) => name).join(', ')} (others are not installed)`,
  async () => {
    const mutants = [...accepted];
    const files = mutants.map((_, index) => join(folder, `${index}.zip`));
    for (const [index, [, { bytes }]] of mutants.entries()) await writeFile(files[index] ?? '', bytes);
    const readings = await readAll(others, files);
    const disagreements = mutants.flatMap(([name, { bytes, reading }], index) => {
      const hashes = [...reading.contents.files].map(([path, { sha512 }]) => [`${TOP_LEVEL_FOLDER}/${path}`, sha512]);
      const expected = { files: Object.fromEntries(hashes), unmarkedNames: isUnmarked(reading) };
      return disagreementsOn(bytes, expected, readings[index] ?? []).map((words) => `${name}: ${words}`);
    });
    expect(disagreements).toEqual([]);
  },
  120_000,
);

function isUnmarked({ findings }: ArchiveReading): boolean {
  return findings.some(({ code }) => code === 'ARCHIVE_NAME_NOT_MARKED_UTF8');
}
