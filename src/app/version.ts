/** A version as an app carries it, ready to be compared. */
export interface AppVersion {
  /** As it stands in `appinfo/info.xml`. */
  readonly text: string;
  /** Numbers and words in turn: `1.0.0-beta2` is 1, 0, 0, beta, 2. */
  readonly parts: readonly string[];
}

const MAX_VERSION_LENGTH = 64;
// Letters and digits in parts, each separated by one sign; so '1.0', '0.9.0.1', '1.0.0RC1', '2.0.0-rc.1+build.5'.
const VERSION = /^[0-9][0-9A-Za-z]*(?:[.+_-][0-9A-Za-z]+)*$/;

/** Ranks of words between versions, as PHP has them. Compared by beginning: `betatest` ranks as `beta`. */
const RANKS: readonly (readonly [string, number])[] = [
  ['dev', 0],
  ['alpha', 1],
  ['a', 1],
  ['beta', 2],
  ['b', 2],
  ['RC', 3],
  ['rc', 3],
  ['pl', 5],
  ['p', 5],
];
const RANK_UNKNOWN = -1;
const RANK_NUMBER = 4;

/** @returns null where `text` is not a version: it begins with a digit, has 64 characters at most and no empty part. */
export function parseVersion(text: string): AppVersion | null {
  if (text.length > MAX_VERSION_LENGTH || !VERSION.test(text)) return null;
  return { text, parts: text.match(/[0-9]+|[A-Za-z]+/g) ?? [] };
}

/**
 * The order of ownCloud's servers, which is that of PHP's `version_compare`, so that the store and the servers agree
 * on what an update is.
 *
 * Separators don't count, and there is one between every number and word. Part by part: numbers by value; words in the
 * order *anything else* < dev < alpha = a < beta = b < RC = rc < *a number* < pl = p. A version that has more parts is
 * the greater one if the next of them is a number (1.0 < 1.0.0), else as that word compares with a number
 * (1.0RC1 < 1.0 < 1.0pl1). What follows a `+` counts like any other part, which differs from semantic versioning.
 *
 * @returns negative, 0 or positive; 0 also for different texts that mean the same, as 1.0-rc1 and 1.0.RC.1
 */
export function compareVersions(a: AppVersion, b: AppVersion): number {
  const common = Math.min(a.parts.length, b.parts.length);
  for (let index = 0; index < common; index += 1) {
    const order = compareParts(a.parts[index] ?? '', b.parts[index] ?? '');
    if (order !== 0) return order;
  }
  return weightOfRest(a.parts[common]) - weightOfRest(b.parts[common]);
}

/** The highest of these versions, the first of several that compare equal; null where none of them is a version. */
export function highestVersion(versions: Iterable<string>): string | null {
  let highest: AppVersion | null = null;
  for (const text of versions) {
    const version = parseVersion(text);
    if (version !== null && (highest === null || compareVersions(version, highest) > 0)) highest = version;
  }
  return highest?.text ?? null;
}

function compareParts(a: string, b: string): number {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  return rank(a) - rank(b);
}

/** How the first part that only one version has weighs against its absence. */
function weightOfRest(part: string | undefined): number {
  if (part === undefined) return 0;
  return isNumber(part) ? 1 : Math.sign(rank(part) - RANK_NUMBER);
}

function rank(part: string): number {
  if (isNumber(part)) return RANK_NUMBER;
  return RANKS.find(([word]) => part.startsWith(word))?.[1] ?? RANK_UNKNOWN;
}

function isNumber(part: string): boolean {
  return /^[0-9]/.test(part);
}

/** As digits, since sixty of them don't fit a number. */
function compareNumbers(a: string, b: string): number {
  const [digitsA, digitsB] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  if (digitsA.length !== digitsB.length) return digitsA.length - digitsB.length;
  if (digitsA === digitsB) return 0;
  return digitsA < digitsB ? -1 : 1;
}

/** True where a server takes the two texts for one version; texts that are no version are the same only to the letter. */
export function isSameVersion(a: string, b: string): boolean {
  if (a === b) return true;
  const [first, second] = [parseVersion(a), parseVersion(b)];
  return first !== null && second !== null && compareVersions(first, second) === 0;
}
