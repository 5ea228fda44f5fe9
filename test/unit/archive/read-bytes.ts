import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits, type Limits } from '../../../src/archive/limits.js';
import { readArchive, type ArchiveReading } from '../../../src/archive/read-archive.js';

/** What is left of a reading once its file is closed. */
export interface Outline {
  /** Sorted, each once. */
  readonly codes: readonly string[];
  readonly reading: ArchiveReading;
  /** Path → SHA-512. */
  readonly hashes: Readonly<Record<string, string>>;
}

/** Calls `use` with a file that holds `bytes` and is gone afterwards. */
export async function withFile<T>(bytes: Buffer, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-test-'));
  try {
    const file = join(folder, 'upload.zip');
    await writeFile(file, bytes);
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads an archive from memory, with the default limits but for those given. */
export function outlineOf(bytes: Buffer, limits: Partial<Limits> = {}): Promise<Outline> {
  return withFile(bytes, (file) => outlineOfFile(file, limits));
}

export function outlineOfFile(file: string, limits: Partial<Limits> = {}): Promise<Outline> {
  return readArchive(file, { limits: { ...defaultLimits, ...limits } }, (reading) => {
    const hashes = Object.fromEntries([...reading.contents.files].map(([path, { sha512 }]) => [path, sha512]));
    const codes = [...new Set(reading.findings.map(({ code }) => code))].sort();
    return Promise.resolve({ codes, reading, hashes });
  });
}
