import { createHash, randomUUID } from 'node:crypto';
import { open, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import type { ArchiveStore } from '../storage/archive-store.js';
import { createTurns, type Turns } from './turns.js';

/** What is needed to read stored archives. */
export type ArchiveParts = Pick<Gate, 'archives' | 'temporaryFolder' | 'log'>;

/** An archive as the records have it. */
export interface KnownArchive {
  readonly sha256: string;
  readonly bytes: number;
}

/** Who wants to look into archives, and what for. */
export interface ArchiveVisit {
  /** Decisions have places of their own: they never wait for who only reads. */
  readonly purpose: 'reading' | 'decision';
  /** What one account asks for keeps nothing from the others. Null for the store's own work. */
  readonly accountId: number | null;
}

/** So much has copies on disk at once; what else an account wants waits, and beyond that comes in vain. */
const BOUNDS = { atOnce: 4, perAccount: 2, waitingPerAccount: 8 };
/** No account has this id. */
const OWN_WORK = 0;

/** By storage: it is what they have in common. */
const turns = new WeakMap<ArchiveStore, Readonly<Record<ArchiveVisit['purpose'], Turns>>>();

function turnsAt(archives: ArchiveStore, purpose: ArchiveVisit['purpose']): Turns {
  const known = turns.get(archives) ?? { reading: createTurns(BOUNDS), decision: createTurns(BOUNDS) };
  turns.set(archives, known);
  return known[purpose];
}

/**
 * Does what reads stored archives when the account's turn has come.
 *
 * @returns what `work` returns
 * @throws RequestError `TOO_MANY_OPEN` where the account looks into too many at a time; whatever `work` throws
 */
export async function inTurn<T>(
  archives: ArchiveStore,
  { purpose, accountId }: ArchiveVisit,
  work: () => Promise<T>,
): Promise<T> {
  return turnsAt(archives, purpose).take(accountId ?? OWN_WORK, work);
}

/**
 * Copies stored archives to temporary files, each when `work` asks for it; all of them go when it ends. What it gets are the
 * bytes that were uploaded: they are measured and hashed while they are copied.
 *
 * @returns what `work` returns
 * @throws RequestError `UNAVAILABLE` where the storage has an archive no more or has other bytes; `TOO_MANY_OPEN` where the
 *   account looks into too many at a time; whatever `work` throws
 */
export async function readingArchives<T>(
  gate: ArchiveParts,
  visit: ArchiveVisit,
  work: (copy: (archive: KnownArchive) => Promise<string>) => Promise<T>,
): Promise<T> {
  return inTurn(gate.archives, visit, async () => {
    await mkdir(gate.temporaryFolder, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(join(gate.temporaryFolder, 'review-'));
    try {
      return await work((archive) => copyArchive(gate, archive, join(folder, `${randomUUID()}.zip`)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function copyArchive({ archives, log }: ArchiveParts, { sha256, bytes }: KnownArchive, file: string) {
  const stored = await archives.open(sha256);
  if (stored === null) throw damaged(log, sha256, 'The storage has this archive no more.');
  if ((await copyHashing(stored, file, bytes)) !== sha256) {
    throw damaged(log, sha256, 'What the storage has is not what was uploaded; it is neither shown nor judged.');
  }
  return file;
}

/** @returns the SHA-256 of what was copied, lower-case hex; null where it is longer than `maxBytes` */
async function copyHashing(stored: Readable, file: string, maxBytes: number): Promise<string | null> {
  const hash = createHash('sha256');
  const handle = await open(file, 'wx', 0o600);
  try {
    let copied = 0;
    for await (const chunk of stored as AsyncIterable<Buffer>) {
      copied += chunk.length;
      if (copied > maxBytes) return null;
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    return hash.digest('hex');
  } finally {
    stored.destroy();
    await handle.close();
  }
}

function damaged(log: ArchiveParts['log'], sha256: string, message: string): RequestError {
  log.warn({ archive: sha256 }, 'a stored archive is missing or damaged');
  return new RequestError('UNAVAILABLE', message, { archive: sha256 });
}
