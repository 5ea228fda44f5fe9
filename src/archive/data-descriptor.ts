import { STORED } from './entry-rules.js';
import { DATA_DESCRIPTOR_SIGNATURE, readUInt64 } from './zip-records.js';

/** What a data descriptor must tell, by the central directory. */
export interface DescribedData {
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
}

/** The longest one: signature, CRC, two sizes of eight bytes. */
export const MAX_DESCRIPTOR_BYTES = 24;

/** One of the four ways to write a data descriptor (APPNOTE.TXT 4.3.9). */
interface Form {
  readonly bytes: number;
  readonly signed: boolean;
  readonly wide: boolean;
}

const FORMS: readonly Form[] = [
  { bytes: 12, signed: false, wide: false },
  { bytes: 16, signed: true, wide: false },
  { bytes: 20, signed: false, wide: true },
  { bytes: 24, signed: true, wide: true },
];

/**
 * How many bytes the data descriptor at the beginning of `bytes` takes up.
 *
 * Readers that go through the file from the front don't know its form beforehand and try; so it must tell the truth in
 * one form only.
 *
 * @param bytes up to {@link MAX_DESCRIPTOR_BYTES} from the end of the data on, whatever they belong to
 * @param zip64 what the two headers say of the width: `local` where the local one has a zip64 field, which makes the
 *   sizes eight bytes wide (APPNOTE.TXT 4.3.9.2), `central` where only the central one has it, which leaves it open
 * @returns a sentence where there is none that tells the truth, or more than one
 */
export function descriptorLength(
  bytes: Buffer,
  data: DescribedData,
  zip64: 'local' | 'central' | null,
): number | string {
  const truthful = FORMS.filter((form) => tellsTruth(bytes, form, data));
  const [form, other] = truthful;
  if (form === undefined) return 'there is no data descriptor that agrees with the central directory';
  if (other !== undefined) return 'its data descriptor can be read with sizes of four bytes and of eight';
  if (!form.signed && data.crc32 === DATA_DESCRIPTOR_SIGNATURE) {
    return 'its data descriptor has no signature, but a CRC that looks like one';
  }
  if (form.wide ? zip64 === null : zip64 === 'local') return 'its data descriptor has sizes of the wrong width';
  if (!form.signed && data.method === STORED) {
    // libarchive, reading from a pipe, searches a stored entry for the signature: the next one may be far away.
    return 'its data descriptor has no signature, and so nothing marks the end of stored data';
  }
  return form.bytes;
}

function tellsTruth(bytes: Buffer, { bytes: length, signed, wide }: Form, data: DescribedData): boolean {
  if (bytes.length < length) return false;
  if (signed && bytes.readUInt32LE(0) !== DATA_DESCRIPTOR_SIGNATURE) return false;
  const fields = bytes.subarray(signed ? 4 : 0, length);
  const size = (at: number): number | null => (wide ? readUInt64(fields, at) : fields.readUInt32LE(at));
  return (
    fields.readUInt32LE(0) === data.crc32 &&
    size(4) === data.compressedSize &&
    size(wide ? 12 : 8) === data.uncompressedSize
  );
}
