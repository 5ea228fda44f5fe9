import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { parseUrl } from '../parse-url.js';
import { FetchError } from './fetch-error.js';
import { isServedForOthers, knownForge, servesVersions } from './forges.js';

/** Where the one-time value is published, below whatever its publisher controls; in the manner of RFC 8615. */
export const PROOF_PATH = '.well-known/portcullis-challenge.txt';

const MAX_DECLARED_LENGTH = 2000;

/**
 * Where to look for the one-time value that proves control of a declared repository or website, the likeliest place
 * first. All of them lie below the declared path, so control of a path proves that path and never the whole host. On a
 * known forge it is the head of the repository's default branch, which only those can change who may push there.
 * @throws FetchError `declared` where the URL can't prove anything, saying why
 */
export function proofUrls(declared: string): readonly URL[] {
  const { hostname, segments } = readDeclared(declared);
  const forge = knownForge(hostname);
  if (forge !== null) {
    const url = forge.proofUrl(segments, PROOF_PATH);
    if (url === null) {
      throw refusal(`On ${hostname}, declare the repository itself (${forge.shape}): what is above it proves nothing.`);
    }
    return [url];
  }
  if (isServedForOthers(hostname)) {
    throw refusal(`${hostname} serves what belongs to others: declare the repository or website itself.`);
  }
  if (segments.some(servesVersions)) {
    // Whoever may propose a change has their files below the repository's address, at the version they proposed.
    throw refusal('Declare the repository or website itself, and not one version of its files.');
  }
  const path = segments.map((segment) => `/${segment}`).join('');
  const at = (infix: string): URL => new URL(`https://${hostname}${path}${infix}/${PROOF_PATH}`);
  // A repository on somebody's own GitLab, Forgejo or Gitea can't put a file at its own address.
  const mayBeRepository = segments.length >= 2;
  return [at(''), ...(mayBeRepository ? [at('/-/raw/HEAD'), at('/raw/branch/HEAD')] : [])];
}

/**
 * Whether a file is the proof: its text is the value and nothing else, white space and a byte order mark at its ends
 * aside. Compares in constant time.
 */
export function isProof(body: Buffer, value: string): boolean {
  // Trimming takes the byte order mark along (ECMA-262, WhiteSpace).
  const text = body.toString('utf8').trim();
  return value !== '' && timingSafeEqual(digest(text), digest(value));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** A declared URL down to its host and the segments of its path, percent-encoded as they were. */
function readDeclared(declared: string): { readonly hostname: string; readonly segments: readonly string[] } {
  const url = declared.length > MAX_DECLARED_LENGTH ? null : parseUrl(declared);
  if (url === null) throw refusal('The declared address is not a URL.');
  if (url.protocol !== 'https:') throw refusal('The declared URL has to begin with https://.');
  if (url.username !== '' || url.password !== '') throw refusal('The declared URL has a user name or a password.');
  if (url.port !== '') throw refusal('The declared URL has a port, and only the usual one counts.');
  // A dot at the end makes another name of the same host, which would pass by the rules for known forges.
  const hostname = url.hostname.replace(/\.$/, '');
  if (hostname.startsWith('[') || isIP(hostname) !== 0) throw refusal('The declared URL has an IP address for a name.');
  if (!/^[^.]+(\.[^.]+)+$/.test(hostname)) throw refusal('The declared URL has no public host name.');
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  if (!segments.every(isPlainSegment)) throw refusal('The path of the declared URL has unusual characters.');
  const last = segments.at(-1);
  if (last === undefined) return { hostname, segments };
  return { hostname, segments: [...segments.slice(0, -1), last.replace(/\.git$/i, '')] };
}

/**
 * Whether a segment is read as one segment by every server: nothing in it that decodes to more of a path, or again, and
 * no dots that would lead upwards once `.git` is gone from its end.
 */
function isPlainSegment(segment: string): boolean {
  try {
    const decoded = decodeURIComponent(segment);
    // eslint-disable-next-line no-control-regex
    return !/[/\\%;?#\u0000-\u001f\u007f]/.test(decoded) && !/^\.{0,2}(\.git)?$/i.test(decoded);
  } catch {
    return false;
  }
}

function refusal(message: string): FetchError {
  return new FetchError('declared', message);
}
