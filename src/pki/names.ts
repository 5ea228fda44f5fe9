import { DerError, TAG, readChildren, readFields } from './der.js';
import type { DerValue } from './der.js';
import { oid, text } from './der-values.js';
import { writeOid, writePrintable, writeSequence, writeSet, writeUtf8 } from './der-writer.js';

/** A distinguished name, read three ways: for matching, for people, and for the one attribute that names an app. */
export interface DistinguishedName {
  /** Hex of the DER. Names are compared by these bytes and nothing looser: no case folding, no space folding. */
  readonly id: string;
  /** One line for people, escaped after RFC 4514 §2.4, in the order of the certificate. Never parse it. */
  readonly text: string;
  /** Every commonName, decoded and unescaped, in order. */
  readonly commonNames: readonly string[];
}

const commonName = '2.5.4.3';

const shortNames: Readonly<Record<string, string>> = {
  [commonName]: 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.42': 'GN',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

/** Reads a Name (RFC 5280 §4.1.2.4). Throws DerError. */
export function readName(value: DerValue): DistinguishedName {
  if (value.tag !== TAG.sequence) throw new DerError('a name was expected');
  const commonNames: string[] = [];
  const parts = readChildren(value).map((relative) => {
    if (relative.tag !== TAG.set) throw new DerError('a name was expected');
    return readChildren(relative)
      .map((attribute) => {
        const { type, value: content } = readAttribute(attribute);
        if (type === commonName) commonNames.push(content);
        return `${shortNames[type] ?? type}=${escapeValue(content)}`;
      })
      .join('+');
  });
  return { id: value.bytes.toString('hex'), text: parts.join(', ') || '(no name)', commonNames };
}

function readAttribute(attribute: DerValue): { type: string; value: string } {
  const fields = readFields(attribute);
  const type = oid(fields.take('the type of an attribute', TAG.oid));
  const value = fields.take('the value of an attribute');
  fields.end();
  return { type, value: text(value) };
}

function escapeValue(value: string): string {
  return (
    value
      .replace(/["+,;<>\\=]/g, '\\$&')
      .replace(/^[ #]| $/g, '\\$&')
      // Control, format and bidirectional characters would let a name draw over the line it is printed in.
      .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
        Buffer.from(character, 'utf8').toString('hex').toUpperCase().replace(/../g, '\\$&'),
      )
  );
}

/** The parts of a name that we give to authorities and apps. */
export interface SubjectName {
  readonly commonName: string;
  readonly organization?: string;
  /** Two letters, ISO 3166. */
  readonly country?: string;
}

/** Writes a Name in DER: country, organization, commonName. Throws RangeError for what a name can't hold. */
export function writeName({ country, organization, commonName: cn }: SubjectName): Buffer {
  const relative = (type: string, value: Buffer): Buffer => writeSet(writeSequence(writeOid(type), value));
  const parts: Buffer[] = [];
  if (country !== undefined) {
    if (!/^[A-Z]{2}$/.test(country)) throw new RangeError('A country is given as two capital letters.');
    parts.push(relative('2.5.4.6', writePrintable(country)));
  }
  if (organization !== undefined) parts.push(relative('2.5.4.10', writeUtf8(bounded(organization))));
  parts.push(relative(commonName, writeUtf8(bounded(cn))));
  return writeSequence(...parts);
}

/** RFC 5280 appendix A.1: at most 64 characters; and none that could not be seen. */
function bounded(value: string): string {
  const { length } = Array.from(value);
  if (length < 1 || length > 64 || /[\p{C}\p{Zl}\p{Zp}]/u.test(value) || value.trim() !== value) {
    throw new RangeError('A name has 1 to 64 visible characters, and no spaces around them.');
  }
  return value;
}
