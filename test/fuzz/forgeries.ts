import { extraField } from '../support/raw-zip.js';
import { mapOf, type ZipRecord } from '../property/zip-fields.js';
import type { Mutation } from './byte-mutations.js';
import type { Random } from './random.js';

/** Ids that change what an entry is, and some that ordinary tools write. */
const EXTRA_IDS = [
  0x0001, 0x0007, 0x0008, 0x000a, 0x000d, 0x0017, 0x5455, 0x5855, 0x6375, 0x7075, 0x7855, 0x554e,
].concat([0x756e, 0x7875, 0x9901, 0xcafe, 0xfeca]);

/** One header of a zip taken apart: its fixed part, and what follows it. */
interface Header {
  readonly fixed: Buffer;
  name: Buffer;
  extra: Buffer;
  comment: Buffer;
}

interface Entry {
  readonly local: Header;
  readonly central: Header;
  /** Data and descriptor. */
  body: Buffer;
}

interface TakenApart {
  entries: Entry[];
  readonly zip64: boolean;
  readonly end: Buffer;
  comment: Buffer;
}

/** A change that a forger would make: to the parts, which are then put together with right lengths and offsets. */
type Forgery = (zip: TakenApart, random: Random, other: TakenApart) => void;

const NAMES = [
  '../x',
  '/x',
  'a\\b',
  'a//b',
  'C:x',
  'con',
  'a.',
  'a ',
  '.',
  '..',
  'é',
  'e\u0301',
  'A',
  'a',
  '.git/config',
]
  .concat(['\u202Ex', 'x\0y', '\uFEFFx', 'x/', 'appinfo/info.xml', 'appinfo/signature.json', 'APPINFO/info.xml', ''])
  .map((name) => Buffer.from(name))
  .concat([Buffer.from([0xff, 0xfe]), Buffer.from([0xc0, 0xaf])]);

const rename: Forgery = ({ entries }, random) => {
  const entry = random.pick(entries);
  const slash = entry.central.name.indexOf('/');
  const folder = random.oneIn(4) ? Buffer.alloc(0) : entry.central.name.subarray(0, slash + 1);
  const name = Buffer.concat([folder, random.pick(NAMES)]);
  both(entry, random, (header) => (header.name = name));
};

const nameOfAnother: Forgery = ({ entries }, random) => {
  const from = random.pick(entries).central.name;
  const entry = random.pick(entries);
  const name = random.oneIn(2) ? from : Buffer.from(from.toString('latin1').toUpperCase(), 'latin1');
  both(entry, random, (header) => (header.name = name));
};

const addExtra: Forgery = ({ entries }, random) => {
  const entry = random.pick(entries);
  const id = random.pick([...EXTRA_IDS, random.below(0x10000)]);
  const data = random.pick([Buffer.alloc(0), random.bytes(random.below(32)), entry.central.name, Buffer.alloc(16)]);
  const field = random.oneIn(8) ? random.bytes(1 + random.below(6)) : extraField(id, data);
  both(entry, random, (header) => (header.extra = Buffer.concat([header.extra, field])));
};

const dropExtra: Forgery = ({ entries }, random) => {
  both(random.pick(entries), random, (header) => (header.extra = Buffer.alloc(0)));
};

const comment: Forgery = (zip, random) => {
  const text = random.pick([Buffer.from('made by hand'), random.bytes(40), Buffer.from('504b0506', 'hex')]);
  if (random.oneIn(2)) zip.comment = text;
  else random.pick(zip.entries).central.comment = text;
};

const reorder: Forgery = ({ entries }, random) => {
  const [a, b] = [random.below(entries.length), random.below(entries.length)];
  const [first, second] = [entries[a], entries[b]];
  if (first === undefined || second === undefined) return;
  [entries[a], entries[b]] = [second, first];
};

const swapBodies: Forgery = ({ entries }, random) => {
  const [a, b] = [random.pick(entries), random.pick(entries)];
  [a.body, b.body] = [b.body, a.body];
};

const duplicate: Forgery = ({ entries }, random) => {
  const entry = random.pick(entries);
  entries.splice(random.below(entries.length + 1), 0, {
    ...entry,
    local: { ...entry.local },
    central: { ...entry.central },
  });
};

const remove: Forgery = ({ entries }, random) => {
  if (entries.length > 1) entries.splice(random.below(entries.length), 1);
};

const adopt: Forgery = ({ entries }, random, other) => {
  if (other.entries.length > 0) entries.splice(random.below(entries.length + 1), 0, random.pick(other.entries));
};

/** A data descriptor more, or less, than the flag says. */
const descriptor: Forgery = ({ entries }, random) => {
  const entry = random.pick(entries);
  if (random.oneIn(2))
    entry.body = entry.body.subarray(0, Math.max(0, entry.body.length - random.pick([4, 12, 16, 24])));
  else entry.body = Buffer.concat([entry.body, Buffer.from('504b0708', 'hex'), random.bytes(random.pick([8, 12, 20]))]);
};

const dataChange: Forgery = ({ entries }, random) => {
  const entry = random.pick(entries);
  if (entry.body.length === 0) return;
  entry.body = Buffer.from(entry.body);
  random.bytes(1 + random.below(3)).copy(entry.body, random.below(entry.body.length));
};

/** External attributes, internal ones, version made by, times: what few readers look at. */
const attributes: Forgery = ({ entries }, random) => {
  const { fixed } = random.pick(entries).central;
  const at = random.pick([4, 5, 12, 14, 36, 38, 39, 40, 41]);
  fixed.writeUInt8(random.below(256), at);
};

const FORGERIES: readonly Forgery[] = [
  rename,
  nameOfAnother,
  addExtra,
  addExtra,
  dropExtra,
  comment,
  reorder,
  swapBodies,
  duplicate,
  remove,
  adopt,
  descriptor,
  dataChange,
  attributes,
];

/** Takes an archive apart, changes one thing as a forger would, and puts it together with offsets and lengths that fit. */
export const forge: Mutation = (zip, random, other) => {
  const parts = takeApart(zip);
  if (parts === null || parts.entries.length === 0) return zip;
  random.pick(FORGERIES)(parts, random, takeApart(other) ?? parts);
  return putTogether(parts);
};

function both(entry: Entry, random: Random, change: (header: Header) => void): void {
  if (!random.oneIn(4)) change(entry.local);
  if (!random.oneIn(4)) change(entry.central);
}

/** @returns null where the archive is too broken for it */
function takeApart(zip: Buffer): TakenApart | null {
  const map = mapOf(zip);
  const end = map.records.find(({ kind }) => kind === 'end');
  const centrals = map.records.filter(({ kind }) => kind === 'central');
  if (end === undefined) return null;
  const locals = map.records.filter(({ kind }) => kind === 'local').sort((a, b) => a.start - b.start);
  const directory = centrals[0]?.start ?? end.start;
  const entries: Entry[] = [];
  for (const central of centrals) {
    const rank = locals.findIndex(({ entry }) => entry === central.entry);
    const local = locals[rank];
    if (local === undefined) return null;
    const next = locals[rank + 1]?.start ?? directory;
    entries.push({
      local: header(zip, local, 30),
      central: header(zip, central, 46),
      body: zip.subarray(local.end, Math.max(next, local.end)),
    });
  }
  return {
    entries,
    zip64: map.records.some(({ kind }) => kind === 'zip64 end'),
    end: Buffer.from(zip.subarray(end.start, end.start + 22)),
    comment: zip.subarray(end.start + 22),
  };
}

function header(zip: Buffer, { start, end }: ZipRecord, fixedBytes: number): Header {
  const fixed = Buffer.from(zip.subarray(start, start + fixedBytes));
  const lengthsAt = fixedBytes === 30 ? 26 : 28;
  const nameEnd = start + fixedBytes + fixed.readUInt16LE(lengthsAt);
  const extraEnd = nameEnd + fixed.readUInt16LE(lengthsAt + 2);
  return {
    fixed,
    name: zip.subarray(start + fixedBytes, nameEnd),
    extra: zip.subarray(nameEnd, extraEnd),
    comment: zip.subarray(extraEnd, end),
  };
}

function putTogether({ entries, zip64, end, comment: endComment }: TakenApart): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  const write = (...pieces: readonly Buffer[]): void => {
    for (const piece of pieces) length += piece.length;
    parts.push(...pieces);
  };
  const directory: Buffer[] = [];
  for (const { local, central, body } of entries) {
    const centralFixed = Buffer.from(central.fixed);
    if (centralFixed.readUInt32LE(42) !== 0xffffffff) centralFixed.writeUInt32LE(length, 42);
    writeLengths(centralFixed, 28, central);
    centralFixed.writeUInt16LE(central.comment.length, 32);
    directory.push(centralFixed, central.name, central.extra, central.comment);
    const localFixed = Buffer.from(local.fixed);
    writeLengths(localFixed, 26, local);
    write(localFixed, local.name, local.extra, body);
  }
  const directoryOffset = length;
  write(...directory);
  const directoryBytes = length - directoryOffset;
  if (zip64) write(...zip64Records(entries.length, directoryBytes, directoryOffset));
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(directoryOffset, 16);
  end.writeUInt16LE(endComment.length, 20);
  write(end, endComment);
  return Buffer.concat(parts);
}

function writeLengths(fixed: Buffer, at: number, { name, extra }: Header): void {
  fixed.writeUInt16LE(Math.min(name.length, 0xffff), at);
  fixed.writeUInt16LE(Math.min(extra.length, 0xffff), at + 2);
}

function zip64Records(entries: number, directoryBytes: number, directoryOffset: number): readonly Buffer[] {
  const record = Buffer.alloc(56);
  record.write('PK\x06\x06', 'latin1');
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  for (const [index, value] of [entries, entries, directoryBytes, directoryOffset].entries()) {
    record.writeBigUInt64LE(BigInt(value), 24 + 8 * index);
  }
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 'latin1');
  locator.writeBigUInt64LE(BigInt(directoryOffset + directoryBytes), 8);
  locator.writeUInt32LE(1, 16);
  return [record, locator];
}
