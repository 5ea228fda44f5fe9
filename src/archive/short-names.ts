/**
 * The form of the short names that Windows makes up for names longer than 8.3: README~1.TXT from the first six
 * characters, and after four of those RE1A2B~1.TXT from the first two and a hash.
 */
const SHORT_NAME = /^([^~.]{1,6})~[0-9]{1,6}(?:\.([^.]{1,3}))?$/;
const HASHED_BASE = /^(.{1,2})[0-9a-f]{4}$/;

/** A name that needs no short one: at most eight characters, a dot, three more. */
const FITS_8_3 = /^[a-z0-9!#$%&'()@^_`{}~-]{1,8}(?:\.[a-z0-9!#$%&'()@^_`{}~-]{1,3})?$/i;

/** Whether `part` may be the short name of another file, as long as there is one beside it that has this name for long. */
export function isShortName(part: string): boolean {
  return part.includes('~') && SHORT_NAME.test(part);
}

/**
 * What a name has in common with the short ones that Windows could make of it; nothing for what needs none.
 *
 * @returns keys to compare with {@link keysOfShortName}
 */
export function keysOfLongName(part: string): readonly string[] {
  if (FITS_8_3.test(part)) return [];
  const name = part.replace(/^\.+/, '').replaceAll(' ', '');
  const dot = name.lastIndexOf('.');
  const base = plain(dot < 0 ? name : name.slice(0, dot)).replaceAll('.', '');
  const extension = plain(dot < 0 ? '' : name.slice(dot + 1)).slice(0, 3);
  return [`${base.slice(0, 6)}.${extension}`, hashedKey(base.slice(0, 2), extension)];
}

/** The keys of which a long name has one if `part` can be its short name. */
export function keysOfShortName(part: string): readonly string[] {
  const [, base, extension = ''] = SHORT_NAME.exec(plain(part)) ?? [];
  if (base === undefined) return [];
  const [, beginning] = HASHED_BASE.exec(base) ?? [];
  const key = `${base}.${extension}`;
  return beginning === undefined ? [key] : [key, hashedKey(beginning, extension)];
}

function hashedKey(beginning: string, extension: string): string {
  return `${beginning}#.${extension}`;
}

/** Without case, and with "_" for what short names can't have. */
function plain(text: string): string {
  return text.toLowerCase().replace(/[+,;=[\]]/g, '_');
}
