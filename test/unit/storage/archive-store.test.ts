import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { ArchiveStore } from '../../../src/storage/archive-store.js';
import { createStores } from '../../../src/storage/stores.js';
import { startS3Server, type S3Server } from '../../support/s3-server.js';

/*
 * What every archive store promises, whichever the settings name.
 */

interface Bench {
  readonly archives: ArchiveStore;
  readonly images: ArchiveStore;
  /** Changes what is kept behind the store's back; null removes it. */
  damage(name: string, bytes: Buffer | null): Promise<void>;
}

let folder: string;
let s3: S3Server;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-stores-'));
  s3 = await startS3Server();
});
afterAll(async () => {
  await s3.close();
  await rm(folder, { recursive: true });
});

const now = () => new Date();
const stores: Readonly<Record<string, () => Bench>> = {
  'a folder': () => ({
    ...createStores({ s3: null, dataDir: folder }, now),
    async damage(name, bytes) {
      await rm(join(folder, name), { force: true });
      await mkdir(dirname(join(folder, name)), { recursive: true });
      if (bytes !== null) await writeFile(join(folder, name), bytes);
    },
  }),
  'a bucket whose server verifies checksums': () => inBucket('verified'),
  'a bucket whose server overlooks checksums': () => inBucket('overlooked'),
  'a bucket whose server refuses checksums': () => inBucket('refused'),
};

function inBucket(checksums: S3Server['checksums']): Bench {
  s3.checksums = checksums;
  const settings = { ...s3.settings, prefix: `of/${checksums}` };
  return {
    ...createStores({ s3: settings, dataDir: folder }, now),
    damage: (name, bytes) => s3.put(`${settings.prefix}/${name}`, bytes),
  };
}

/** A file of so many random bytes, as an upload leaves it. */
async function upload(bytes: number) {
  const content = randomBytes(bytes);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const file = join(folder, `upload-${sha256}`);
  await writeFile(file, content);
  return { content, sha256, file, name: `archives/${sha256.slice(0, 2)}/${sha256.slice(2)}.zip` };
}

async function read(store: ArchiveStore, sha256: string, range?: { start: number; end: number }) {
  const stream = await store.open(sha256, range);
  return stream === null ? null : buffer(stream);
}

describe.each(Object.keys(stores))('%s', (which) => {
  let bench: Bench;
  beforeAll(() => {
    bench = (stores[which] as () => Bench)();
  });

  test('says that it can be written and read', async () => {
    await expect(bench.archives.check()).resolves.toBeUndefined();
  });

  test.each([1, 70_000, 5 * 1024 ** 2, 5 * 1024 ** 2 + 1])(
    'what is kept can be read, whole and in part (%d bytes)',
    async (bytes) => {
      const { content, sha256, file } = await upload(bytes);
      await bench.archives.keep(file, sha256);
      expect((await read(bench.archives, sha256))?.equals(content)).toBe(true);
      const [start, end] = [Math.floor(bytes / 3), Math.max(Math.floor(bytes / 2), 1)];
      const part = await read(bench.archives, sha256, { start, end });
      expect(part?.equals(content.subarray(start, end + 1))).toBe(true);
    },
  );

  test('a part that goes on behind the end ends there, and one that begins there is empty', async () => {
    const { content, sha256, file } = await upload(1_000);
    await bench.archives.keep(file, sha256);
    const part = await read(bench.archives, sha256, { start: 900, end: 5_000 });
    expect(part?.equals(content.subarray(900))).toBe(true);
    expect((await read(bench.archives, sha256, { start: 1_000, end: 5_000 }))?.length).toBe(0);
  });

  test('what is of another length than it was kept in is not to be had, whole or in part', async () => {
    const { content, sha256, file, name } = await upload(1_000);
    await bench.archives.keep(file, sha256);
    const part = { start: 900, end: 949 };
    const whole = await bench.archives.open(sha256, undefined, 1_000);
    expect(whole === null ? null : (await buffer(whole)).equals(content)).toBe(true);
    const end = await bench.archives.open(sha256, part, 1_000);
    expect(end === null ? null : (await buffer(end)).equals(content.subarray(900, 950))).toBe(true);
    for (const damaged of [content.subarray(0, 100), Buffer.concat([content, content])]) {
      await bench.damage(name, damaged);
      for (const range of [undefined, part]) {
        await expect(bench.archives.open(sha256, range, 1_000)).rejects.toThrow('in another length');
      }
    }
  });

  test('what was never kept, or is kept as an image, is null', async () => {
    const { sha256, file } = await upload(500);
    expect(await bench.archives.open(sha256)).toBeNull();
    expect(await bench.archives.open(sha256, { start: 1, end: 2 })).toBeNull();
    await bench.images.keep(file, sha256);
    expect(await bench.archives.open(sha256)).toBeNull();
    expect((await read(bench.images, sha256))?.length).toBe(500);
  });

  test('keeping the same again changes nothing', async () => {
    const { content, sha256, file } = await upload(3_000);
    for (let time = 0; time < 3; time++) await bench.archives.keep(file, sha256);
    expect((await read(bench.archives, sha256))?.equals(content)).toBe(true);
  });

  test.each([2_000, 5_300_000])('keeping again mends what was changed, cut or lost (%d bytes)', async (bytes) => {
    const { content, sha256, file, name } = await upload(bytes);
    const changed = Buffer.from(content);
    changed[bytes - 1] = (changed[bytes - 1] ?? 0) ^ 1;
    const others = [content.subarray(0, bytes - 1), Buffer.concat([content, content]), null];
    for (const damaged of bytes > 10_000 ? [changed] : [changed, ...others]) {
      await bench.archives.keep(file, sha256);
      await bench.damage(name, damaged);
      const now = await read(bench.archives, sha256);
      expect(now?.equals(damaged ?? content) ?? null).toBe(damaged === null ? null : true);
      await bench.archives.keep(file, sha256);
      expect((await read(bench.archives, sha256))?.equals(content)).toBe(true);
    }
  });

  test('a name that is no digest reaches no storage', async () => {
    const { file } = await upload(10);
    for (const name of ['../../etc/passwd', '', 'A'.repeat(64), `${'0'.repeat(63)}/`, `${'0'.repeat(64)}\n`]) {
      await expect(bench.archives.open(name)).rejects.toThrow('Not a SHA-256');
      await expect(bench.archives.keep(file, name)).rejects.toThrow('Not a SHA-256');
    }
  });
});
