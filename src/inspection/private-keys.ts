import type { ContentWatch, FileWatch } from '../archive/content-watch.js';
import {
  KEYSTORE_ENTRY,
  KEY_FILE_START_BYTES,
  keyFileStart,
  keystoreKey,
  readPrivateKeyFile,
} from '../pki/private-key-file.js';
import type { PrivateKeyFound } from '../pki/private-key-found.js';
import {
  KTY_CHARACTERS,
  MAX_BEFORE_KTY,
  enclosingObject,
  isMemberName,
  jwkKind,
  readJwkPrivateKey,
} from '../pki/private-key-jwk.js';
import { LABEL_CHARACTERS, armourAt, labelAround, readArmouredPrivateKey } from '../pki/private-key-text.js';

/** A private key in an app: what and where it is, and nothing of the key itself. */
export interface ExposedKey extends PrivateKeyFound {
  readonly path: string;
  /** Of its first byte in the file. */
  readonly offset: number;
}

/** What was found of private keys in all files. */
export interface PrivateKeys {
  readonly keys: readonly ExposedKey[];
  /** Files that were not searched to their end, since the archive holds more that looks like a key than is read. */
  readonly unexamined: readonly string[];
}

export const noPrivateKeys: PrivateKeys = { keys: [], unexamined: [] };

/** What of a file is looked at together: behind a mark, before it, and what is new. */
const LOOK_BEHIND = MAX_BEFORE_KTY;
const LOOK_AHEAD = KEY_FILE_START_BYTES;
const FRESH_BYTES = 256 * 1024;

/** Text in UTF-16 has a NUL before this, at the latest in its first space or line end; most other text has none at all. */
const NUL_WITHIN = 4 * 1024;

/**
 * The work that an archive may cost beyond the search for marks, counted in bytes that are read as a key. Honest apps have a
 * few dozen mentions, of a KiB or two each; words that hold a mark by chance cost nothing.
 */
const MAX_WORK = 16 * 1024 * 1024;
/** What a look at a place costs at least: a label, a JWK's "kty". */
const WORK_OF_LOOK = 1024;
/** A key costs more: its public point is computed, which takes up to a millisecond. So there are 256 at most. */
const WORK_OF_KEY = 64 * 1024;

// Short marks with a rare first letter, since those are found at the speed of memory; every PEM, OpenPGP or OpenSSH key
// holds the first, as does each mention. The second is the same in UTF-16 of either byte order.
const ARMOUR_MARK = Buffer.from('VATE K', 'latin1');
const WIDE_ARMOUR_MARK = Buffer.from('V\0A\0T', 'latin1');
const JWK_MARK = Buffer.from('kty', 'latin1');

/** Where marks stand close together, looking at bytes is faster than the native search, which takes a while to begin. */
const NEAR_BYTES = 64;

/**
 * Watches all files for private keys, by content and whatever their names. What it finds stands in `found` once the files
 * have passed by. Memory and time are bounded by constants, whatever the files hold.
 */
export function watchForPrivateKeys(): ContentWatch & { readonly found: PrivateKeys } {
  const keys: ExposedKey[] = [];
  const unexamined: string[] = [];
  let workLeft = MAX_WORK;
  let block: Buffer | null = null;

  return {
    found: { keys, unexamined },
    file(path, bytes) {
      return watchFile(bytes, searchFile(path));
    },
  };

  /** Gives parts of a file to `search`, each with enough of what is before and after it. */
  function watchFile(bytes: number, search: Search): FileWatch {
    let filled = 0;
    let base = 0;
    let from = 0;
    return {
      take(chunk) {
        // Most files come as one chunk, and need not be copied.
        if (chunk.length === bytes && filled === 0 && base === 0) {
          search(chunk, 0, 0, true);
          base = bytes;
          from = bytes;
          return;
        }
        block ??= Buffer.allocUnsafe(LOOK_BEHIND + LOOK_AHEAD + FRESH_BYTES);
        for (let copied = 0; copied < chunk.length;) {
          const count = chunk.copy(block, filled, copied);
          copied += count;
          filled += count;
          if (filled === block.length) {
            search(block, base, from - base, false);
            from = base + filled - LOOK_AHEAD;
            const kept = LOOK_BEHIND + LOOK_AHEAD;
            block.copy(block, 0, filled - kept, filled);
            base += filled - kept;
            filled = kept;
          }
        }
      },
      end() {
        if (block !== null && filled > 0) search(block.subarray(0, filled), base, from - base, true);
      },
    };
  }

  /** @param view bytes from offset `base` of the file on; marks are looked for from `from` on in it */
  function searchFile(path: string): Search {
    let isKeystore = false;
    let mayBeWide = false;

    return (view, base, from, isLast) => {
      if (base === 0 && from === 0) lookAtStart(view);
      if (isKeystore && view.includes(KEYSTORE_ENTRY, from)) {
        isKeystore = false;
        add(keystoreKey, 0);
      }
      // What begins further back than this is looked at again when more has come.
      const until = isLast ? view.length : view.length - LOOK_AHEAD;
      eachMark(ARMOUR_MARK, (at) => lookAtArmour(view, at, base));
      if (mayBeWide) eachMark(WIDE_ARMOUR_MARK, (at) => lookAtWideArmour(view, at, base));
      eachMark(JWK_MARK, (at) => lookAtJwk(view, at, base));

      function eachMark(mark: Buffer, look: (at: number) => void): void {
        for (let at = indexOfMark(view, mark, from); at >= 0 && at < until; at = indexOfMark(view, mark, at + 1)) {
          look(at);
        }
      }
    };

    function lookAtStart(view: Buffer): void {
      mayBeWide = view.subarray(0, NUL_WITHIN).includes(0);
      const kind = keyFileStart(view);
      if (kind === null || !spend(Math.min(view.length, KEY_FILE_START_BYTES))) return;
      isKeystore = kind === 'keystore';
      const key = readPrivateKeyFile(view.subarray(0, KEY_FILE_START_BYTES));
      if (key !== null) add(key, 0);
    }

    function lookAtArmour(view: Buffer, at: number, base: number): void {
      if (!isPartOfLabel(view, at - VATE_AT, 1)) return;
      const before = Math.min(BEFORE_MARK, at);
      readArmour(view.subarray(at - before, at + LOOK_AHEAD), before, base + at, 1);
    }

    function lookAtWideArmour(view: Buffer, at: number, base: number): void {
      if (!isPartOfLabel(view, at - 2 * VATE_AT, 2)) return;
      const before = Math.min(BEFORE_MARK, Math.floor(at / 2));
      const start = at - 2 * before;
      if (!spend(LOOK_AHEAD)) return;
      readArmour(everySecondByte(view.subarray(start, at + LOOK_AHEAD)), before, base + at, 2);
    }

    /**
     * @param window holds the mark, and the label around it
     * @param mark where it is in the window
     * @param offset where it is in the file
     * @param width bytes a character
     */
    function readArmour(window: Buffer, mark: number, offset: number, width: number): void {
      if (!spend(WORK_OF_LOOK)) return;
      const start = labelAround(window.toString('latin1', 0, mark + LABEL_CHARACTERS), mark);
      const armour = start === null ? null : armourAt(window.toString('latin1'), start);
      if (start === null || armour === null || !spend(armour.body.length)) return;
      const key = readArmouredPrivateKey(armour);
      if (key !== null) add(key, offset - (mark - start) * width);
    }

    function lookAtJwk(view: Buffer, at: number, base: number): void {
      const end = at + JWK_MARK.length;
      if (!isMemberName(view.toString('latin1', Math.max(0, at - 1), at), view.toString('latin1', end, end + 1)))
        return;
      if (!spend(WORK_OF_LOOK)) return;
      const kind = jwkKind(view.toString('latin1', at, at + KTY_CHARACTERS));
      if (kind === null) return;
      const start = Math.max(0, at - LOOK_BEHIND);
      const object = enclosingObject(view.toString('latin1', start, at + LOOK_AHEAD), at - start);
      const key = spend(object.length) ? readJwkPrivateKey(kind, object) : null;
      if (key !== null) add(key, base + at);
    }

    function add(key: PrivateKeyFound, offset: number): void {
      keys.push({ ...key, path, offset });
      workLeft -= WORK_OF_KEY;
    }

    /** False where there is no work left, which is written down. */
    function spend(work: number): boolean {
      workLeft -= work;
      if (workLeft >= 0) return true;
      if (unexamined.at(-1) !== path) unexamined.push(path);
      return false;
    }
  }
}

type Search = (view: Buffer, base: number, from: number, isLast: boolean) => void;

function indexOfMark(view: Buffer, mark: Buffer, from: number): number {
  const far = Math.min(from + NEAR_BYTES, view.length - mark.length);
  for (let at = from; at < far; at += 1) {
    if (view[at] === mark[0] && mark.every((byte, index) => view[at + index] === byte)) return at;
  }
  return view.indexOf(mark, Math.max(from, far));
}

const LABEL_END = ' PRIVATE KEY';
const VATE_AT = LABEL_END.indexOf('VATE');
/** Before the mark: the longest label, and what stands before it on its line. */
const BEFORE_MARK = 2 * LABEL_CHARACTERS;

/** Whether ` PRIVATE KEY` and then a dash or ` B` of `BLOCK` stands at `start`, in characters of `width` bytes. */
function isPartOfLabel(view: Buffer, start: number, width: number): boolean {
  for (let index = 0; index < LABEL_END.length; index += 1) {
    if (view[start + index * width] !== LABEL_END.charCodeAt(index)) return false;
  }
  const [dash, blank, b] = [0x2d, 0x20, 0x42];
  const end = start + LABEL_END.length * width;
  return view[end] === dash || (view[end] === blank && view[end + width] === b);
}

function everySecondByte(bytes: Buffer): Buffer {
  const narrow = Buffer.alloc(Math.ceil(bytes.length / 2));
  for (let index = 0; index < narrow.length; index += 1) narrow[index] = bytes[2 * index] ?? 0;
  return narrow;
}
