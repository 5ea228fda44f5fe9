import { createHash, randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { deflateRawSync } from 'node:zlib';
import { outcomeOf } from '../../../src/report/report.js';
import { defaultLimits } from '../../../src/archive/limits.js';
import { readArchive } from '../../../src/archive/read-archive.js';
import { appArchive, appFiles } from '../../support/app-archive.js';
import { rawZip } from '../../support/raw-zip.js';
import { outlineOf, outlineOfFile, withFile } from './read-bytes.js';

const limits = defaultLimits;

test('an app is read with its figures, its folder and its files', async () => {
  const bytes = await appArchive({ id: 'calendar' });
  const files = appFiles();
  const { reading, codes, hashes } = await outlineOf(bytes);
  expect(codes).toEqual([]);
  expect(reading.archive).toEqual({
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    entries: files.size,
    files: files.size,
    inflatedBytes: [...files.values()].reduce((sum, { length }) => sum + length, 0),
  });
  expect(reading.topLevelFolder).toBe('calendar');
  expect(Object.keys(hashes).sort()).toEqual([...files.keys()].sort());
});

test('a digest that is known already is not computed again', async () => {
  const sha256 = 'ab'.repeat(32);
  const known = await withFile(await appArchive(), (file) =>
    readArchive(file, { limits, sha256 }, ({ archive }) => Promise.resolve(archive.sha256)),
  );
  expect(known).toBe(sha256);
});

describe('contents.read', () => {
  const large = randomBytes(700_000);
  const open = <T>(use: Parameters<typeof readArchive<T>>[2]): Promise<T> =>
    appArchive({ files: { 'large.bin': large } }).then((bytes) =>
      withFile(bytes, (file) => readArchive(file, { limits }, use)),
    );

  test('gives the content of small and large files', async () => {
    await open(async ({ contents }) => {
      expect(await contents.read('appinfo/app.php', 1_000)).toEqual(appFiles().get('appinfo/app.php'));
      expect((await contents.read('large.bin', large.length))?.equals(large)).toBe(true);
    });
  });

  test('gives null beyond the bound and for what is not there', async () => {
    await open(async ({ contents }) => {
      expect(await contents.read('large.bin', large.length - 1)).toBeNull();
      expect(await contents.read('nothing', 1_000)).toBeNull();
      expect(await contents.read('__proto__', 1_000)).toBeNull();
    });
  });

  test('may be called several times at once', async () => {
    await open(async ({ contents }) => {
      const paths = [...contents.files.keys()];
      const read = await Promise.all(paths.map((path) => contents.read(path, 1_000_000)));
      const hashes = read.map((content) =>
        createHash('sha512')
          .update(content ?? '')
          .digest('hex'),
      );
      expect(hashes).toEqual(paths.map((path) => contents.files.get(path)?.sha512));
    });
  });
});

test('several faults are all found at once', async () => {
  const bytes = rawZip({
    entries: [
      { name: 'app/crc', data: 'a', both: { crc32: 1 } },
      { name: 'app/broken', data: 'b', compressed: Buffer.from('ffff', 'hex') },
      { name: 'app/size', data: 'c', both: { uncompressedSize: 9 } },
      { name: 'app/con', data: 'd' },
      { name: 'app/link', data: 'e', central: { externalAttributes: (0o120777 << 16) >>> 0 } },
      { name: 'app/lzma', data: 'f', both: { method: 14 } },
      { name: 'app/fine', data: 'g' },
    ],
  });
  const { codes, reading, hashes } = await outlineOf(bytes);
  expect(codes).toEqual([
    'ARCHIVE_CRC_MISMATCH',
    'ARCHIVE_DATA_CORRUPT',
    'ARCHIVE_METHOD_UNSUPPORTED',
    'ARCHIVE_NAME_RESERVED',
    'ARCHIVE_SIZE_MISMATCH',
    'ARCHIVE_SYMLINK',
  ]);
  expect(reading.findings.find(({ code }) => code === 'ARCHIVE_SYMLINK')?.path).toBe('link');
  expect(reading.complete).toBe(false);
  expect(Object.keys(hashes)).toContain('fine');
});

test('a version control folder is one finding, however many files are in it', async () => {
  const bytes = await appArchive({ files: { '.git/HEAD': 'x', '.git/refs/a': 'x', 'lib/.hg/x': 'x' } });
  const { reading } = await outlineOf(bytes);
  expect(reading.findings.map(({ code, path }) => [code, path])).toEqual([
    ['VCS_DATA', '.git'],
    ['VCS_DATA', 'lib/.hg'],
  ]);
});

test('an app packed without its folder still shows its files', async () => {
  const { reading, codes, hashes } = await outlineOf(await appArchive({ topLevelFolder: '' }));
  expect(codes).toEqual(['ARCHIVE_NO_TOP_LEVEL_FOLDER']);
  expect(reading.topLevelFolder).toBeNull();
  expect(Object.keys(hashes)).toContain('appinfo/info.xml');
});

test.each(['__MACOSX/app/._a', 'META-INF/MANIFEST.MF', '.DS_Store', 'Thumbs.db'])(
  'what a tool adds is named, and the app beside it is read: %s',
  async (name) => {
    const { reading, hashes } = await outlineOf(
      rawZip({
        entries: [
          { name: 'app/a', data: 'a' },
          { name, data: 'b' },
        ],
      }),
    );
    expect(reading.findings).toMatchObject([{ code: 'ARCHIVE_NO_TOP_LEVEL_FOLDER' }]);
    expect(reading.findings[0]?.fix).toContain(name.split('/')[0]);
    expect(reading.topLevelFolder).toBe('app');
    expect(Object.keys(hashes)).toEqual(['a']);
  },
);

test('the time limit also cuts an entry short that is being inflated', async () => {
  const bytes = await appArchive({ files: { 'slow.bin': randomBytes(4_000_000) } });
  let clock = 0;
  // Every look at the clock costs a second: the small files take a few, the large one dozens.
  const now = (): number => (clock += 1_000);
  const reading = await withFile(bytes, (file) =>
    readArchive(file, { limits: { ...limits, inspectionMs: 40_000 }, now }, (read) => Promise.resolve(read)),
  );
  expect(reading.findings.map(({ code }) => code)).toEqual(['ARCHIVE_TIMEOUT']);
  expect(reading.complete).toBe(false);
  expect(reading.archive.inflatedBytes).toBeGreaterThan(0);
  expect(reading.archive.inflatedBytes).toBeLessThan(4_000_000);
});

test('fifty thousand bad names are counted, and a thousand of them described', async () => {
  const entries = Array.from({ length: 50_000 }, (_, index) => ({ name: `app/${index}:`, method: 0 }));
  const { reading, codes } = await outlineOf(rawZip({ entries }));
  expect(codes).toEqual(['ARCHIVE_NAME_COLON']);
  expect(reading.findings).toHaveLength(50_000);
  // One object stands for all of the rest.
  expect(new Set(reading.findings).size).toBe(1_001);
  expect(reading.archive.entries).toBe(50_000);
});

test('an overlapping bomb is refused before anything is inflated', async () => {
  // One kernel of zeros that a thousand directory entries share.
  const kernel = { name: 'app/0', data: Buffer.alloc(1_000_000) };
  const compressed = deflateRawSync(kernel.data);
  const sharing = Array.from({ length: 999 }, (_, index) => ({
    ...kernel,
    name: `app/${index + 1}`,
    compressed,
    omit: 'local' as const,
    central: { headerOffset: 0 },
  }));
  const { reading, codes } = await outlineOf(rawZip({ entries: [kernel, ...sharing] }));
  expect(codes).toContain('ARCHIVE_OVERLAP');
  expect(reading.archive.inflatedBytes).toBe(0);
});

test('the file is closed afterwards, also when its user fails', async () => {
  const descriptors = async (): Promise<number> => (await readdir('/proc/self/fd')).length;
  await withFile(await appArchive(), async (file) => {
    const before = await descriptors();
    for (let round = 0; round < 20; round += 1) {
      const failing = readArchive(file, { limits }, () => Promise.reject(new Error('the user fails')));
      await expect(failing).rejects.toThrow('the user fails');
    }
    expect(await descriptors()).toBeLessThan(before + 5);
  });
});

test('a missing file is thrown, not found', async () => {
  await expect(readArchive('/nonexistent.zip', { limits }, () => Promise.resolve())).rejects.toThrow('ENOENT');
});

test('no flipped bit is accepted as the same names with other contents', async () => {
  const original = rawZip({
    entries: [
      { name: 'app/', method: 0 },
      { name: 'app/a.txt', data: 'deflated deflated deflated' },
      { name: 'app/b.txt', data: 'stored', method: 0 },
      { name: 'app/c.txt', data: 'streamed', streamed: true },
    ],
    end: { comment: Buffer.from('comment') },
  });
  const { hashes } = await outlineOf(original);
  let accepted = 0;
  await withFile(original, async (file) => {
    for (let bit = 0; bit < original.length * 8; bit += 1) {
      const flipped = Buffer.from(original);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      await writeFile(file, flipped);
      const outline = await outlineOfFile(file);
      if (outcomeOf(outline.reading.findings) !== 'accepted') continue;
      accepted += 1;
      // Timestamps, permissions, comments: what is left over changes no content.
      expect({ bit, hashes: outline.hashes }).toEqual({ bit, hashes });
    }
  });
  expect(accepted).toBeGreaterThan(0);
  expect(accepted).toBeLessThan(original.length * 4);
});
