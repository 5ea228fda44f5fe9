import { createHash } from 'node:crypto';
import type { AuditHead, AuditRow } from '../database/audit-log.js';

/** What can be wrong with a log. */
export type ChainFault =
  /** Not what an entry looks like. */
  | 'malformed'
  /** The entry, or the hash beside it, is not what was written. */
  | 'altered'
  /** The entry is whole, but says another position than the one it was written at. */
  | 'position-changed'
  /** Entries are missing before this one. */
  | 'gap'
  /** The entry is there, but not where its position says. */
  | 'out-of-order'
  /** The entry follows another one than the one before it. */
  | 'forked'
  /** Entries are missing at the end. */
  | 'cut-off'
  /** There are entries behind the end. */
  | 'beyond-head'
  /** Nothing says where the log ends. */
  | 'head-missing'
  /** At the position of a head that somebody kept stands another entry. */
  | 'head-differs'
  /** No entry has the hash of a receipt. */
  | 'receipt-unknown';

/** What the chain of a log came to: whole up to its head, or where the first fault is. */
export type ChainVerdict =
  | {
      readonly isWhole: true;
      readonly head: AuditHead;
      /** Where the entries stand that were looked for, by their hashes. */
      readonly receipts: ReadonlyMap<string, AuditRow>;
    }
  | {
      readonly isWhole: false;
      readonly fault: ChainFault;
      /** The position at which the log is not what it should be. */
      readonly position: number;
      /** A sentence for people. */
      readonly message: string;
    };

/** What a log is held against, beside itself. */
export interface ChainWitness {
  /** Heads that somebody kept: there the log must have had that hash. */
  readonly heads?: readonly AuditHead[];
  /** Hashes of entries that must be there. */
  readonly receipts?: readonly string[];
}

/** What the first entry follows. */
const BEGINNING: AuditHead = { position: 0, hash: '0'.repeat(64) };

const HASH = /^[0-9a-f]{64}$/;

/**
 * Verifies a log from its first entry on, one entry at a time: a million of them need no memory. Finds an entry that was
 * changed, added, taken out or moved, and a tail that is another's. What it can't find is a log that was written anew from
 * some entry to its end, with a head to match: for that somebody else must have kept a head or a receipt.
 *
 * @param rows the log in the order in which it is kept
 * @param head where it must end, or a function that says so once all of it was read; null where nobody does
 * @param start the entry that the first of `rows` follows, which is taken on trust; the beginning of the log where it isn't said
 */
export async function verifyChain(
  rows: AsyncIterable<AuditRow>,
  head: AuditHead | (() => AuditHead) | null = null,
  witness: ChainWitness = {},
  start: AuditHead = BEGINNING,
): Promise<ChainVerdict> {
  const end = typeof head === 'function' ? null : head;
  const wanted = new Set(witness.receipts);
  const kept = new Map<number, string[]>();
  for (const { position, hash } of witness.heads ?? []) kept.set(position, [...(kept.get(position) ?? []), hash]);
  const receipts = new Map<string, AuditRow>();
  let last = start;
  // Where an entry is missing, what follows tells whether it was taken out or moved.
  let gap: { readonly expected: AuditHead; readonly found: number } | null = null;

  const beginning = againstWitness(last, kept);
  if (beginning !== null) return beginning;
  for await (const row of rows) {
    if (gap !== null) {
      const moved = findMoved(row, gap.expected);
      if (moved !== null) return moved;
      continue;
    }
    if (end !== null && last.position >= end.position) {
      return fault('beyond-head', last.position + 1, `The log goes on behind its head, which is at ${end.position}.`);
    }
    const found = judge(row, last);
    if (found?.fault === 'gap') {
      gap = { expected: last, found: row.position };
      continue;
    }
    if (found !== null) return found;
    last = { position: row.position, hash: row.hash };
    if (wanted.has(row.hash)) receipts.set(row.hash, row);
    const differs = againstWitness(last, kept);
    if (differs !== null) return differs;
  }
  if (gap !== null) return missing(gap.expected.position + 1, gap.found - 1);
  return judgeEnd(last, typeof head === 'function' ? head() : head, kept, wanted, receipts);
}

/** What is wrong with an entry that should follow `last`; null where nothing is. */
function judge(row: AuditRow, last: AuditHead): (ChainVerdict & { readonly isWhole: false }) | null {
  const expected = last.position + 1;
  if (!isWellFormed(row)) return fault('malformed', expected, 'What stands there is no entry of a log.');
  const isItself = hashOf(row.previous, row.position, row.entry) === row.hash;
  if (!isItself) {
    // Told by the hash, which fits the place that it was written for.
    if (hashOf(row.previous, expected, row.entry) === row.hash && row.previous === last.hash) {
      return fault(
        'position-changed',
        expected,
        `The entry of position ${expected} says that it is at ${row.position}.`,
      );
    }
    if (row.position === expected && hashOf(last.hash, expected, row.entry) === row.hash) {
      return fault('altered', expected, `What the entry at ${expected} says it follows was changed.`);
    }
    return fault('altered', expected, `The entry at ${expected} is not what was written there.`);
  }
  if (row.position > expected) return fault('gap', expected, '');
  if (row.position < expected) {
    return fault(
      'out-of-order',
      row.position,
      `The entry of position ${row.position} stands behind that of ${last.position}.`,
    );
  }
  if (row.previous !== last.hash) {
    return fault(
      'forked',
      expected,
      `The entry at ${expected} follows another one than the one before it: that one was replaced, or what begins here is of another log.`,
    );
  }
  return null;
}

/** That `row` is the entry that is missing behind `last`, somewhere else. */
function findMoved(row: AuditRow, last: AuditHead): ChainVerdict | null {
  const expected = last.position + 1;
  if (!isWellFormed(row) || row.previous !== last.hash || hashOf(last.hash, expected, row.entry) !== row.hash)
    return null;
  return row.position === expected
    ? fault('out-of-order', expected, `The entry of position ${expected} stands behind later ones.`)
    : fault('position-changed', expected, `The entry of position ${expected} says that it is at ${row.position}.`);
}

function judgeEnd(
  last: AuditHead,
  head: AuditHead | null,
  kept: ReadonlyMap<number, readonly string[]>,
  wanted: ReadonlySet<string>,
  receipts: ReadonlyMap<string, AuditRow>,
): ChainVerdict {
  if (head !== null && last.position < head.position) return cutOff(last, head.position, 'its head');
  if (head !== null && last.position > head.position) {
    return fault('beyond-head', head.position + 1, `The log goes on behind its head, which is at ${head.position}.`);
  }
  if (head !== null && last.hash !== head.hash) {
    return fault('head-differs', last.position, 'The last entry is another one than the head of the log says.');
  }
  const beyond = [...kept.keys()].filter((position) => position > last.position);
  if (beyond.length > 0) return cutOff(last, Math.min(...beyond), 'a head that was kept');
  const unknown = [...wanted].find((hash) => !receipts.has(hash));
  if (unknown !== undefined) {
    return fault('receipt-unknown', last.position, `No entry up to ${last.position} has the hash ${unknown}.`);
  }
  return { isWhole: true, head: last, receipts };
}

function againstWitness(
  { position, hash }: AuditHead,
  kept: ReadonlyMap<number, readonly string[]>,
): ChainVerdict | null {
  if (kept.get(position)?.every((each) => each === hash) ?? true) return null;
  return fault(
    'head-differs',
    position,
    `At ${position} the log has the hash ${hash}, which is not the one that was kept: it was written anew, at the latest from there.`,
  );
}

function missing(from: number, to: number): ChainVerdict {
  const which = from === to ? `The entry at ${from} is` : `The entries from ${from} to ${to} are`;
  return fault('gap', from, `${which} missing.`);
}

function cutOff({ position }: AuditHead, end: number, whose: string): ChainVerdict {
  return fault('cut-off', position + 1, `The log ends at ${position}; ${whose} is at ${end}.`);
}

function fault(kind: ChainFault, position: number, message: string): ChainVerdict & { readonly isWhole: false } {
  return { isWhole: false, fault: kind, position, message };
}

/** What was hashed as an entry was put into its place; the trigger `chain_audit_entry` has the other half. */
export function hashOf(previous: string, position: number, entry: string): string {
  return createHash('sha256').update(`${previous}\n${position}\n${entry}`, 'utf8').digest('hex');
}

/** What is no text that Postgres could hold would be hashed as if it were another. */
function isWellFormed({ position, previous, hash, entry }: AuditRow): boolean {
  const isText = typeof entry === 'string' && !/\p{Surrogate}/u.test(entry);
  return isText && Number.isSafeInteger(position) && position > 0 && HASH.test(previous) && HASH.test(hash);
}
