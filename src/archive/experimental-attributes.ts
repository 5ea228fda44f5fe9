/** Bits of the bitmap that libarchive's field "xl" begins with. */
const HAS_VERSION_MADE_BY = 0x01;
const HAS_INTERNAL_ATTRIBUTES = 0x02;
const HAS_EXTERNAL_ATTRIBUTES = 0x04;

/** What the central directory tells and "xl" brings into the local header. */
export interface CentralAttributes {
  readonly versionMadeBy: number;
  readonly externalAttributes: number;
}

/**
 * Whether libarchive's experimental field "xl" (0x6C78, written by bsdtar with `--options zip:experimental`) repeats what
 * the central directory tells. Only its readers of a stream know the field, and make a symbolic link of what it says is
 * one.
 *
 * @param field bitmap, version made by, internal attributes, external attributes, comment, as far as the bitmap has them
 */
export function repeatsAttributes(field: Buffer, { versionMadeBy, externalAttributes }: CentralAttributes): boolean {
  const bitmap = field[0] ?? 0xff;
  const known = HAS_VERSION_MADE_BY | HAS_INTERNAL_ATTRIBUTES | HAS_EXTERNAL_ATTRIBUTES;
  // A comment (bit 3) is among the unknown: nobody writes it there.
  if ((bitmap & ~known) !== 0) return false;
  const internalAt = 1 + ((bitmap & HAS_VERSION_MADE_BY) !== 0 ? 2 : 0);
  const externalAt = internalAt + ((bitmap & HAS_INTERNAL_ATTRIBUTES) !== 0 ? 2 : 0);
  const end = externalAt + ((bitmap & HAS_EXTERNAL_ATTRIBUTES) !== 0 ? 4 : 0);
  if (field.length !== end) return false;
  const sameHost = internalAt === 1 || field[2] === versionMadeBy >>> 8;
  return sameHost && (end === externalAt || field.readUInt32LE(externalAt) === externalAttributes);
}
