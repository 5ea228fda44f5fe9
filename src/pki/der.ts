/**
 * A strict reader of DER (ITU-T X.690 §8 and §10), the little of it that certificates, revocation lists and signing
 * requests are made of. It looks at one level at a time and never recurses, so nesting can't exhaust the stack, and it
 * refuses every second way to write a value: two readers of the same bytes can't come to see different things.
 */

/** One type-length-value. Buffers are views into the input, never copies. */
export interface DerValue {
  /** The identifier octet: class, constructed bit and number together, e.g. 0x30 for a SEQUENCE. */
  readonly tag: number;
  readonly content: Buffer;
  /** The whole value, header included: what a signature is made over. */
  readonly bytes: Buffer;
}

/** The bytes are not the DER that was expected. The readers of whole documents turn it into their own error. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier octet of a constructed context-specific tag, `[n] EXPLICIT …`. */
export function contextTag(number: number): number {
  return 0xa0 | number;
}

/** Reads bytes that hold exactly one value. Throws DerError, also for anything that follows the value. */
export function readDer(bytes: Buffer): DerValue {
  const value = readValueAt(bytes, 0);
  if (value.bytes.length !== bytes.length) throw new DerError('there are bytes after the end');
  return value;
}

/** Reads the values directly inside a constructed value. Throws DerError, also where there are more than `most`. */
export function readChildren(parent: DerValue, most = Infinity): readonly DerValue[] {
  if ((parent.tag & 0x20) === 0) throw new DerError('a value with parts was expected');
  const children: DerValue[] = [];
  for (let offset = 0; offset < parent.content.length;) {
    if (children.length === most) throw new DerError('there are more values than the standard knows');
    const child = readValueAt(parent.content, offset);
    children.push(child);
    offset += child.bytes.length;
  }
  return children;
}

/** A cursor over the fields of a SEQUENCE, in order. */
export interface Fields {
  /** The next field, which must carry this tag (or any, when none is given). */
  take(what: string, tag?: number): DerValue;
  /** The next field if it carries one of these tags. */
  takeIf(...tags: readonly number[]): DerValue | null;
  /** Promises that nothing is left. */
  end(): void;
}

/** Opens a SEQUENCE for reading field by field. Every method throws DerError on what does not fit. */
export function readFields(sequence: DerValue): Fields {
  if (sequence.tag !== TAG.sequence) throw new DerError('a SEQUENCE was expected');
  const children = readChildren(sequence);
  let next = 0;
  return {
    take(what, tag) {
      const child = children[next];
      if (child === undefined || (tag !== undefined && child.tag !== tag)) {
        throw new DerError(`${what} is missing or of the wrong type`);
      }
      next += 1;
      return child;
    },
    takeIf(...tags) {
      const child = children[next];
      if (child === undefined || !tags.includes(child.tag)) return null;
      next += 1;
      return child;
    },
    end() {
      if (next !== children.length) throw new DerError('there are more fields than the standard knows');
    },
  };
}

function readValueAt(bytes: Buffer, start: number): DerValue {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined) throw new DerError('the data ends early');
  if ((tag & 0x1f) === 0x1f) throw new DerError('tag numbers above 30 are not used here');
  const { length, headerLength } = first < 0x80 ? { length: first, headerLength: 2 } : readLongLength(bytes, start + 1);
  const contentStart = start + headerLength;
  const end = contentStart + length;
  if (end > bytes.length) throw new DerError('the data ends early');
  return { tag, content: bytes.subarray(contentStart, end), bytes: bytes.subarray(start, end) };
}

function readLongLength(bytes: Buffer, at: number): { length: number; headerLength: number } {
  const octets = (bytes[at] ?? 0) & 0x7f;
  // 0x80 is BER's indefinite length; more than four octets would be a length no input of ours can have.
  if (octets === 0 || octets > 4) throw new DerError('a length is written in a form that DER forbids');
  if (at + 1 + octets > bytes.length) throw new DerError('the data ends early');
  const length = bytes.readUIntBE(at + 1, octets);
  const shortest = length < 0x80 ? 0 : Math.ceil((32 - Math.clz32(length)) / 8);
  if (octets !== shortest) throw new DerError('a length is longer than it need be');
  return { length, headerLength: 2 + octets };
}
