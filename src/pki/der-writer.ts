import { TAG, contextTag } from './der.js';

/** Writes DER. Every function returns one whole value, ready to be put inside another. */
export function writeValue(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content]);
}

export function writeSequence(...parts: readonly Buffer[]): Buffer {
  return writeValue(TAG.sequence, ...parts);
}

/** A SET OF, whose elements DER wants sorted by their bytes (X.690 §11.6). */
export function writeSet(...elements: readonly Buffer[]): Buffer {
  return writeValue(TAG.set, ...[...elements].sort((one, other) => Buffer.compare(one, other)));
}

/** `[number] EXPLICIT` around a value. */
export function writeExplicit(number: number, ...contents: readonly Buffer[]): Buffer {
  return writeValue(contextTag(number), ...contents);
}

/** A non-negative INTEGER. Throws RangeError for a negative one. */
export function writeInteger(value: bigint | number): Buffer {
  const number = BigInt(value);
  if (number < 0n) throw new RangeError('Negative numbers are not written.');
  const hex = number.toString(16);
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const sign = (octets[0] ?? 0) >= 0x80 ? Buffer.from([0]) : Buffer.alloc(0);
  return writeValue(TAG.integer, sign, octets);
}

/** An ENUMERATED from 0 to 127. */
export function writeEnumerated(value: number): Buffer {
  return writeValue(TAG.enumerated, Buffer.from([value]));
}

export function writeBoolean(value: boolean): Buffer {
  return writeValue(TAG.boolean, Buffer.from([value ? 0xff : 0x00]));
}

export function writeNull(): Buffer {
  return writeValue(TAG.null);
}

/** An OBJECT IDENTIFIER given in dotted form. */
export function writeOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return writeValue(TAG.oid, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

export function writeOctetString(octets: Buffer): Buffer {
  return writeValue(TAG.octetString, octets);
}

/** A BIT STRING of whole octets. */
export function writeBitString(octets: Buffer): Buffer {
  return writeValue(TAG.bitString, Buffer.from([0]), octets);
}

/** A named-bit BIT STRING without trailing zeros (X.690 §11.2.2), given the numbers of the bits that are set. */
export function writeNamedBits(bits: readonly number[]): Buffer {
  const last = Math.max(-1, ...bits);
  const octets = Buffer.alloc(Math.ceil((last + 1) / 8));
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return writeValue(TAG.bitString, Buffer.from([octets.length * 8 - (last + 1)]), octets);
}

export function writeUtf8(text: string): Buffer {
  return writeValue(TAG.utf8String, Buffer.from(text, 'utf8'));
}

export function writePrintable(text: string): Buffer {
  return writeValue(TAG.printableString, Buffer.from(text, 'latin1'));
}

/** A Time: UTCTime up to 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5). Whole seconds; the rest is cut off. */
export function writeTime(date: Date): Buffer {
  return date.getUTCFullYear() < 2050
    ? writeValue(TAG.utcTime, Buffer.from(digitsOf(date).slice(2), 'latin1'))
    : writeGeneralizedTime(date);
}

export function writeGeneralizedTime(date: Date): Buffer {
  return writeValue(TAG.generalizedTime, Buffer.from(digitsOf(date), 'latin1'));
}

function digitsOf(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

function base128(arc: number): readonly number[] {
  const octets = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) octets.unshift((rest % 128) | 0x80);
  return octets;
}
