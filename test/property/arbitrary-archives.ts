import fc from 'fast-check';
import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../src/archive/crc-32.js';
import { nameFaults } from '../../src/archive/entry-names.js';
import { defaultLimits } from '../../src/archive/limits.js';
import { descriptor, extraField, rawZip, u32, u64, type HeaderFields, type RawEntry } from '../support/raw-zip.js';
import { mapOf } from './zip-fields.js';

/** An archive such as ordinary tools write, and what is in it. */
export interface SoundArchive {
  readonly bytes: Buffer;
  /** Contents by path below the top-level folder. */
  readonly files: ReadonlyMap<string, Buffer>;
}

export const TOP_LEVEL_FOLDER = 'app';

/** The ways to write one entry that no reader stumbles over. */
const FORMS = [
  'plain',
  'streamed',
  'streamed, descriptor without signature',
  'streamed, true sizes in front',
  'streamed, wide descriptor',
  'zip64 sizes in both headers',
  'zip64 sizes in the local header',
  'zip64 offset',
] as const;
type Form = (typeof FORMS)[number];

const SENTINEL_32 = 0xffffffff;

interface EntryPlan {
  readonly path: string;
  readonly content: Buffer;
  readonly method: 0 | 8;
  readonly form: Form;
  readonly comment: string;
  readonly localExtra: Buffer;
  readonly centralExtra: Buffer;
  readonly repeatsName: boolean;
  /** Where it stands in the directory. */
  readonly rank: number;
}

// Weighted towards what apps have; the rest of Unicode now and then.
const character = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-_. ~()[]&%$#@!+,;=^`{}'") },
  { weight: 3, arbitrary: fc.constantFrom(...'äöüßéèñçøłžğıİΣσςжЯ中文日本語한국😀𝒳') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
);

const part = fc
  .string({ unit: character, minLength: 1, maxLength: 12 })
  .filter((name) => !name.includes('/') && nameFaults(name, defaultLimits).length === 0)
  // A folder of version control; a name that Windows may give to a longer one beside it.
  .filter((name) => !/^\.(?:git|svn|hg)$|~\d/i.test(name));

const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

const content = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(fc.string({ maxLength: 20 }), fc.nat(400)).map(([text, times]) => Buffer.from(text.repeat(times))),
  fc.tuple(fc.nat(0xffff), fc.nat(4_000)).map(([seed, length]) => noise(seed, length)),
);

/** What tools add and readers pass over: times, owners, jar's marker, padding, ids that nobody knows. */
const innocentExtra = fc
  .uniqueArray(
    fc.oneof(
      fc.nat(0xffffffff).map((time) => ({ id: 0x5455, data: Buffer.concat([Buffer.from([1]), u32(time)]) })),
      fc.constant({ id: 0x7875, data: Buffer.from('0104e803000004e8030000', 'hex') }),
      fc.constant({ id: 0xcafe, data: Buffer.alloc(0) }),
      fc.uint8Array({ maxLength: 24 }).map((bytes) => ({ id: 0x3f3f, data: Buffer.from(bytes) })),
    ),
    { maxLength: 3, selector: ({ id }) => id },
  )
  .map((fields) => Buffer.concat(fields.map(({ id, data }) => extraField(id, data))))
  .filter((extra) => !extra.includes('PK'));

// libzip refuses an archive for a control character in a comment.
const comment = fc
  .string({ unit: character, maxLength: 30 })
  .filter((text) => !text.includes('PK') && !/\p{Cc}/u.test(text));

const plan: fc.Arbitrary<EntryPlan> = fc.record({
  path,
  content,
  method: fc.constantFrom(0, 8),
  form: fc.constantFrom(...FORMS),
  comment,
  localExtra: innocentExtra,
  centralExtra: innocentExtra,
  repeatsName: fc.boolean(),
  rank: fc.nat(),
});

/** Archives that the gate must accept whatever tool wrote them, with all that the format lets tools choose. */
export const soundArchive: fc.Arbitrary<SoundArchive> = fc
  .record({
    plans: fc.array(plan, { minLength: 1, maxLength: 8 }),
    folders: fc.boolean(),
    comment,
    zip64End: fc.constantFrom('none', 'sentinel offset', 'sentinels'),
  })
  .map(({ plans, folders, comment: archiveComment, zip64End }) => {
    const kept = withoutClashes(plans);
    const folderEntries = folders ? foldersOf(kept).map((name): RawEntry => ({ name: `${name}/` })) : [];
    const zip = rawZip({
      entries: [...folderEntries, ...kept.map(entryOf)],
      end: {
        comment: Buffer.from(archiveComment),
        // Info-ZIP marks the offset only; without any mark Go would not look for the zip64 record.
        ...(zip64End !== 'none' && { directoryOffset: SENTINEL_32 }),
        ...(zip64End === 'sentinels' && { entries: 0xffff, entriesOnDisk: 0xffff, directoryBytes: SENTINEL_32 }),
      },
      ...(zip64End !== 'none' && { zip64: {} }),
    });
    const ranks = kept.map(({ rank }) => rank);
    return {
      bytes: withOffsets(reordered(zip, ranks), kept),
      files: new Map(kept.map((entry) => [entry.path, entry.content])),
    };
  });

/** Leaves out what clashes with a path before it by any rule that some file system has: stricter than the gate's. */
function withoutClashes(plans: readonly EntryPlan[]): EntryPlan[] {
  const kinds = new Map<string, { readonly as: string; readonly kind: 'file' | 'folder' }>();
  return plans.filter((entry) => {
    const parts = entry.path.split('/');
    const steps = parts.map((_, index) => ({
      as: parts.slice(0, index + 1).join('/'),
      kind: index === parts.length - 1 ? ('file' as const) : ('folder' as const),
    }));
    const clashes = steps.some((step) => {
      const known = kinds.get(folded(step.as));
      return known !== undefined && (known.as !== step.as || known.kind === 'file' || step.kind === 'file');
    });
    if (!clashes) for (const step of steps) kinds.set(folded(step.as), step);
    return !clashes;
  });
}

function folded(name: string): string {
  return name.normalize('NFKD').toLowerCase().toUpperCase().normalize('NFKD').toLowerCase();
}

function foldersOf(plans: readonly EntryPlan[]): string[] {
  const folders = new Set([TOP_LEVEL_FOLDER]);
  for (const { path: whole } of plans) {
    const parts = whole.split('/').slice(0, -1);
    for (const index of parts.keys()) folders.add([TOP_LEVEL_FOLDER, ...parts.slice(0, index + 1)].join('/'));
  }
  return [...folders];
}

function entryOf(entry: EntryPlan): RawEntry {
  const name = `${TOP_LEVEL_FOLDER}/${entry.path}`;
  const data = entry.content;
  const compressed = entry.method === 8 ? deflateRawSync(data) : data;
  const facts = { crc32: crc32(data), compressedSize: compressed.length, uncompressedSize: data.length };
  const unicodePath = entry.repeatsName ? extraField(0x7075, repeatedName(name)) : Buffer.alloc(0);
  const comment = Buffer.from(entry.comment);
  const local = Buffer.concat([entry.localExtra, unicodePath]);
  const central = Buffer.concat([entry.centralExtra, unicodePath]);
  const form = formOf(entry, facts);
  return {
    name,
    data,
    method: entry.method,
    ...form,
    both: { ...form.both, versionNeeded: 45 },
    local: { ...form.local, extra: Buffer.concat([form.local?.extra ?? Buffer.alloc(0), local]) },
    central: { ...form.central, comment, extra: Buffer.concat([central, form.central?.extra ?? Buffer.alloc(0)]) },
  };
}

type Facts = Pick<HeaderFields, 'crc32' | 'compressedSize' | 'uncompressedSize'>;

function formOf({ method, form, content: data }: EntryPlan, facts: Facts): Partial<RawEntry> {
  const wideSizes = extraField(1, Buffer.concat([u64(facts.uncompressedSize), u64(facts.compressedSize)]));
  const marked = { compressedSize: SENTINEL_32, uncompressedSize: SENTINEL_32, extra: wideSizes };
  // Of a stored entry the length must be known in front.
  const trueSizes = { compressedSize: facts.compressedSize, uncompressedSize: facts.uncompressedSize };
  const known = method === 0 && data.length > 0 ? trueSizes : {};
  switch (form) {
    case 'plain':
      return {};
    case 'streamed':
      return { streamed: true, local: known };
    case 'streamed, descriptor without signature':
      // Nothing else would mark the end of stored data.
      if (method === 0) return {};
      return { streamed: true, local: known, descriptor: descriptor(facts, { signed: false }) };
    case 'streamed, true sizes in front':
      return { streamed: true, local: { ...facts } };
    case 'streamed, wide descriptor': {
      // That of an empty file can be read with sizes of four bytes as well.
      if (data.length === 0) return {};
      const unknown = { ...marked, extra: extraField(1, Buffer.alloc(16)) };
      const local = method === 0 ? marked : unknown;
      return { streamed: true, local, descriptor: descriptor(facts, { wide: true }) };
    }
    case 'zip64 sizes in both headers':
      return { local: marked, central: marked };
    case 'zip64 sizes in the local header':
      return { local: marked };
    case 'zip64 offset':
      // The true offset is not known yet; withOffsets writes it.
      return { central: { headerOffset: SENTINEL_32, extra: extraField(1, Buffer.alloc(8)) } };
  }
}

/** Info-ZIP's Unicode path: version, CRC-32 of the name in the header, the name. */
function repeatedName(name: string): Buffer {
  const bytes = Buffer.from(name);
  return Buffer.concat([Buffer.from([1]), u32(crc32(bytes)), bytes]);
}

/** The offsets of the entries of the form 'zip64 offset': where their local headers are. */
function withOffsets(zip: Buffer, plans: readonly EntryPlan[]): Buffer {
  const changed = Buffer.from(zip);
  for (const { path: whole, form } of plans) {
    if (form !== 'zip64 offset') continue;
    const name = Buffer.from(`${TOP_LEVEL_FOLDER}/${whole}`);
    const { fields } = mapOf(changed);
    const central = fields.find(
      (field) =>
        field.record === 'central' &&
        field.name === 'name' &&
        changed.subarray(field.offset, field.offset + field.width).equals(name),
    );
    const twin = fields.find(
      (field) => field.record === 'central' && field.entry === central?.entry && field.name === 'zip64[0]',
    );
    if (twin !== undefined) changed.writeBigUInt64LE(BigInt(localHeaderOf(changed, name)), twin.offset);
  }
  return changed;
}

function localHeaderOf(zip: Buffer, name: Buffer): number {
  for (let at = 0; ; at += 1) {
    at = zip.indexOf('PK\x03\x04', at, 'latin1');
    if (at < 0) throw new Error('no local header of this name');
    const end = at + 30 + zip.readUInt16LE(at + 26);
    if (zip.subarray(at + 30, end).equals(name)) return at;
  }
}

/** The same archive with its directory in another order, which changes no length and no offset. */
function reordered(zip: Buffer, ranks: readonly number[]): Buffer {
  const centrals = mapOf(zip).records.filter(({ kind }) => kind === 'central');
  const [first] = centrals;
  const last = centrals.at(-1);
  if (first === undefined || last === undefined) return zip;
  const order = centrals.toSorted((a, b) => (ranks[a.entry ?? 0] ?? 0) - (ranks[b.entry ?? 0] ?? 0));
  return Buffer.concat([
    zip.subarray(0, first.start),
    ...order.map(({ start, end }) => zip.subarray(start, end)),
    zip.subarray(last.end),
  ]);
}

/** Bytes that don't compress. */
function noise(seed: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed + 1;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}
