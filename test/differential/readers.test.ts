import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArchive } from '../../src/archive/read-archive.js';
import { defaultLimits, type Limits } from '../../src/archive/limits.js';
import { writeAppFolder } from '../support/app-folder.js';
import { rawZip } from '../support/raw-zip.js';
import { corpusArchives } from '../support/zip-corpus/table.js';
import { packers } from '../support/zip-packers.js';
import { agreement, gateFiles, type NamedReading, type NameFacts } from '../support/zip-readers/agreement.js';
import { hasDosNames } from '../support/zip-readers/quirks.js';
import { readAll, readers } from '../support/zip-readers/readers.js';
import { yauzlReader } from '../support/zip-readers/yauzl-reader.js';
import { oddArchives } from './odd-archives.js';

/** An archive that the gate lets through, and what it hashed. */
interface Accepted {
  readonly name: string;
  readonly zip: string;
  readonly files: ReadonlyMap<string, string>;
  readonly isOdd: boolean;
  readonly facts: NameFacts;
}

const LONG = 300_000;

let folder: string;
const accepted: Accepted[] = [];
/** What yauzl makes of them. */
const measure = new Map<string, readonly NamedReading[]>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-differential-'));
  for (const archive of [...(await fixtureArchives()), ...(await packedArchives()), ...(await oddOnes())]) {
    const read = await readByGate(archive);
    if (read !== null) accepted.push(read);
  }
  const zips = accepted.map(({ zip }) => zip);
  for (const [index, answers] of (await readAll([yauzlReader], zips)).entries())
    measure.set(zips[index] ?? '', answers);
}, LONG);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** @returns null where the gate refuses it */
async function readByGate({ name, zip, limits }: Archive): Promise<Accepted | null> {
  return readArchive(zip, { limits: { ...defaultLimits, ...limits } }, async (reading) => {
    if (reading.findings.some(({ severity }) => severity === 'error')) return null;
    const unmarkedNames = reading.findings.some(({ code }) => code === 'ARCHIVE_NAME_NOT_MARKED_UTF8');
    return {
      name,
      zip,
      isOdd: name in oddArchives,
      files: gateFiles(reading),
      facts: { unmarkedNames, dosNames: hasDosNames(await readFile(zip)) },
    };
  });
}

/** One to be read. */
interface Archive {
  readonly name: string;
  readonly zip: string;
  readonly limits?: Partial<Limits>;
}

/** Those of the corpus; that no hostile one is among the accepted is a claim of its own. */
async function fixtureArchives(): Promise<Archive[]> {
  return Promise.all(
    corpusArchives().map(async ({ file, limits, bytes }, index) => {
      const zip = join(folder, `corpus-${index}.zip`);
      await writeFile(zip, bytes());
      return { name: file, zip, ...(limits && { limits }) };
    }),
  );
}

/** Of an app with names and contents that packers treat differently. */
async function packedArchives(): Promise<Archive[]> {
  const app = join(folder, 'packed', 'calendar');
  await mkdir(app, { recursive: true });
  const files = {
    'l10n/größe.js': '// beyond ASCII\n',
    'js/empty.js': '',
    'img/noise.bin': Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * index) % 251)),
    'js/long.js': 'the same line over and over\n'.repeat(5_000),
  };
  await writeAppFolder(app, { files });
  await mkdir(join(app, 'empty'), { recursive: true });
  const archives: Archive[] = [];
  for (const packer of packers.filter((each) => each.isInstalled())) {
    const zip = join(folder, `packed-${packer.name}.zip`);
    await packer.pack(join(folder, 'packed'), 'calendar', zip);
    archives.push({ name: `packed by ${packer.name}`, zip });
  }
  return archives;
}

async function oddOnes(): Promise<Archive[]> {
  return Promise.all(
    Object.entries(oddArchives).map(async ([name, make], index) => {
      const zip = join(folder, `odd-${index}.zip`);
      await writeFile(zip, make());
      return { name, zip };
    }),
  );
}

test('the gate accepts the ordinary archives, so that there is something to compare', () => {
  const names = accepted.map(({ name }) => name);
  expect(names).toContain('an empty deflated file');
  expect(names).toContain('a descriptor');
  for (const packer of packers.filter((each) => each.isInstalled()))
    expect(names).toContain(`packed by ${packer.name}`);
  expect(names.filter((name) => name.startsWith('reject/'))).toEqual([]);
});

describe.each(readers.map((reader) => ({ ...reader, title: reader.name, reader })))('$title', ({ reader }) => {
  const isInstalled = reader.isInstalled();
  const claim = isInstalled ? test : test.skip;
  claim(
    `extracts the names and bytes that the gate hashed, of every archive it accepts${isInstalled ? '' : ` (${reader.needs} is not installed)`}`,
    async () => {
      // jar takes a third of a second for each, and reads what Java's own two readers read.
      const archives = accepted.filter(({ isOdd }) => !(isOdd && reader.name === 'jar'));
      const readings = await readAll(
        [reader],
        archives.map(({ zip }) => zip),
      );
      const disagreements = archives.flatMap(({ name, zip, files, facts }, index) =>
        // yauzl's are the measure for folders.
        agreement(files, [...(measure.get(zip) ?? []), ...(readings[index] ?? [])], facts).map(
          (found) => `${name}: ${found.reader} ${found.what}`,
        ),
      );
      expect(disagreements).toEqual([]);
    },
    LONG,
  );
});

describe('the comparison notices', () => {
  const read = {
    kind: 'read',
    warned: null,
    files: new Map([['app/a', 'x']]),
    folders: new Set(['app']),
    others: [],
    escaped: [],
  } as const;
  const files = read.files;
  const differs = (reading: object, options = {}): boolean =>
    agreement(files, [{ reader: 'some', reading: { ...read, ...reading } }], options).length > 0;

  test.each([
    ['a file that is missing', { files: new Map() }],
    ['a file too many', { files: new Map([...files, ['app/b', 'x']]) }],
    ['other bytes', { files: new Map([['app/a', 'y']]) }],
    ['a link', { others: ['symlink app/b'] }],
    ['what lies outside', { escaped: ['b'] }],
    ['a refusal', { kind: 'refused', why: 'no' }],
    ['a warning', { warned: 'hm' }],
  ])('%s', (_what, reading) => {
    expect(differs({})).toBe(false);
    expect(differs(reading)).toBe(true);
  });

  test('a folder that one reader makes and another does not', () => {
    const readings = [read, { ...read, folders: new Set(['app', 'app/d']) }];
    const named = readings.map((reading, index) => ({ reader: `reader ${index}`, reading }));
    expect(agreement(files, named)).toHaveLength(1);
  });

  test('a name in code page 437, except where the archive has names that are not marked as UTF-8', () => {
    const expected = new Map([['app/ä', 'x']]);
    const reading = { ...read, files: new Map([['app/├ñ', 'x']]) };
    expect(agreement(expected, [{ reader: 'some', reading }])).toHaveLength(2);
    expect(agreement(expected, [{ reader: 'some', reading }], { unmarkedNames: true })).toEqual([]);
    expect(differs({ files: new Map([['app/├ñ', 'x']]) }, { unmarkedNames: true })).toBe(true);
  });

  const streaming = readers.find(({ goesBy, ...reader }) => goesBy === 'stream' && reader.isInstalled());
  const withStream = streaming === undefined ? test.skip : test;
  withStream(
    `that a reader from the front is shown another archive${streaming === undefined ? ' (none is installed)' : ''}`,
    async () => {
      const zip = join(folder, 'two-faced.zip');
      const name = { local: { name: 'app/evil.txt' }, central: { name: 'app/good.txt' } };
      await writeFile(zip, rawZip({ entries: [{ name: 'app/good.txt', data: 'words', ...name }] }));
      const [answers = []] = await readAll([yauzlReader, ...(streaming === undefined ? [] : [streaming])], [zip]);
      const seen = answers.flatMap(({ reading }) => [...reading.files.keys()]);
      expect(seen.sort()).toEqual(['app/evil.txt', 'app/good.txt']);
      const good = new Map(answers[0]?.reading.files);
      expect(agreement(good, answers)).not.toEqual([]);
    },
    LONG,
  );
});
