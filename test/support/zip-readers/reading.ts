/** What a reader made of an archive. */
export interface Unpacked {
  /** Path with `/` → SHA-512 of the content in lower-case hex. Bytes that aren't UTF-8 are written `\xNN`. */
  readonly files: ReadonlyMap<string, string>;
  /** Without a closing `/`; every folder that there is on the disk, or that an in-memory reader lists or implies. */
  readonly folders: ReadonlySet<string>;
  /** What is neither a regular file nor a folder, and what carries setuid, setgid or sticky: `symlink app/a`. */
  readonly others: readonly string[];
  /** What appeared outside of the folder that the archive was unpacked into. */
  readonly escaped: readonly string[];
}

export type Reading =
  /** `warned`: the reader's words where it unpacked the archive and complained. */
  | ({ readonly kind: 'read'; readonly warned: string | null } & Unpacked)
  /** What it had written before it gave up is there as well. */
  | ({ readonly kind: 'refused'; readonly why: string } & Unpacked)
  /** It took more time, files or bytes than this harness gives it. */
  | ({ readonly kind: 'stopped'; readonly why: string } & Unpacked);

/** What a reader may use up for one archive. */
export interface ReadingLimits {
  readonly milliseconds: number;
  /** Written or inflated, all files together. */
  readonly bytes: number;
  readonly files: number;
}

export const readingLimits: ReadingLimits = { milliseconds: 60_000, bytes: 64 * 1024 * 1024, files: 60_000 };

export const nothingUnpacked: Unpacked = { files: new Map(), folders: new Set(), others: [], escaped: [] };

/** The folders that `paths` imply. */
export function* foldersAbove(paths: Iterable<string>): Generator<string> {
  for (const path of paths) {
    for (let at = path.indexOf('/', 1); at >= 0; at = path.indexOf('/', at + 1)) yield path.slice(0, at);
  }
}

/** Bytes of a name as text, one to one: what isn't UTF-8 is written `\xNN`. */
export function nameText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return text;
  return [...bytes]
    .map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`))
    .join('');
}
