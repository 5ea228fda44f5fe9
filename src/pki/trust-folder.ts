import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of a trust folder, not yet read. */
export interface TrustFile {
  readonly part: 'roots' | 'intermediates' | 'crl' | 'settings';
  /** Its base name, and the name for messages, relative to the folder. */
  readonly name: string;
  readonly label: string;
  readonly path: string;
  readonly bytes: number;
  /** Changes whenever the file does; says so itself if there is nothing readable under the name. */
  readonly stamp: string;
  /** When the file last changed in any way, in milliseconds. */
  readonly changedAt: number;
  /** Why it can't be read, or null. */
  readonly problem: string | null;
}

const parts = [
  { part: 'roots', extension: '.crt' },
  { part: 'intermediates', extension: '.crt' },
  { part: 'crl', extension: '.crl' },
] as const;

const settingsFile = 'trust.json';
const maxFiles = 1000;
const maxFileBytes = 64 * 1024 * 1024;

/**
 * Lists the files of a trust folder that count, in a fixed order: `roots/*.crt`, `intermediates/*.crt`, `crl/*.crl` and
 * `trust.json`. Symbolic links are followed; hidden files and other names are passed over. Only the folders for
 * intermediates and lists may be missing. Throws an Error whose message is a sentence for the operator.
 */
export async function listTrustFiles(folder: string): Promise<readonly TrustFile[]> {
  const lists = await Promise.all(
    parts.map(async ({ part, extension }) => {
      const names = await namesIn(join(folder, part), `${part}/`, part !== 'roots');
      const wanted = names.filter((name) => !name.startsWith('.') && name.endsWith(extension)).sort();
      if (wanted.length > maxFiles) throw new Error(`${part}/: There are more than ${maxFiles} files.`);
      return Promise.all(wanted.map((name) => look(part, name, `${part}/${name}`, join(folder, part, name))));
    }),
  );
  const hasSettings = (await namesIn(folder, '.', false)).includes(settingsFile);
  const settings = hasSettings ? [await look('settings', settingsFile, settingsFile, join(folder, settingsFile))] : [];
  return [...lists.flat(), ...settings];
}

/** Reads one of the listed files. Throws an Error whose message is a sentence for the operator. */
export async function readTrustFile(file: TrustFile): Promise<Buffer> {
  if (file.problem !== null) throw new Error(file.problem);
  if (file.bytes > maxFileBytes) throw new Error('The file is too large.');
  try {
    return await readFile(file.path);
  } catch (error) {
    throw new Error(`The file can not be read (${codeOf(error)}).`, { cause: error });
  }
}

async function namesIn(folder: string, label: string, mayBeMissing: boolean): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (mayBeMissing && codeOf(error) === 'ENOENT') return [];
    throw new Error(`${label}: The folder can not be read (${codeOf(error)}).`, { cause: error });
  }
}

async function look(part: TrustFile['part'], name: string, label: string, path: string): Promise<TrustFile> {
  const file = { part, name, label, path };
  try {
    const stats = await stat(path, { bigint: true });
    const { dev, ino, size, mtimeNs, ctimeNs } = stats;
    return {
      ...file,
      bytes: Number(size),
      stamp: [label, dev, ino, size, mtimeNs, ctimeNs].join('\0'),
      changedAt: Number(ctimeNs / 1_000_000n),
      problem: stats.isFile() ? null : 'It is not a file.',
    };
  } catch (error) {
    const problem = `The file can not be read (${codeOf(error)}).`;
    return { ...file, bytes: 0, stamp: `${label}\0${problem}`, changedAt: 0, problem };
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown reason';
}
