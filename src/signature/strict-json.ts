/** A JSON object. A Map, so that `__proto__` and `constructor` are names like any other. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A parsed document whose outermost value is an object. */
export interface JsonDocument {
  readonly members: JsonObject;
  /**
   * The bytes of the value of an outermost member, exactly as they stand in the document: no white space around them,
   * and none inside them touched.
   *
   * @returns null where there is no such member.
   */
  rawValue(name: string): Buffer | null;
}

export type JsonFault = 'byte-order-mark' | 'not-utf8' | 'syntax' | 'duplicate-name' | 'too-deep' | 'too-many-values';

/** What makes a document unacceptable, and where. */
export class JsonError extends Error {
  override readonly name = 'JsonError';

  constructor(
    readonly fault: JsonFault,
    message: string,
  ) {
    super(message);
  }
}

/** Deeper than any signature file needs (three), shallow enough that recursion can't exhaust the stack. */
const MAX_DEPTH = 16;

const BYTE_ORDER_MARK = '\uFEFF';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The number grammar of RFC 8259 §6, which refuses `01`, `.5`, `+1` and `1.`. */
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LONE_SURROGATE = /\p{Cs}/u;

const LITERALS: ReadonlyMap<string, readonly [text: string, value: JsonValue]> = new Map([
  ['t', ['true', true]],
  ['f', ['false', false]],
  ['n', ['null', null]],
]);

/** Where the parser stands. The only mutable state in this file. */
interface Cursor {
  readonly text: string;
  position: number;
  values: number;
  readonly maxValues: number;
}

type Span = readonly [start: number, end: number];

/**
 * Parses a JSON document (RFC 8259) whose outermost value is an object, accepting only what every reader must
 * understand in the same way (in the spirit of I-JSON, RFC 7493): no name twice in an object, no byte-order mark,
 * no invalid UTF-8, no lone surrogate.
 *
 * `JSON.parse` won't do: of two members with the same name it keeps the last without a word, where another reader
 * may keep the first, and then the hashes that are verified are not the hashes that are used.
 *
 * @param maxValues how many values there may be in all, of whatever kind: without a bound, 8 MiB of `{},` would become
 *   gigabytes of Maps.
 * @throws JsonError saying what is wrong, with line and column.
 */
export function parseJsonObject(bytes: Buffer, maxValues: number): JsonDocument {
  const cursor: Cursor = { text: decodeUtf8(bytes), position: 0, values: 0, maxValues };
  const spans = new Map<string, Span>();
  skipSpace(cursor);
  if (cursor.text[cursor.position] !== '{') throw syntaxError(cursor, 'an object must begin here');
  const members = parseObject(cursor, 1, spans);
  skipSpace(cursor);
  if (cursor.position < cursor.text.length) throw syntaxError(cursor, 'nothing may follow the closing brace');
  return {
    members,
    rawValue: (name) => {
      const span = spans.get(name);
      // Decoding was fatal on anything but valid UTF-8, so encoding the same stretch gives back the same bytes.
      return span === undefined ? null : Buffer.from(cursor.text.slice(...span));
    },
  };
}

function decodeUtf8(bytes: Buffer): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonError('not-utf8', 'the file is not valid UTF-8');
  }
  if (text.startsWith(BYTE_ORDER_MARK)) {
    throw new JsonError('byte-order-mark', 'the file begins with a byte-order mark (EF BB BF)');
  }
  return text;
}

function parseValue(cursor: Cursor, depth: number): JsonValue {
  if (++cursor.values > cursor.maxValues) {
    throw new JsonError('too-many-values', `there are more than ${cursor.maxValues} values`);
  }
  const first = cursor.text[cursor.position];
  if (first === '"') return parseString(cursor);
  if (first === '{') return parseObject(cursor, depth + 1);
  if (first === '[') return parseArray(cursor, depth + 1);
  const literal = first === undefined ? undefined : LITERALS.get(first);
  return literal === undefined ? parseNumber(cursor) : parseLiteral(cursor, ...literal);
}

/** @param spans filled, where given, with where the value of each member stands. */
function parseObject(cursor: Cursor, depth: number, spans?: Map<string, Span>): JsonObject {
  enter(cursor, depth);
  const members = new Map<string, JsonValue>();
  if (skipTo(cursor, '}')) return members;
  do {
    skipSpace(cursor);
    const start = cursor.position;
    const name = parseString(cursor);
    if (members.has(name)) {
      cursor.position = start;
      throw new JsonError('duplicate-name', `the name ${JSON.stringify(name)} stands twice, again ${where(cursor)}`);
    }
    if (!skipTo(cursor, ':')) throw syntaxError(cursor, 'a colon is missing');
    skipSpace(cursor);
    const valueStart = cursor.position;
    members.set(name, parseValue(cursor, depth));
    spans?.set(name, [valueStart, cursor.position]);
  } while (skipTo(cursor, ','));
  if (!skipTo(cursor, '}')) throw syntaxError(cursor, 'a comma or a closing brace is missing');
  return members;
}

function parseArray(cursor: Cursor, depth: number): readonly JsonValue[] {
  enter(cursor, depth);
  const elements: JsonValue[] = [];
  if (skipTo(cursor, ']')) return elements;
  do {
    skipSpace(cursor);
    elements.push(parseValue(cursor, depth));
  } while (skipTo(cursor, ','));
  if (!skipTo(cursor, ']')) throw syntaxError(cursor, 'a comma or a closing bracket is missing');
  return elements;
}

function parseLiteral(cursor: Cursor, text: string, value: JsonValue): JsonValue {
  if (!cursor.text.startsWith(text, cursor.position)) throw syntaxError(cursor, 'a value is missing');
  cursor.position += text.length;
  return value;
}

function parseNumber(cursor: Cursor): number {
  NUMBER.lastIndex = cursor.position;
  const match = NUMBER.exec(cursor.text);
  if (match === null) throw syntaxError(cursor, 'a value is missing');
  cursor.position += match[0].length;
  return Number(match[0]);
}

function parseString(cursor: Cursor): string {
  const { text, position: opening } = cursor;
  if (text[opening] !== '"') throw syntaxError(cursor, 'a string in double quotes is missing');
  let hasEscapes = false;
  for (cursor.position++; ; cursor.position++) {
    const unit = text.charCodeAt(cursor.position);
    if (unit === QUOTE) break;
    // NaN past the end: no comparison holds but this one.
    if (!(unit >= 0x20)) throw syntaxError(cursor, 'a string does not end, or holds a control character');
    if (unit === BACKSLASH) {
      hasEscapes = true;
      cursor.position++;
    }
  }
  cursor.position++;
  return hasEscapes ? unescape(cursor, opening) : text.slice(opening + 1, cursor.position - 1);
}

function unescape(cursor: Cursor, opening: number): string {
  const end = cursor.position;
  let result: unknown;
  try {
    // A single string leaves JSON.parse no choice; and eight megabytes of escapes take it no time.
    result = JSON.parse(cursor.text.slice(opening, end));
  } catch {
    result = null;
  }
  cursor.position = opening;
  if (typeof result !== 'string') throw syntaxError(cursor, 'a string holds an escape that JSON does not have');
  // It has no UTF-8 form: two different names would become one when encoded.
  if (LONE_SURROGATE.test(result)) throw syntaxError(cursor, 'a string holds half of a surrogate pair');
  cursor.position = end;
  return result;
}

function enter(cursor: Cursor, depth: number): void {
  if (depth > MAX_DEPTH) throw new JsonError('too-deep', `values are nested more than ${MAX_DEPTH} deep`);
  cursor.position++;
}

/** Skips white space and then `character`, and tells whether it was there. */
function skipTo(cursor: Cursor, character: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.position] !== character) return false;
  cursor.position++;
  return true;
}

function skipSpace(cursor: Cursor): void {
  for (;;) {
    const unit = cursor.text.charCodeAt(cursor.position);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
    cursor.position++;
  }
}

function syntaxError(cursor: Cursor, what: string): JsonError {
  return new JsonError('syntax', `${what}, ${where(cursor)}`);
}

function where({ text, position }: Cursor): string {
  let line = 1;
  let start = 0;
  // Not split into lines: eight million of them would cost more than all the rest.
  for (let end = text.indexOf('\n'); end >= 0 && end < position; end = text.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return `line ${line}, column ${position - start + 1}`;
}
