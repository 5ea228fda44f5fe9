import type { Request } from 'express';
import { createHash, timingSafeEqual, type Hash } from 'node:crypto';
import { RequestError } from '../request-error.js';

/** Names of RFC 9530 §5 that we check → names of OpenSSL. */
const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
]);

const MEMBER = /^\s*([a-z*][a-z0-9_.*-]*)\s*=\s*:([A-Za-z0-9+/]*={0,2}):\s*$/;

/**
 * Reads the request's Content-Digest (RFC 9530 §2), if it has one, and hashes the body as it is read, whoever reads
 * it. Must be called before the body flows. Digests of algorithms that RFC 9530 doesn't recommend are ignored, as it
 * allows.
 *
 * @returns an object whose `verify`, called at the end of the body, throws RequestError `DIGEST_MISMATCH` where the
 *   body is not what was announced
 * @throws RequestError `INVALID_REQUEST` where the header isn't well-formed
 */
export function expectContentDigest(request: Request): { verify(): void } {
  const header = request.headers['content-digest'];
  if (header === undefined) return { verify: () => undefined };
  const expected = parseDigests(String(header));
  if (expected.length === 0) return { verify: () => undefined };

  request.on('data', (chunk: Buffer) => {
    for (const { hash } of expected) hash.update(chunk);
  });
  // The listener starts the flow; whoever really reads the body does so in the same or a later turn.
  request.pause();
  return {
    verify() {
      for (const { algorithm, hash, digest } of expected) {
        const actual = hash.digest();
        if (actual.length !== digest.length || !timingSafeEqual(actual, digest)) {
          throw new RequestError(
            'DIGEST_MISMATCH',
            `The body does not have the ${algorithm} digest that Content-Digest announces.`,
          );
        }
      }
    },
  };
}

function parseDigests(header: string): readonly { algorithm: string; hash: Hash; digest: Buffer }[] {
  const digests = [];
  for (const member of header.split(',')) {
    const [, algorithm = '', base64 = ''] = MEMBER.exec(member) ?? malformed();
    const name = ALGORITHMS.get(algorithm);
    if (name !== undefined) digests.push({ algorithm, hash: createHash(name), digest: Buffer.from(base64, 'base64') });
  }
  return digests;
}

function malformed(): never {
  throw new RequestError('INVALID_REQUEST', 'Content-Digest is not a dictionary of byte sequences (RFC 9530 §2).');
}
