import { parseUrl } from '../parse-url.js';
import type { FindingCode } from '../report/catalogue.js';
import type { FindingDetails } from '../report/finding.js';
import type { XmlElement } from './xml-document.js';

/** Adds a finding about `appinfo/info.xml`. */
export type AddFinding = (code: FindingCode, details: FindingDetails) => void;

/** What an element's text must be. */
export interface TextRule {
  /** In characters of UTF-16. */
  readonly maxLength: number;
  /** In bytes of UTF-8, where that is bounded as well. */
  readonly maxBytes?: number;
  /** A sentence on what is wrong with a text that is neither empty, nor too long, nor full of control characters. */
  readonly problem?: (text: string) => string | null;
  readonly severalLines?: true;
}

/** The elements directly inside `element`, by name, in the order of the document. */
export function childrenByName(element: XmlElement): ReadonlyMap<string, readonly XmlElement[]> {
  const children = new Map<string, XmlElement[]>();
  for (const child of element.children) {
    const same = children.get(child.name);
    if (same === undefined) children.set(child.name, [child]);
    else same.push(child);
  }
  return children;
}

/** What it is when an element is missing: an error, a warning, or nothing. */
type Need = 'required' | 'wanted' | 'optional';

/** An element that may stand there once. */
interface SingleText {
  /** As it stands, trimmed; null where the element is missing, repeated, or holds elements instead of text only. */
  readonly text: string | null;
  /** The same where it keeps its rule, else null. */
  readonly valid: string | null;
}

/** Reads elements by their rules and adds a finding for each that breaks one. */
export interface ElementReader {
  required(name: string, rule: TextRule): SingleText;
  single(name: string, rule: TextRule, need: Need): SingleText;
  /** Those that keep the rule. */
  several(name: string, rule: TextRule, need: Need): readonly XmlElement[];
  /** Language ('' where none is named) → text. */
  translated(name: string, rule: TextRule, need: Need): ReadonlyMap<string, string>;
  /** An http or https link; null where it is missing, or after a finding where it is something else. */
  link(name: string): string | null;
  /** False, after a finding, where there are elements in it: readers differ on what its text is then. */
  isTextOnly(element: XmlElement): boolean;
  /** Adds a finding where there is more than one. */
  only(name: string, elements: readonly XmlElement[]): XmlElement | undefined;
}

/** A reader of these elements. @param children elements by name, in the order of the document */
export function elementReader(children: ReadonlyMap<string, readonly XmlElement[]>, add: AddFinding): ElementReader {
  const allOf = (name: string, need: Need): readonly XmlElement[] => {
    const elements = children.get(name) ?? [];
    if (elements.length === 0 && need !== 'optional') {
      const code = need === 'required' ? 'INFO_XML_ELEMENT_MISSING' : 'INFO_XML_INCOMPLETE';
      add(code, { detail: `<${name}> is missing.`, expected: `<${name}>` });
    }
    return elements;
  };
  const invalid = (element: XmlElement, problem: string, actual: string): false => {
    add('INFO_XML_ELEMENT_INVALID', { detail: `<${element.name}> in line ${element.line} ${problem}.`, actual });
    return false;
  };
  const isTextOnly = (element: XmlElement): boolean => {
    const [inside] = element.children;
    return inside === undefined || invalid(element, 'must hold text only', `<${inside.name}>`);
  };
  const keeps = (element: XmlElement, rule: TextRule): boolean => {
    if (!isTextOnly(element)) return false;
    const text = textOf(element, rule);
    const problem = textProblem(text, rule);
    return problem === null || invalid(element, problem, text);
  };
  const repeated = (name: string, element: XmlElement, detail = ''): void =>
    add('INFO_XML_ELEMENT_REPEATED', {
      detail: `<${name}>${detail} stands again in line ${element.line}.`,
      actual: `<${name}>`,
    });
  const only = (name: string, elements: readonly XmlElement[]): XmlElement | undefined => {
    const [first, second] = elements;
    if (second === undefined) return first;
    repeated(name, second);
    return undefined;
  };
  const single = (name: string, rule: TextRule, need: Need): SingleText => {
    const element = only(name, allOf(name, need));
    if (element === undefined) return { text: null, valid: null };
    const kept = keeps(element, rule);
    const text = element.children.length === 0 ? textOf(element, rule) : null;
    return { text, valid: kept ? text : null };
  };
  return {
    only,
    single,
    isTextOnly,
    required: (name, rule) => single(name, rule, 'required'),
    several: (name, rule, need) => allOf(name, need).filter((element) => keeps(element, rule)),
    translated(name, rule, need) {
      const texts = new Map<string, string>();
      const languages = new Set<string>();
      for (const element of allOf(name, need)) {
        const lang = element.attributes.get('lang') ?? '';
        if (languages.has(lang)) repeated(name, element, lang === '' ? '' : ` for the language ${lang}`);
        else if (lang !== '' && !LANGUAGE.test(lang)) invalid(element, 'has a lang that is none', lang);
        else if (keeps(element, rule)) texts.set(lang, textOf(element, rule));
        languages.add(lang);
      }
      return texts;
    },
    link(name) {
      const [element] = children.get(name) ?? [];
      if (element === undefined || !isTextOnly(element)) return null;
      const text = lineOf(element);
      if (text === '') return null;
      if (text.length <= 2_048 && isLink(text, ['https:', 'http:'])) return text;
      // Not worth a refusal: old apps have "owncloud.org" there. But "javascript:" must never get onto a page.
      add('INFO_XML_INCOMPLETE', {
        detail: `<${name}> is not an http or https link, so it is left out.`,
        actual: text,
      });
      return null;
    },
  };
}

const LANGUAGE = /^[A-Za-z]{2,8}(?:[_-][A-Za-z0-9]{1,8}){0,3}$/;
// Bidirectional controls make a text read as another; line separators, byte-order marks and non-characters have no place
// in one.
const MISLEADING = /[\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF\p{Noncharacter_Code_Point}]/u;

function textProblem(text: string, { maxLength, maxBytes = Infinity, problem, severalLines }: TextRule): string | null {
  if (!/\S/.test(text)) return 'is empty';
  if (text.length > maxLength) return `is longer than ${maxLength} characters`;
  if (Buffer.byteLength(text) > maxBytes) return `is longer than ${maxBytes} bytes`;
  if (/\p{Cc}/u.test(text.replace(/[\r\n\t]/g, ' '))) return 'has control characters';
  if (severalLines !== true && MISLEADING.test(text)) return 'has invisible characters that change how it reads';
  return problem?.(text) ?? null;
}

function textOf(element: XmlElement, { severalLines }: TextRule): string {
  return severalLines === true ? trimXml(element.text) : lineOf(element);
}

/** An element's text on one line: real files wrap long lists of authors. */
export function lineOf(element: XmlElement): string {
  return trimXml(element.text.replace(/[ \t\r\n]+/g, ' '));
}

/**
 * `text` without the white space of XML at its ends: space, tab, CR, LF (XML 1.0, production 3). Not `trim()`, which
 * takes away what servers leave standing (a no-break space, say): the gate would judge another id or version than theirs.
 */
export function trimXml(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isXmlSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isXmlSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isXmlSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}

/** Whether `text` is an absolute link with one of these schemes, and without a user name that could pose as the host. */
export function isLink(text: string, schemes: readonly string[]): boolean {
  if (/[\s\p{Cc}<>"\\]/u.test(text)) return false;
  const url = parseUrl(text);
  if (url === null) return false;
  const { protocol, username, password } = url;
  return schemes.includes(protocol) && username === '' && password === '';
}
