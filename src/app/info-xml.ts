import { finding, type Finding } from '../report/finding.js';
import { isAppId } from './app-id.js';
import { readDependencies, type AppDependency } from './dependencies.js';
import { readPlatform, type PlatformRange } from './platform-range.js';
import { parseVersion } from './version.js';
import {
  childrenByName,
  elementReader,
  isLink,
  lineOf,
  trimXml,
  type AddFinding,
  type ElementReader,
  type TextRule,
} from './element-reader.js';
import { parseXml, type XmlElement } from './xml-document.js';

/** Somebody who made the app. */
interface AppAuthor {
  readonly name: string;
  readonly mail: string | null;
  /** An http or https link. */
  readonly homepage: string | null;
}

/** What an app calls itself in one language. */
interface AppTranslation {
  readonly lang: string;
  readonly name: string | null;
  readonly summary: string | null;
  readonly description: string | null;
}

/** What an app tells of itself in `appinfo/info.xml`. Texts are trimmed, links are http or https. */
export interface AppInfo {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly summary: string | null;
  readonly description: string | null;
  readonly licence: string | null;
  readonly authors: readonly AppAuthor[];
  readonly categories: readonly string[];
  readonly platform: PlatformRange | null;
  /** What it needs beside the platform. */
  readonly dependencies: readonly AppDependency[];
  readonly namespace: string | null;
  readonly website: string | null;
  readonly repository: string | null;
  readonly bugs: string | null;
  /** All https. */
  readonly screenshots: readonly string[];
  /** One for each language that an element with `lang` names. */
  readonly translations: readonly AppTranslation[];
}

const PATH = 'appinfo/info.xml';

/**
 * Reads `appinfo/info.xml`. Every problem is its own finding, with the element's name in the message.
 *
 * @param bytes the file, of a length that the caller has bounded
 * @returns `info` is null where the document can't be read, or id, name or version is missing, repeated or nothing
 *   that could be shown. An id that is only badly chosen (capitals, too short) is kept beside its finding, so that the
 *   other checks can still say what they find.
 */
export function parseInfoXml(bytes: Buffer): { info: AppInfo | null; findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const add: AddFinding = (code, details) => findings.push(finding(code, { path: PATH, ...details }));
  const parsed = parseXml(bytes);
  if ('refusal' in parsed) {
    add(parsed.refusal.code, { detail: parsed.refusal.detail });
    return { info: null, findings };
  }
  if (parsed.root.name !== 'info') {
    add('INFO_XML_WRONG_ROOT', { expected: 'info', actual: parsed.root.name });
    return { info: null, findings };
  }
  return { info: readInfo(parsed.root, add), findings };
}

const ID_MUST = 'must be 3 to 64 of a–z, 0–9, _ and -, beginning with a letter or digit';
const ID: TextRule = { maxLength: 128, problem: (text) => (isAppId(text) ? null : ID_MUST) };
const VERSION: TextRule = {
  maxLength: 64,
  problem: (text) => (parseVersion(text) === null ? 'must be a version like 1.2.0 or 1.2.0-rc.1' : null),
};
const NAME: TextRule = { maxLength: 128 };
const SUMMARY: TextRule = { maxLength: 1_024, severalLines: true };
const DESCRIPTION: TextRule = { maxLength: 65_536, maxBytes: 65_536, severalLines: true };
const LICENCE: TextRule = { maxLength: 128 };
const AUTHOR: TextRule = { maxLength: 512 };
const CATEGORY: TextRule = {
  maxLength: 64,
  problem: (text) =>
    /^[A-Za-z0-9][A-Za-z0-9 &_-]*$/.test(text) ? null : 'must be letters, digits, spaces, &, _ and -',
};
const SCREENSHOT: TextRule = {
  maxLength: 2_048,
  problem: (text) => (isLink(text, ['https:']) ? null : 'must be an https link'),
};

/** What is kept of an id that is refused: enough to compare and to show, nothing that could do harm in a path or page. */
const SHOWABLE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

function readInfo(root: XmlElement, add: AddFinding): AppInfo | null {
  const children = childrenByName(root);
  const reader = elementReader(children, add);
  const id = reader.required('id', ID);
  const names = reader.translated('name', NAME, 'required');
  const version = reader.required('version', VERSION);
  const summaries = reader.translated('summary', SUMMARY, 'wanted');
  const descriptions = reader.translated('description', DESCRIPTION, 'wanted');
  const needed = (children.get('dependencies') ?? []).flatMap((element) => element.children);
  const rest = {
    licence: reader.single('licence', LICENCE, 'wanted').valid,
    authors: reader.several('author', AUTHOR, 'wanted').map(readAuthor),
    categories: reader.several('category', CATEGORY, 'wanted').map(lineOf),
    platform: platformOf(needed, children, reader, add),
    dependencies: readDependencies(needed),
    namespace: reader.single('namespace', NAME, 'optional').valid,
    website: reader.link('website'),
    repository: reader.link('repository'),
    bugs: reader.link('bugs'),
    screenshots: reader.several('screenshot', SCREENSHOT, 'optional').map(lineOf),
    translations: translationsOf(names, summaries, descriptions),
  };
  const name = defaultOf(names);
  if (id.text === null || !SHOWABLE_ID.test(id.text) || name === null || version.valid === null) return null;
  const own = { id: id.text, name, version: version.valid };
  return bounded({ ...own, summary: defaultOf(summaries), description: defaultOf(descriptions), ...rest }, add);
}

/**
 * What a release may keep of its info.xml: each text has its bound, but there may be one in every language there is. What it needs
 * is not among it: of that there is never much.
 */
const MAX_INFO_BYTES = 256 * 1024;

/** `info` as it is; where its texts are too long altogether, after a finding, only what names the app. */
function bounded(info: AppInfo, add: AddFinding): AppInfo {
  const bytes = Buffer.byteLength(JSON.stringify({ ...info, dependencies: [] }));
  if (bytes <= MAX_INFO_BYTES) return info;
  const detail = `All texts together, as they are stored, are longer than ${MAX_INFO_BYTES} bytes.`;
  add('INFO_XML_ELEMENT_INVALID', { detail, expected: MAX_INFO_BYTES, actual: bytes });
  const texts = { summary: null, description: null, translations: [] };
  return { ...info, ...texts, authors: [], categories: [], screenshots: [] };
}

/** The text without a language, or the English one, or else the first there is. */
function defaultOf(texts: ReadonlyMap<string, string>): string | null {
  const [first] = texts.values();
  return texts.get('') ?? texts.get('en') ?? first ?? null;
}

function translationsOf(
  names: ReadonlyMap<string, string>,
  summaries: ReadonlyMap<string, string>,
  descriptions: ReadonlyMap<string, string>,
): AppTranslation[] {
  const languages = new Set([...names.keys(), ...summaries.keys(), ...descriptions.keys()]);
  languages.delete('');
  return [...languages].map((lang) => ({
    lang,
    name: names.get(lang) ?? null,
    summary: summaries.get(lang) ?? null,
    description: descriptions.get(lang) ?? null,
  }));
}

/** `<author mail="…" homepage="…">Name</author>`, or `Name <mail>` as the text. */
function readAuthor(element: XmlElement): AppAuthor {
  const text = lineOf(element);
  const bracket = text.endsWith('>') ? text.lastIndexOf('<') : -1;
  const inText = bracket > 0 ? text.slice(bracket + 1, -1) : null;
  const mail = element.attributes.get('mail') ?? inText;
  const homepage = element.attributes.get('homepage') ?? '';
  return {
    name: inText !== null && isMail(inText) ? trimXml(text.slice(0, bracket)) : text,
    mail: mail !== null && isMail(mail) ? mail : null,
    homepage: homepage.length <= 2_048 && isLink(homepage, ['https:', 'http:']) ? homepage : null,
  };
}

function isMail(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>"]+@[^\s@<>"]+$/.test(text);
}

function platformOf(
  dependencies: readonly XmlElement[],
  children: ReadonlyMap<string, readonly XmlElement[]>,
  reader: ElementReader,
  add: AddFinding,
): PlatformRange | null {
  const owncloud = dependencies.filter(({ name }) => name === 'owncloud');
  const bound = (name: string): XmlElement | undefined => {
    const element = reader.only(name, children.get(name) ?? []);
    return element !== undefined && reader.isTextOnly(element) ? element : undefined;
  };
  const { range, problems } = readPlatform(reader.only('owncloud', owncloud), bound('requiremin'), bound('requiremax'));
  for (const { element, problem, actual } of problems) {
    add('INFO_XML_ELEMENT_INVALID', { detail: `<${element}> ${problem}.`, actual });
  }
  if (range === null && problems.length === 0 && owncloud.length <= 1) {
    const expected = '<dependencies><owncloud min-version="10" max-version="10"/></dependencies>';
    add('INFO_XML_INCOMPLETE', { detail: 'The range of ownCloud versions is missing.', expected });
  }
  return range;
}
