import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits } from '../../src/archive/limits.js';
import { readArchive } from '../../src/archive/read-archive.js';
import { disagreementsOn } from '../fuzz/ask-readers.js';
import { sha512 } from '../support/golden.js';
import { installedReaders, readAll } from '../support/zip-readers/readers.js';
import { soundArchive, TOP_LEVEL_FOLDER } from './arbitrary-archives.js';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'portcullis-round-trip-'))));
afterAll(() => rm(folder, { recursive: true }));

test('whatever ordinary archive is written: the gate reads its names and contents, and nothing is wrong with it', async () => {
  const file = join(folder, 'sound.zip');
  await fc.assert(
    fc.asyncProperty(soundArchive, async ({ bytes, files }) => {
      await writeFile(file, bytes);
      const reading = await readArchive(file, { limits: defaultLimits }, async (found) => found);
      expect(reading.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(reading.complete).toBe(true);
      expect(reading.topLevelFolder).toBe(TOP_LEVEL_FOLDER);
      const hashes = [...files].map(([path, content]) => [path, sha512(content)]);
      const found = [...reading.contents.files].map(([path, { sha512 }]) => [path, sha512]);
      expect(found.sort(byName)).toEqual(hashes.sort(byName));
    }),
    { numRuns: 1_000 },
  );
}, 120_000);

const others = installedReaders().filter(({ name }) => name !== 'jar');
const claim = others.length > 1 ? test : test.skip;

claim(
  `${others.map(({ name }) => name).join(', ')} get the same out of it (others are not installed)`,
  async () => {
    // The sample is another one in every run; a failure prints the archive.
    const archives = fc.sample(soundArchive, 60);
    const zips = archives.map((_, index) => join(folder, `${index}.zip`));
    for (const [index, { bytes }] of archives.entries()) await writeFile(zips[index] ?? '', bytes);
    const readings = await readAll(others, zips);
    const disagreements = archives.flatMap(({ bytes, files }, index) => {
      const hashes = [...files].map(([path, content]) => [`${TOP_LEVEL_FOLDER}/${path}`, sha512(content)]);
      const expected = { files: Object.fromEntries(hashes), unmarkedNames: false };
      const found = disagreementsOn(bytes, expected, readings[index] ?? []);
      return found.length === 0 ? [] : [{ found, archive: bytes.toString('base64') }];
    });
    expect(disagreements).toEqual([]);
  },
  120_000,
);

function byName([a = '']: readonly string[], [b = '']: readonly string[]): number {
  return a < b ? -1 : 1;
}
