import type { ContentWatch, FileWatch } from '../archive/content-watch.js';
import {
  KEYSTORE_ENTRY,
  KEY_FILE_START_BYTES,
  keyFileStart,
  keystoreKey,
  readPrivateKeyFile,
} from '../pki/private-key-file.js';
import type { PrivateKeyFound } from '../pki/private-key-found.js';
import { KTY_CHARACTERS, MAX_BEFORE_KTY, jwkKind, readJwkPrivateKey } from '../pki/private-key-jwk.js';
import { ARMOUR_BEGIN, readArmouredPrivateKey } from '../pki/private-key-text.js';

/** A private key in an app: what and where it is, and nothing of the key itself. */
export interface ExposedKey extends PrivateKeyFound {
  readonly path: string;
  /** Of its first byte in the file. */
  readonly offset: number;
}

/** What was found of private keys in all files. */
export interface PrivateKeys {
  readonly keys: readonly ExposedKey[];
  /** Files with more places that look like a key than are looked at closely. */
  readonly unexamined: readonly string[];
}

export const noPrivateKeys: PrivateKeys = { keys: [], unexamined: [] };

/** What of a file is looked at together: behind a mark, before it, and what is new. */
const LOOK_BEHIND = MAX_BEFORE_KTY;
const LOOK_AHEAD = KEY_FILE_START_BYTES;
const FRESH_BYTES = 256 * 1024;

/** Text in UTF-16 has a NUL before this, at the latest in its first space or line end; most other text has none at all. */
const NUL_WITHIN = 4 * 1024;

/** The longest beginning of an armour, `-----BEGIN … PRIVATE KEY-----`. */
const LABEL_CHARACTERS = 64;

/**
 * How many marks are looked at, and how many of those read as a key might be. Honest apps have a few dozen mentions in all;
 * an archive that is made of them costs no more than this, and is refused.
 */
const PER_FILE = { marks: 2_000, readings: 200 };
const PER_ARCHIVE = { marks: 20_000, readings: 1_000 };

// Short marks with a rare first letter, since those are found at the speed of memory; every PEM, OpenPGP or OpenSSH key
// holds the first, as does each mention. The second is the same in UTF-16 of either byte order.
const ARMOUR_MARK = Buffer.from('VATE K', 'latin1');
const WIDE_ARMOUR_MARK = Buffer.from('V\0A\0T', 'latin1');
const JWK_MARK = Buffer.from('kty', 'latin1');

/**
 * Watches all files for private keys, by content and whatever their names. What it finds stands in `found` once the files
 * have passed by. Memory and time are bounded by constants, whatever the files hold.
 */
export function watchForPrivateKeys(): ContentWatch & { readonly found: PrivateKeys } {
  const keys: ExposedKey[] = [];
  const unexamined: string[] = [];
  const left = { ...PER_ARCHIVE };
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
    const leftHere = { ...PER_FILE };
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
        for (let at = view.indexOf(mark, from); at >= 0 && at < until; at = view.indexOf(mark, at + 1)) {
          if (!spend('marks')) return;
          look(at);
        }
      }
    };

    function lookAtStart(view: Buffer): void {
      mayBeWide = view.subarray(0, NUL_WITHIN).includes(0);
      const kind = keyFileStart(view);
      if (kind === null || !spend('readings')) return;
      isKeystore = kind === 'keystore';
      const key = readPrivateKeyFile(view.subarray(0, KEY_FILE_START_BYTES));
      if (key !== null) add(key, 0);
    }

    function lookAtArmour(view: Buffer, at: number, base: number): void {
      const before = Math.min(LABEL_CHARACTERS, at);
      readArmour(view.subarray(at - before, at + LOOK_AHEAD), before, base + at, 1);
    }

    function lookAtWideArmour(view: Buffer, at: number, base: number): void {
      const before = Math.min(LABEL_CHARACTERS, Math.floor(at / 2));
      const start = at - 2 * before;
      const label = everySecondByte(view.subarray(start, at + 2 * LABEL_CHARACTERS));
      if (beginOfLabel(label.toString('latin1'), before) === null) return;
      readArmour(everySecondByte(view.subarray(start, at + LOOK_AHEAD)), before, base + at, 2);
    }

    /**
     * @param window holds the mark, and the label around it
     * @param mark where it is in the window
     * @param offset where it is in the file
     * @param width bytes a character
     */
    function readArmour(window: Buffer, mark: number, offset: number, width: number): void {
      const start = beginOfLabel(window.toString('latin1', 0, mark + LABEL_CHARACTERS), mark);
      if (start === null || !spend('readings')) return;
      const key = readArmouredPrivateKey(window.toString('latin1', start));
      if (key !== null) add(key, offset - (mark - start) * width);
    }

    function lookAtJwk(view: Buffer, at: number, base: number): void {
      if (jwkKind(view.toString('latin1', at, at + KTY_CHARACTERS)) === null) return;
      if (!spend('readings')) return;
      const start = Math.max(0, at - LOOK_BEHIND);
      const key = readJwkPrivateKey(view.toString('latin1', start, at + LOOK_AHEAD), at - start);
      if (key !== null) add(key, base + at);
    }

    function add(key: PrivateKeyFound, offset: number): void {
      keys.push({ ...key, path, offset });
    }

    function spend(what: keyof typeof left): boolean {
      left[what] -= 1;
      leftHere[what] -= 1;
      if (left[what] >= 0 && leftHere[what] >= 0) return true;
      if (unexamined.at(-1) !== path) unexamined.push(path);
      return false;
    }
  }
}

type Search = (view: Buffer, base: number, from: number, isLast: boolean) => void;

/** Where the label begins that the mark is part of; null where it is part of none. */
function beginOfLabel(text: string, mark: number): number | null {
  const start = text.lastIndexOf('-----BEGIN ', mark);
  const label = start < 0 ? null : ARMOUR_BEGIN.exec(text.slice(start));
  return label?.index === 0 && start + label[0].length > mark ? start : null;
}

function everySecondByte(bytes: Buffer): Buffer {
  const narrow = Buffer.alloc(Math.ceil(bytes.length / 2));
  for (let index = 0; index < narrow.length; index += 1) narrow[index] = bytes[2 * index] ?? 0;
  return narrow;
}
