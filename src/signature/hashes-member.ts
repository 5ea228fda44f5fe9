import { legacyOrder, phpString } from './legacy-message.js';
import type { Manifest } from './manifest.js';
import type { JsonValue } from './strict-json.js';

const SHA512_HEX = /^[0-9a-f]{128}$/;

/**
 * Reads the `hashes` member of a signature file.
 *
 * @param complaints gets a sentence for each kind of fault.
 * @returns null where there was any.
 */
export function readManifest(value: JsonValue | undefined, format: 1 | 2, complaints: string[]): Manifest | null {
  const entries = entriesOf(value, format);
  if (entries === null) {
    complaints.push(
      value === undefined ? 'The member "hashes" is missing.' : '"hashes" must be an object of paths and hashes.',
    );
    return null;
  }
  const manifest = new Map<string, string | false>();
  const faulty: string[] = [];
  for (const [path, hash] of entries) {
    if (isHash(hash, format)) manifest.set(path, hash);
    else faulty.push(path);
  }
  const [first] = faulty;
  if (first === undefined) return manifest;
  const others = faulty.length > 1 ? ` and of ${faulty.length - 1} more` : '';
  complaints.push(
    `The hash of ${JSON.stringify(first.slice(0, 200))}${others} in "hashes" is not a SHA-512 in lower-case hex.`,
  );
  return null;
}

function entriesOf(value: JsonValue | undefined, format: 1 | 2): Iterable<readonly [string, JsonValue]> | null {
  if (value instanceof Map) return value as ReadonlyMap<string, JsonValue>;
  // PHP writes a map without entries, or one with the keys 0…n-1, as a list.
  if (format === 1 && Array.isArray(value)) return value.map((hash, index) => [String(index), hash] as const);
  return null;
}

/** ownCloud's signer writes `false` for a file that it could not read. */
function isHash(value: JsonValue, format: 1 | 2): value is string | false {
  return typeof value === 'string' ? SHA512_HEX.test(value) : value === false && format === 1;
}

/** The hashes as PHP's pretty print lays them out inside a signature file of format 1. */
export function serializeLegacyHashes(manifest: Manifest): string {
  const paths = legacyOrder(manifest);
  if (paths.length === 0) return '[]';
  const isList = paths.every((path, index) => path === String(index));
  const lines = paths.map((path) => {
    const hash = JSON.stringify(manifest.get(path) ?? false);
    return `        ${isList ? '' : `${phpString(path)}: `}${hash}`;
  });
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  return `${open}\n${lines.join(',\n')}\n    ${close}`;
}
