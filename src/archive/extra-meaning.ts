import { crc32 } from './crc-32.js';
import { repeatsAttributes, type CentralAttributes } from './experimental-attributes.js';
import { parseExtraFields, ZIP64, type ExtraFields } from './extra-fields.js';

/** Header ids of APPNOTE.TXT 4.5.2 and of Info-ZIP's proginfo/extrafld.txt that can change what an entry *is*. */
const PKWARE_UNIX = 0x000d;
const UNICODE_PATH = 0x7075;
const ASI_UNIX = 0x756e;
const LIBARCHIVE_XL = 0x6c78;

/** Strong encryption, the recipients of encrypted data, WinZip's AES: then the data is not what it seems. */
const ENCRYPTION_FIELDS = [0x0017, 0x0019, 0x9901] as const;

/**
 * Fields that make something else of an entry for the readers that know them, and that no ordinary tool writes. All
 * others either repeat what the headers say (timestamps, owners), concern a system's own attributes (access control
 * lists, OS/2, BeOS and VMS attributes) or pad (0xA220, 0xD935): they change neither name nor kind nor bytes.
 */
const ALTERING_FIELDS: ReadonlyMap<number, string> = new Map([
  [0x0008, 'a name in another encoding'],
  [0x000f, 'patch data'],
  [0x07c8, 'the fork of a Macintosh file'],
  [0x2605, 'a Macintosh name'],
  [0x334d, 'the fork of a Macintosh file'],
  [0x4f4c, 'another place'],
  [0x554e, 'a Unicode name'],
  // What came before libarchive's "xl".
  [0x6c65, 'other attributes'],
]);

const MEANINGFUL: ReadonlySet<number> = new Set([
  ZIP64,
  PKWARE_UNIX,
  UNICODE_PATH,
  ASI_UNIX,
  LIBARCHIVE_XL,
  ...ENCRYPTION_FIELDS,
  ...ALTERING_FIELDS.keys(),
]);

/** {@link parseExtraFields} for the fields that have a meaning here. */
export function meaningfulFields(bytes: Buffer): ExtraFields | string {
  return parseExtraFields(bytes, MEANINGFUL);
}

/** Up to here a PKWARE Unix field holds times and owners; what follows is a link target or device numbers. */
const PKWARE_UNIX_FIXED_BYTES = 12;
/** An ASi field without a link target: CRC, mode, size of the target or device numbers, owner, group. */
const ASI_FIXED_BYTES = 14;

/** What the Unix fields of an entry make of it: its mode, or a link or device by data of its own; null where silent. */
export type UnixKind = { readonly mode: number } | 'link or device' | null;

/**
 * What the extra fields of one header make of the entry that only some reader would see.
 *
 * A Unicode path that repeats the name, as Info-ZIP and JSZip write it, is innocent.
 *
 * @param name the bytes of the name in the same header
 * @param central what the central directory tells of the entry
 * @returns what follows "an extra field gives it"; null where all is well
 */
export function alteration(fields: ExtraFields, name: Buffer, central: CentralAttributes): string | null {
  if (fields.size === 0) return null;
  for (const id of fields.keys()) {
    const what = ALTERING_FIELDS.get(id);
    if (what !== undefined) return what;
  }
  const attributes = fields.get(LIBARCHIVE_XL);
  if (attributes !== undefined && !repeatsAttributes(attributes, central)) return 'other attributes';
  const path = fields.get(UNICODE_PATH);
  return path === undefined || repeats(path, name) ? null : 'another name';
}

/** Version 1, CRC-32 of the name it belongs to, name (APPNOTE.TXT 4.6.9). Readers ignore a field whose CRC is wrong, or don't. */
function repeats(path: Buffer, name: Buffer): boolean {
  return path.length >= 5 && path[0] === 1 && path.readUInt32LE(1) === crc32(name) && path.subarray(5).equals(name);
}

/** Whether the fields say that the entry's data is encrypted, whatever its flags say. */
export function claimsEncryption(fields: ExtraFields): boolean {
  return fields.size > 0 && ENCRYPTION_FIELDS.some((id) => fields.has(id));
}

/** The type and permission bits, or the link target, by the Unix fields that have a say in it. */
export function unixKind(fields: ExtraFields): UnixKind {
  if (fields.size === 0) return null;
  const pkware = fields.get(PKWARE_UNIX);
  if (pkware !== undefined && pkware.length > PKWARE_UNIX_FIXED_BYTES) return 'link or device';
  const asi = fields.get(ASI_UNIX);
  if (asi === undefined) return null;
  const plain = asi.length === ASI_FIXED_BYTES && asi.readUInt32LE(6) === 0;
  return plain ? { mode: asi.readUInt16LE(4) } : 'link or device';
}

/** Whether two headers say the same of the kind. */
export function sameKind(one: UnixKind, other: UnixKind): boolean {
  if (one === null || other === null || typeof one === 'string' || typeof other === 'string') return one === other;
  return one.mode === other.mode;
}
