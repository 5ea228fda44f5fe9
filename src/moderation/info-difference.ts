import { visibleName } from './visible-text.js';

/** Something that two versions of `appinfo/info.xml` say otherwise. */
export interface InfoChange {
  /** As the element is called; a translated one with its language, `name (de)`. */
  readonly field: string;
  /** Null where it is not said. */
  readonly before: string | null;
  readonly after: string | null;
}

const MAX_FIELDS = 500;
const MAX_LINE_CHARACTERS = 2_000;

/**
 * What two apps say of themselves otherwise, field by field.
 *
 * @param before what was read of their info.xml: an `AppInfo`, or an older version's idea of one
 */
export function compareInfo(before: unknown, after: unknown): readonly InfoChange[] {
  const old = fieldsOf(before);
  const fresh = fieldsOf(after);
  const changed = [...new Set([...fresh.keys(), ...old.keys()])].filter((field) => old.get(field) !== fresh.get(field));
  return changed.slice(0, MAX_FIELDS).map((field) => ({
    field: visibleName(field, MAX_LINE_CHARACTERS),
    before: shown(old.get(field)),
    after: shown(fresh.get(field)),
  }));
}

function shown(text: string | undefined): string | null {
  if (text === undefined) return null;
  return text
    .split('\n')
    .map((line) => visibleName(line, MAX_LINE_CHARACTERS))
    .join('\n');
}

function fieldsOf(info: unknown): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  if (!isObject(info)) return fields;
  for (const [field, value] of Object.entries(info)) {
    if (field === 'translations' && Array.isArray(value)) addTranslations(fields, value);
    else add(fields, field, value);
  }
  return fields;
}

function addTranslations(fields: Map<string, string>, translations: readonly unknown[]): void {
  for (const translation of translations) {
    if (!isObject(translation)) continue;
    const { lang, ...texts } = translation;
    for (const [field, value] of Object.entries(texts)) add(fields, `${field} (${String(lang)})`, value);
  }
}

function add(fields: Map<string, string>, field: string, value: unknown): void {
  const text = textOf(value);
  if (text !== '') fields.set(field, text);
}

/**
 * A list has a line for each of its members. The members of an object are joined in an order of our own, since the database
 * keeps none: `name` and `min` come before the others.
 */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(textOf).join('\n');
  if (isObject(value)) {
    return Object.entries(value)
      .filter(([, member]) => member !== null)
      .sort(([one], [other]) => (one < other ? 1 : -1))
      .map(([name, member]) => `${name}: ${textOf(member)}`)
      .join(', ');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
