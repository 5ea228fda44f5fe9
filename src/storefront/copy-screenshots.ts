import { createHash, randomInt, randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inTransaction } from '../database/connect.js';
import {
  claimDueScreenshot,
  returnScreenshot,
  settleCopied,
  settleFailed,
  type DueScreenshot,
  type ImageRow,
} from '../database/screenshots.js';
import { wordsOfError } from '../error-words.js';
import type { Gate } from '../gate.js';
import { fetchBounded } from '../network/fetch-bounded.js';
import { FetchError, type FetchErrorKind } from '../network/fetch-error.js';
import { parseUrl } from '../parse-url.js';
import {
  reencodeImage,
  screenshotBounds,
  type ReencodedImage,
  type Reencoding,
  type ReencodingBounds,
} from './reencode-image.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long to wait after each attempt that failed; after the last there is none any more. */
const PAUSES_MS = [5 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS];

/** How often a screenshot is tried, within about a day. */
export const MAX_COPY_ATTEMPTS = PAUSES_MS.length + 1;

/** After a fault of our own. */
const RETURN_MS = 10 * MINUTE_MS;
const FETCH_MS = 20 * SECOND_MS;
/** How long who took a screenshot has it for himself: longer than it takes to fetch it and to wait for the decoder. */
const LEASE_MS = 5 * MINUTE_MS;
const MAX_PICTURE_BYTES = 10 * 1024 * 1024;
const AT_ONCE = 4;
/** Of one call, so that it ends. */
const MAX_PER_CALL = 400;

/** What an address can be that will be no better tomorrow. */
const FINAL: readonly FetchErrorKind[] = ['scheme', 'credentials', 'port'];

/** What copying needs of the gate. */
export type CopyingParts = Pick<Gate, 'database' | 'now' | 'network' | 'images' | 'temporaryFolder' | 'log'>;

/** How far one copy may go. */
export interface CopyingBounds {
  readonly fetchMs: number;
  readonly reencoding: ReencodingBounds;
}

const copyingBounds: CopyingBounds = { fetchMs: FETCH_MS, reencoding: screenshotBounds };

export interface CopyCount {
  copied: number;
  failed: number;
}

/**
 * Copies the screenshots that are due: fetched over https within the bounds of `network`, made anew in a process of its own,
 * kept in the storage, and then written down. For a timer on every replica; each is taken by one, and taken up by another where
 * that one dies. What fails is tried again at growing intervals, five times; then why is written down, and that is all.
 *
 * @throws what was the first fault of our own (the storage, the decoder's program or whoever ended it), which counts for no attempt
 */
export async function copyScreenshots(parts: CopyingParts, bounds: CopyingBounds = copyingBounds): Promise<CopyCount> {
  const count: CopyCount = { copied: 0, failed: 0 };
  const faults: unknown[] = [];
  const decode = oneAtATime((picture: Buffer) => reencodeImage(picture, bounds.reencoding));
  const copyOne = async (due: DueScreenshot): Promise<void> => {
    try {
      count[(await copyScreenshot(parts, due, { decode, fetchMs: bounds.fetchMs })) ? 'copied' : 'failed'] += 1;
    } catch (error) {
      faults.push(error);
      await returnScreenshot(parts.database, due, later(parts, RETURN_MS));
    }
  };
  const claim = takeTurns(parts);
  let left = MAX_PER_CALL;
  const work = async (): Promise<void> => {
    while (faults.length === 0 && left > 0) {
      left -= 1;
      const due = await claim();
      if (due === null) return;
      await copyOne(due);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (faults.length > 0) throw faults[0];
  return count;
}

/**
 * Takes what is due, one screenshot an app, and then from the first app on again: one with thousands keeps nobody waiting. Begins
 * anywhere, since a call may end before it has come to the last app.
 */
function takeTurns(parts: CopyingParts): () => Promise<DueScreenshot | null> {
  let isOver = false;
  let afterApp = String.fromCharCode('a'.charCodeAt(0) + randomInt(26));
  const claimAfter = async (app: string): Promise<DueScreenshot | null> =>
    claimDueScreenshot(parts.database, { at: parts.now(), untilAt: later(parts, LEASE_MS), afterApp: app });
  return oneAtATime(async () => {
    if (isOver) return null;
    const due = (await claimAfter(afterApp)) ?? (await claimAfter(''));
    afterApp = due?.appId ?? '';
    isOver = due === null;
    return due;
  });
}

/** The decoder takes memory: one picture after the other. And turns are only turns one after the other. */
function oneAtATime<T extends unknown[], R>(work: (...input: T) => Promise<R>): (...input: T) => Promise<R> {
  let before: Promise<unknown> = Promise.resolve();
  return (...input) => {
    const done = before.then(() => work(...input));
    before = done.catch(() => undefined);
    return done;
  };
}

function later({ now }: CopyingParts, ms: number): Date {
  return new Date(now().getTime() + ms);
}

interface Failure {
  readonly reason: string;
  readonly isFinal: boolean;
}

/** True where it was copied; false where it could not be, which is written down. */
async function copyScreenshot(
  parts: CopyingParts,
  due: DueScreenshot,
  how: { readonly decode: (picture: Buffer) => Promise<Reencoding>; readonly fetchMs: number },
): Promise<boolean> {
  // Taken so often, and never settled: with it under way the gate came to its end.
  if (due.attempts > MAX_COPY_ATTEMPTS) {
    return fail(parts, due, { reason: 'No attempt at it came to its end.', isFinal: true });
  }
  const fetched = await fetchPicture(parts, due, how.fetchMs);
  if ('reason' in fetched) return fail(parts, due, fetched);
  const reencoded = await how.decode(fetched.picture);
  if ('refusal' in reencoded) {
    return fail(parts, due, { reason: reencoded.refusal, isFinal: reencoded.isFinal });
  }
  // File before row.
  const image = await keepImage(parts, reencoded.image);
  const thumbnail = await keepImage(parts, reencoded.thumbnail);
  await inTransaction(parts.database, (tx) => settleCopied(tx, due, { image, thumbnail }));
  return true;
}

async function fetchPicture(
  { network, log }: CopyingParts,
  { appId, version, place, sourceUrl }: DueScreenshot,
  timeoutMs: number,
): Promise<{ readonly picture: Buffer } | Failure> {
  const url = parseUrl(sourceUrl);
  if (url === null) return { reason: 'Its address is none.', isFinal: true };
  try {
    const bounds = { network, maxBytes: MAX_PICTURE_BYTES, timeoutMs };
    // Large sites keep their files on other hosts; and it is the picture that is shown, whoever hands it out.
    const { body } = await fetchBounded(url, { ...bounds, followsToOtherHosts: true });
    return { picture: body };
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    const cause = error.cause === undefined ? null : wordsOfError(error.cause);
    log.info({ app: appId, version, place, reason: error.message, cause }, 'a screenshot was not fetched');
    return { reason: error.message, isFinal: FINAL.includes(error.kind) };
  }
}

async function fail(parts: CopyingParts, due: DueScreenshot, { reason, isFinal }: Failure): Promise<false> {
  const pause = isFinal ? undefined : PAUSES_MS[due.attempts - 1];
  const nextTryAt = pause === undefined ? null : later(parts, pause);
  await settleFailed(parts.database, due, { failure: reason, nextTryAt });
  return false;
}

async function keepImage({ images, temporaryFolder }: CopyingParts, made: ReencodedImage): Promise<ImageRow> {
  const sha256 = createHash('sha256').update(made.bytes).digest('hex');
  await mkdir(temporaryFolder, { recursive: true, mode: 0o700 });
  const file = join(temporaryFolder, `image-${randomUUID()}`);
  try {
    await writeFile(file, made.bytes, { mode: 0o600, flag: 'wx' });
    await images.keep(file, sha256);
  } finally {
    await rm(file, { force: true });
  }
  return { sha256, mediaType: 'image/webp', width: made.width, height: made.height, bytes: made.bytes.length };
}
