import { mapOf, type ZipField, type ZipMap, type ZipRecord } from '../property/zip-fields.js';
import type { Random } from './random.js';

/** One way to damage or forge a zip. May give back the bytes unchanged where there is nothing it could do. */
export type Mutation = (zip: Buffer, random: Random, other: Buffer) => Buffer;

const SIGNATURES = ['0102', '0304', '0506', '0606', '0607', '0708'].map((rest) => Buffer.from(`504b${rest}`, 'hex'));

/** What parsers get wrong: nothing, one, all ones (the zip64 sentinel), the sign bit, the ends of the ranges. */
const INTERESTING = [0n, 1n, 2n, 8n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xfffen, 0xffffn, 0x10000n]
  .concat([0x7fffffffn, 0x80000000n, 0xfffffffen, 0xffffffffn, 0x100000000n])
  .concat([(1n << 53n) - 1n, 1n << 53n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n]);

/** Writes `value` into a field of 1 to 8 bytes, cut to its width. */
export function writeNumber(zip: Buffer, { offset, width }: Pick<ZipField, 'offset' | 'width'>, value: bigint): void {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  bytes.copy(zip, offset, 0, Math.min(width, 8));
}

/** The number in a field of 1 to 8 bytes. */
export function readNumber(zip: Buffer, { offset, width }: Pick<ZipField, 'offset' | 'width'>): bigint {
  const bytes = Buffer.alloc(8);
  zip.copy(bytes, 0, offset, offset + Math.min(width, 8));
  return bytes.readBigUInt64LE();
}

const flipBits: Mutation = (zip, random) => {
  const changed = Buffer.from(zip);
  if (changed.length === 0) return changed;
  for (let flips = 1 + random.below(4); flips > 0; flips -= 1) {
    const at = random.below(changed.length);
    changed.writeUInt8(changed.readUInt8(at) ^ (1 << random.below(8)), at);
  }
  return changed;
};

const setBytes: Mutation = (zip, random) => {
  const changed = Buffer.from(zip);
  random.bytes(1 + random.below(4)).copy(changed, random.below(changed.length + 1));
  return changed;
};

const setField: Mutation = (zip, random) =>
  withFields(zip, random, (changed, field) => {
    writeNumber(changed, field, random.pick(INTERESTING));
  });

const nudgeField: Mutation = (zip, random) =>
  withFields(zip, random, (changed, field) => {
    const by = BigInt(random.oneIn(2) ? 1 : 1 + random.below(64)) * (random.oneIn(2) ? 1n : -1n);
    writeNumber(changed, field, readNumber(changed, field) + by);
  });

const flipFieldBit: Mutation = (zip, random) =>
  withFields(zip, random, (changed, field) => {
    const at = field.offset + random.below(field.width);
    changed.writeUInt8(changed.readUInt8(at) ^ (1 << random.below(8)), at);
  });

/** The same lie in the local and the central header, and in the descriptor: what only one of them tells is seen at once. */
const setTwins: Mutation = (zip, random) =>
  withFields(zip, random, (changed, field, { fields }) => {
    const by = random.oneIn(2) ? random.pick(INTERESTING) : readNumber(changed, field) + BigInt(1 + random.below(4));
    const value = BigInt.asUintN(8 * Math.min(field.width, 4), by);
    for (const twin of fields) {
      if (twin.name === field.name && twin.entry === field.entry) writeNumber(changed, twin, value);
    }
  });

/** A field gets the value that the same field has elsewhere. */
const copyField: Mutation = (zip, random) =>
  withFields(zip, random, (changed, field, { fields }) => {
    const from = random.pick(fields.filter(({ name }) => name === field.name));
    zip.copy(changed, field.offset, from.offset, from.offset + Math.min(from.width, field.width));
  });

const truncate: Mutation = (zip, random) => {
  const at = boundary(zip, random);
  return Buffer.from(random.oneIn(4) ? zip.subarray(at) : zip.subarray(0, at));
};

const insertRun: Mutation = (zip, random) => {
  const run = random.pick([
    () => random.bytes(1 + random.below(64)),
    () => Buffer.alloc(1 + random.below(64)),
    () => random.pick(SIGNATURES),
    () => slice(zip, random, 256),
  ])();
  return splice(zip, boundary(zip, random), 0, run);
};

const deleteRun: Mutation = (zip, random) =>
  splice(zip, boundary(zip, random), 1 + random.below(random.oneIn(4) ? 512 : 16), Buffer.alloc(0));

const copyRecordOver: Mutation = (zip, random) => {
  const { records } = mapOf(zip);
  if (records.length === 0) return zip;
  const [from, to] = [random.pick(records), random.pick(records)];
  return splice(zip, to.start, to.end - to.start, zip.subarray(from.start, from.end));
};

const insertRecord: Mutation = (zip, random) => {
  const { records } = mapOf(zip);
  if (records.length === 0) return zip;
  const from = random.pick(records);
  return splice(zip, boundary(zip, random), 0, zip.subarray(from.start, from.end));
};

const deleteRecord: Mutation = (zip, random) => {
  const { records } = mapOf(zip);
  if (records.length === 0) return zip;
  const { start, end } = random.pick(records);
  return splice(zip, start, end - start, Buffer.alloc(0));
};

const swapRecords: Mutation = (zip, random) => {
  const { records } = mapOf(zip);
  if (records.length === 0) return zip;
  const kind = random.pick(records).kind;
  const alike = records.filter((record) => record.kind === kind);
  const [a, b] = [random.pick(alike), random.pick(alike)].sort((x, y) => x.start - y.start) as [ZipRecord, ZipRecord];
  if (a.start === b.start) return zip;
  const between = zip.subarray(a.end, b.start);
  return Buffer.concat([
    zip.subarray(0, a.start),
    zip.subarray(b.start, b.end),
    between,
    zip.subarray(a.start, a.end),
    zip.subarray(b.end),
  ]);
};

/** The front of one archive and the back of another. */
const spliceArchives: Mutation = (zip, random, other) =>
  Buffer.concat([zip.subarray(0, boundary(zip, random)), other.subarray(boundary(other, random))]);

const appendArchive: Mutation = (zip, random, other) =>
  random.oneIn(2) ? Buffer.concat([zip, other]) : Buffer.concat([other, zip]);

/** Damage without any thought for what stands where, and lies in single fields. */
export const byteMutations: readonly Mutation[] = [
  flipBits,
  setBytes,
  setField,
  setField,
  nudgeField,
  nudgeField,
  flipFieldBit,
  flipFieldBit,
  setTwins,
  setTwins,
  copyField,
  truncate,
  insertRun,
  deleteRun,
  copyRecordOver,
  insertRecord,
  deleteRecord,
  swapRecords,
  spliceArchives,
  appendArchive,
];

function withFields(
  zip: Buffer,
  random: Random,
  change: (changed: Buffer, field: ZipField, map: ZipMap) => void,
): Buffer {
  const map = mapOf(zip);
  if (map.fields.length === 0) return zip;
  const changed = Buffer.from(zip);
  change(changed, random.pick(map.fields), map);
  return changed;
}

/** Half of the time the edge of a record, where a cut hurts most. */
function boundary(zip: Buffer, random: Random): number {
  if (random.oneIn(2)) return random.below(zip.length + 1);
  const { records } = mapOf(zip);
  if (records.length === 0) return random.below(zip.length + 1);
  const record = random.pick(records);
  return random.oneIn(2) ? record.start : record.end;
}

function slice(zip: Buffer, random: Random, most: number): Buffer {
  const start = random.below(zip.length);
  return zip.subarray(start, start + 1 + random.below(most));
}

function splice(zip: Buffer, at: number, remove: number, insert: Buffer): Buffer {
  return Buffer.concat([zip.subarray(0, at), insert, zip.subarray(Math.min(zip.length, at + remove))]);
}
