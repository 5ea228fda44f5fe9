import { isUtf8 } from 'node:buffer';
import { SaxesParser } from 'saxes';
import type { FindingCode } from '../report/catalogue.js';

/** One element with everything in it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly inside, as it stands; that of elements inside is theirs. */
  readonly text: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
}

/** Why a document is not read. */
export interface XmlRefusal {
  readonly code: Extract<FindingCode, 'INFO_XML_MALFORMED' | 'INFO_XML_ENCODING' | 'INFO_XML_DOCTYPE'>;
  readonly detail: string;
}

const MAX_DEPTH = 32;
const MAX_ELEMENTS = 10_000;
const MAX_ATTRIBUTES = 10_000;

class RefusedDocument extends Error {
  constructor(readonly refusal: XmlRefusal) {
    super(refusal.detail);
  }
}

/**
 * Parses a whole XML 1.0 document strictly: UTF-8, well-formed, no document type declaration and so no entities but the
 * five of XML itself, bounded in depth and number of elements and attributes. Nothing outside the bytes is ever read.
 *
 * @param bytes the document; its length is for the caller to bound
 * @returns the root element, or why there is none
 */
export function parseXml(bytes: Buffer): { readonly root: XmlElement } | { readonly refusal: XmlRefusal } {
  const foreign = foreignEncoding(bytes);
  if (foreign !== null) return { refusal: { code: 'INFO_XML_ENCODING', detail: `It is ${foreign}.` } };
  try {
    return { root: parseText(bytes.toString('utf8')) };
  } catch (error) {
    if (error instanceof RefusedDocument) return { refusal: error.refusal };
    throw error;
  }
}

function foreignEncoding(bytes: Buffer): string | null {
  const start = bytes.subarray(0, 2).toString('hex');
  // Without a byte-order mark UTF-16 still shows by the zero beside the '<' it must begin with.
  if (['fffe', 'feff', '3c00', '003c'].includes(start)) return 'UTF-16';
  return isUtf8(bytes) ? null : 'in another encoding, perhaps ISO 8859-1 or Windows-1252';
}

interface OpenElement {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: XmlElement[];
  readonly line: number;
  text: string;
}

function parseText(text: string): XmlElement {
  // Version 1.1 would allow control characters as references.
  const parser = new SaxesParser({ defaultXMLVersion: '1.0', forceXMLVersion: true, xmlns: false });
  const open: OpenElement[] = [];
  const roots: XmlElement[] = [];
  let elements = 0;
  let attributes = 0;
  const refuse = (code: XmlRefusal['code'], detail: string): never => {
    throw new RefusedDocument({ code, detail: `Line ${parser.line}, column ${parser.column + 1}: ${detail}.` });
  };
  const malformed = (detail: string): never => refuse('INFO_XML_MALFORMED', detail);
  const addText = (piece: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };

  // saxes recovers from an error where there is a handler; throwing from it ends the parsing at the first.
  parser.on('error', (error) => malformed(error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')));
  parser.on('doctype', () => refuse('INFO_XML_DOCTYPE', 'it ends here'));
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== '1.0') malformed('the XML version is not 1.0');
    if (encoding !== undefined && encoding.toUpperCase() !== 'UTF-8') {
      refuse('INFO_XML_ENCODING', `it declares the encoding ${encoding}`);
    }
  });
  parser.on('opentagstart', () => {
    elements += 1;
    if (elements > MAX_ELEMENTS) malformed(`there are more than ${MAX_ELEMENTS} elements`);
    if (open.length >= MAX_DEPTH) malformed(`elements are nested deeper than ${MAX_DEPTH} levels`);
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > MAX_ATTRIBUTES) malformed(`there are more than ${MAX_ATTRIBUTES} attributes`);
  });
  parser.on('opentag', (tag) => {
    const values = new Map(Object.entries<string>(tag.attributes));
    open.push({ name: tag.name, attributes: values, children: [], line: parser.line, text: '' });
  });
  parser.on('closetag', () => {
    const element = open.pop();
    const parent = open.at(-1);
    if (element === undefined) return;
    if (parent === undefined) roots.push(element);
    else parent.children.push(element);
  });
  parser.on('text', addText);
  parser.on('cdata', addText);

  parser.write(text).close();
  return roots[0] ?? malformed('there is no element');
}
