import { open, readFile, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { hasCode } from '../error-words.js';

const serial = z.string().regex(/^([0-9A-F]{2}){1,20}$/);
const time = z.iso.datetime();

const event = z.discriminatedUnion('event', [
  /** Written before the authority's key is used: a certificate of which nobody knows can't be. */
  z.strictObject({
    event: z.literal('intended'),
    at: time,
    serial,
    appId: z.string(),
    publicKeyFingerprint: z.string(),
  }),
  z.strictObject({ event: z.literal('issued'), at: time, serial, fingerprint: z.string(), notAfter: time }),
  z.strictObject({ event: z.literal('revoked'), at: time, serial, reason: z.string() }),
  // The same of the root's certificates for the developers' tier.
  z.strictObject({
    event: z.literal('intermediate-intended'),
    at: time,
    serial,
    commonName: z.string(),
    publicKeyFingerprint: z.string(),
  }),
  z.strictObject({
    event: z.literal('intermediate-issued'),
    at: time,
    serial,
    fingerprint: z.string(),
    notAfter: time,
  }),
  z.strictObject({ event: z.literal('intermediate-revoked'), at: time, serial, reason: z.string() }),
]);

/** One line of the ledger. */
export type LedgerEvent = z.infer<typeof event>;

/** Whether a line is about a developer's certificate, and not about one of the authority's own. */
export function isOfLeaf({ event: kind }: LedgerEvent): boolean {
  return kind === 'intended' || kind === 'issued' || kind === 'revoked';
}

/** The ledger holds a line that nobody wrote: it is not guessed at, for it may be a revocation. */
class LedgerError extends Error {
  override readonly name = 'LedgerError';
}

/**
 * Reads what an authority has done, oldest first. A ledger that is not there yet is empty.
 *
 * @throws LedgerError for a line that can't be read, naming it
 */
export async function readLedger(file: string): Promise<readonly LedgerEvent[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  });
  const lines = text.split('\n');
  return lines.flatMap((line, index) =>
    // Behind the last line end there is nothing, or a line whose write broke off.
    line === '' ? [] : [readLine(line, `${file}:${index + 1}`, index === lines.length - 1)],
  );
}

/**
 * Adds a line at the end. When this returns, the line is on the disk; where it fails, the ledger is as it was before, as far
 * as the disk still allows.
 */
export async function appendToLedger(file: string, entry: LedgerEvent): Promise<void> {
  const line = `${JSON.stringify(event.parse(entry))}\n`;
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    try {
      // A last line that was never ended, as by an editor, must not run into this one.
      await handle.writeFile(`${(await isLineOpen(handle, size)) ? '\n' : ''}${line}`);
      await handle.sync();
    } catch (error) {
      // Half a line would make the whole ledger unreadable. What failed is told either way.
      await handle.truncate(size).catch(() => undefined);
      throw error;
    }
  } finally {
    await handle.close();
  }
}

async function isLineOpen(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString('latin1') !== '\n';
}

function readLine(line: string, place: string, isUnfinished: boolean): LedgerEvent {
  try {
    return event.parse(JSON.parse(line));
  } catch (error) {
    const advice = isUnfinished
      ? ' It is the last one and was not written to its end: what it was about has failed. Remove it, and do that again.'
      : '';
    throw new LedgerError(`${place}: this line of the ledger can not be read.${advice}`, { cause: error });
  }
}
