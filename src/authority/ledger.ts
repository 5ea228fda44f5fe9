import { open, readFile } from 'node:fs/promises';
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
  return text.split('\n').flatMap((line, index) => (line === '' ? [] : [readLine(line, `${file}:${index + 1}`)]));
}

/** Adds a line at the end. When this returns, the line is on the disk. */
export async function appendToLedger(file: string, entry: LedgerEvent): Promise<void> {
  const handle = await open(file, 'a', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(event.parse(entry))}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function readLine(line: string, place: string): LedgerEvent {
  try {
    return event.parse(JSON.parse(line));
  } catch (error) {
    throw new LedgerError(`${place}: this line of the ledger can not be read.`, { cause: error });
  }
}
