import { createHmac } from 'node:crypto';
import { addressWindow } from '../accounts/attempts.js';
import type { Queryable } from '../database/connect.js';
import { addDownloads, type CountedDownloads } from '../database/downloads.js';

/** Counts downloads in memory, and writes them down now and then: a download costs the database no write. */
export interface DownloadCounter {
  /** Counts a download of a release that exists, once an hour for an address. */
  count(appId: string, version: string, address: string): void;
  /**
   * Writes down what was counted since. What could not be written is kept for the next time; one release that can't be holds up no
   * other.
   *
   * @throws what the database threw first, once all others are written, or left for the next time since it is away
   */
  flush(): Promise<void>;
}

const HOUR_MS = 60 * 60_000;

/** Some ten megabytes. Who fills this to be counted again asks for far more than it gives. */
const MAX_REMEMBERED = 100_000;

/** More releases than are downloaded in the time in which a database may well be away. */
const MAX_WAITING = 100_000;

/** After so many failures the database is taken to be away, and the rest is not tried: each try may take its time. */
const MAX_FAILURES = 3;

/** A counter of one gate. Several gates on one database count for themselves: an address that asks two of them counts twice. */
export function createDownloadCounter(
  {
    database,
    now,
    randomBytes,
  }: {
    readonly database: Queryable;
    readonly now: () => Date;
    readonly randomBytes: (size: number) => Buffer;
  },
  bounds: { readonly remembered: number } = { remembered: MAX_REMEMBERED },
): DownloadCounter {
  // No address is kept: only whoever has this key, which never leaves the memory, could tell one from a hash.
  const key = randomBytes(32);
  // When each was counted; the oldest first.
  const seen = new Map<string, number>();
  let waiting = new Map<string, CountedDownloads>();
  let flushing: Promise<void> = Promise.resolve();

  const forget = (at: number): void => {
    for (const [hash, countedAt] of seen) {
      if (seen.size <= bounds.remembered && at - countedAt < HOUR_MS) return;
      seen.delete(hash);
    }
  };
  const isNew = (release: string, address: string): boolean => {
    const at = now().getTime();
    forget(at);
    const hash = createHmac('sha256', key)
      .update(`${addressWindow(address)} ${release}`)
      .digest('base64')
      .slice(0, 22);
    if (seen.has(hash)) return false;
    seen.set(hash, at);
    return true;
  };
  const add = (release: string, { appId, version, count }: CountedDownloads): void => {
    const known = waiting.get(release);
    if (known === undefined && waiting.size >= MAX_WAITING) return;
    waiting.set(release, { appId, version, count: count + (known?.count ?? 0) });
  };
  /** Those that failed are tried after all others the next time. */
  const addLast = (release: string, downloads: CountedDownloads): void => {
    const since = waiting.get(release)?.count ?? 0;
    waiting.delete(release);
    add(release, { ...downloads, count: downloads.count + since });
  };
  const write = async (): Promise<void> => {
    const counted = waiting;
    waiting = new Map();
    const failures: unknown[] = [];
    const failed: typeof waiting = new Map();
    for (const [release, downloads] of counted) {
      if (failures.length === MAX_FAILURES) {
        add(release, downloads);
        continue;
      }
      await addDownloads(database, downloads).catch((error: unknown) => {
        failures.push(error);
        failed.set(release, downloads);
      });
    }
    for (const [release, downloads] of failed) addLast(release, downloads);
    if (failures.length > 0) throw failures[0];
  };

  return {
    count(appId, version, address) {
      const release = JSON.stringify([appId, version]);
      if (isNew(release, address)) add(release, { appId, version, count: 1 });
    },
    flush() {
      // One after the other: whoever waits for this one knows that all before is written.
      flushing = flushing.then(write, write);
      return flushing;
    },
  };
}
