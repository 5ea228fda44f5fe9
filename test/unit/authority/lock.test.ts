import { chmod, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { withLock } from '../../../src/authority/lock.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-lock-'));
  file = join(folder, 'lock');
});

afterEach(async () => rm(folder, { recursive: true }));

test('one is let in after the other, and a lock that a dead process left is broken', async () => {
  let inside = 0;
  let most = 0;
  const enter = (): Promise<void> =>
    withLock(file, async () => {
      inside += 1;
      most = Math.max(most, inside);
      await stat(folder);
      await chmod(folder, 0o700);
      inside -= 1;
    });
  await Promise.all([enter(), enter(), enter()]);
  expect(most).toBe(1);
  await writeFile(file, 'left behind');
  await utimes(file, 1, 1);
  await enter();
  expect(await readdir(folder)).toEqual([]);
});

test('several that find a lock stale at once are let in one after the other all the same', async () => {
  await writeFile(file, 'left behind');
  await utimes(file, 1, 1);
  let inside = 0;
  let most = 0;
  const enter = (): Promise<void> =>
    withLock(file, async () => {
      inside += 1;
      most = Math.max(most, inside);
      await pause(5);
      inside -= 1;
    });
  await Promise.all(Array.from({ length: 12 }, enter));
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test('a lock whose holder is at work never grows old', async () => {
  await withLock(file, async () => {
    await utimes(file, 1, 1);
    while ((await stat(file)).mtimeMs < 10_000) await pause(20);
  });
  expect(await readdir(folder)).toEqual([]);
});

test('who looks whether it holds the lock makes it young at once', async () => {
  await withLock(file, async ({ requireHeld }) => {
    await utimes(file, 1, 1);
    await requireHeld();
    expect((await stat(file)).mtimeMs).toBeGreaterThan(10_000);
  });
});

test('who lost the lock is told so, and leaves that of the other alone', async () => {
  let reached = false;
  const losing = withLock(file, async ({ requireHeld }) => {
    await rm(file);
    await writeFile(file, 'another one');
    await requireHeld();
    reached = true;
  });
  await expect(losing).rejects.toMatchObject({ name: 'AuthorityError' });
  expect(reached).toBe(false);
  expect(await readFile(file, 'utf8')).toBe('another one');
});

test('what was done without the lock does not pass for done', async () => {
  const losing = withLock(file, async () => {
    await rm(file);
    await writeFile(file, 'another one');
  });
  await expect(losing).rejects.toMatchObject({ name: 'AuthorityError' });
  await rm(file);
  await expect(withLock(file, async () => rm(file))).rejects.toMatchObject({ name: 'AuthorityError' });
});
