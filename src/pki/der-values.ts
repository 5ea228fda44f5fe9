import { DerError, TAG } from './der.js';
import type { DerValue } from './der.js';

/**
 * An INTEGER as upper-case hex of whole octets, the way `openssl x509 -serial` prints one: `1000`, `03`, and a minus sign
 * before a negative one, which RFC 5280 §4.1.2.2 asks readers to cope with. Throws DerError.
 */
export function integerHex(value: DerValue): string {
  const content = integerContent(value);
  const negative = ((content[0] ?? 0) & 0x80) !== 0;
  let magnitude = BigInt(`0x${content.toString('hex')}`);
  if (negative) magnitude = (1n << BigInt(content.length * 8)) - magnitude;
  const hex = magnitude.toString(16).toUpperCase();
  return (negative ? '-' : '') + (hex.length % 2 === 1 ? '0' : '') + hex;
}

/** A small non-negative INTEGER or ENUMERATED, such as a version or a path length. Throws DerError. */
export function smallInteger(value: DerValue): number {
  const content = integerContent(value);
  if (content.length > 4 || ((content[0] ?? 0) & 0x80) !== 0) throw new DerError('a number is out of range');
  return content.readUIntBE(0, content.length);
}

function integerContent(value: DerValue): Buffer {
  const { content, tag } = value;
  if (tag !== TAG.integer && tag !== TAG.enumerated) throw new DerError('an INTEGER was expected');
  const [first, second] = content;
  if (first === undefined) throw new DerError('an INTEGER is empty');
  const padded = second !== undefined && ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (padded) throw new DerError('an INTEGER is longer than it need be');
  // RFC 5280 §4.1.2.2 allows 20 octets for a serial; a little slack, but no numbers that are slow to convert.
  if (content.length > 64) throw new DerError('an INTEGER is too long');
  return content;
}

/** A BOOLEAN, of which DER knows two spellings only. Throws DerError. */
export function boolean(value: DerValue): boolean {
  const [octet] = value.content;
  if (value.tag !== TAG.boolean || value.content.length !== 1 || (octet !== 0x00 && octet !== 0xff)) {
    throw new DerError('a BOOLEAN was expected');
  }
  return octet === 0xff;
}

/** An OBJECT IDENTIFIER in dotted form. Throws DerError. */
export function oid(value: DerValue): string {
  const { content } = value;
  const last = content.at(-1);
  if (value.tag !== TAG.oid || last === undefined || last >= 0x80 || content.length > 64) {
    throw new DerError('an OBJECT IDENTIFIER was expected');
  }
  const arcs: bigint[] = [];
  let arc = 0n;
  let fresh = true;
  for (const octet of content) {
    if (fresh && octet === 0x80) throw new DerError('an OBJECT IDENTIFIER is longer than it need be');
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    fresh = octet < 0x80;
    if (fresh) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  const [head = 0n, ...rest] = arcs;
  const root = head < 80n ? head / 40n : 2n;
  return [root, head - root * 40n, ...rest].join('.');
}

/** A BIT STRING of whole octets, such as a signature or a key. Throws DerError. */
export function bitStringOctets(value: DerValue): Buffer {
  if (value.tag !== TAG.bitString || value.content[0] !== 0) throw new DerError('a BIT STRING of octets was expected');
  return value.content.subarray(1);
}

/** The numbers of the bits that are set in a named-bit BIT STRING (X.690 §11.2). Throws DerError. */
export function namedBits(value: DerValue): readonly number[] {
  const [unused] = value.content;
  const octets = value.content.subarray(1);
  if (value.tag !== TAG.bitString || unused === undefined || unused > 7 || (octets.length === 0 && unused !== 0)) {
    throw new DerError('a BIT STRING was expected');
  }
  if (octets.length > 4) throw new DerError('a BIT STRING has more bits than any name');
  const bits: number[] = [];
  for (let bit = 0; bit < octets.length * 8; bit += 1) {
    const set = ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;
    if (set && bit >= octets.length * 8 - unused) throw new DerError('a BIT STRING sets bits that it says are unused');
    if (set) bits.push(bit);
  }
  return bits;
}

/** A Time in the two forms of RFC 5280 §4.1.2.5: `YYMMDDHHMMSSZ` up to 2049, `YYYYMMDDHHMMSSZ`. Throws DerError. */
export function time(value: DerValue): Date {
  const text = value.content.toString('latin1');
  const utc = value.tag === TAG.utcTime;
  if (!utc && value.tag !== TAG.generalizedTime) throw new DerError('a time was expected');
  if (!(utc ? /^\d{12}Z$/ : /^\d{14}Z$/).test(text)) throw new DerError('a time is not in the form YYYYMMDDHHMMSSZ');
  const full = utc ? (Number(text.slice(0, 2)) < 50 ? `20${text}` : `19${text}`) : text;
  const iso = full.replace(/^(....)(..)(..)(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6.000Z');
  const date = new Date(iso);
  // The round trip catches what Date would silently move, such as 30 February; a NaN Date has no ISO form at all.
  if (Number.isNaN(date.getTime()) || date.toISOString() !== iso) throw new DerError('a time does not exist');
  return date;
}

/** The text of one of the string types that names are made of (RFC 5280 §4.1.2.4). Throws DerError. */
export function text(value: DerValue): string {
  const { content } = value;
  switch (value.tag) {
    case TAG.utf8String:
      return decode('utf-8', content);
    case TAG.printableString:
    case TAG.ia5String:
      if (content.some((octet) => octet >= 0x80)) throw new DerError('a string holds octets that its type forbids');
      return content.toString('latin1');
    case TAG.teletexString:
      return content.toString('latin1'); // T.61 in name only; every implementation reads Latin-1 here
    case TAG.bmpString:
      if (content.length % 2 !== 0) throw new DerError('a string is cut off');
      return decode('utf-16le', Buffer.from(content).swap16());
    case TAG.universalString:
      return universalText(content);
    default:
      throw new DerError('a string was expected');
  }
}

function decode(encoding: 'utf-8' | 'utf-16le', content: Buffer): string {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new DerError(`a string is not valid ${encoding}`);
  }
}

function universalText(content: Buffer): string {
  if (content.length % 4 !== 0) throw new DerError('a string is cut off');
  let result = '';
  for (let offset = 0; offset < content.length; offset += 4) {
    const point = content.readUInt32BE(offset);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) throw new DerError('a string holds no character');
    result += String.fromCodePoint(point);
  }
  return result;
}
