import { promisify } from 'node:util';
import {
  brotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  gzip,
  type BrotliCompress,
  type Gzip,
} from 'node:zlib';

/*
 * Compression of what everybody may read. Never of anything else: the size of a compressed secret tells of the secret.
 */

export type ContentCoding = 'br' | 'gzip';

/** What whoever asks takes. */
export interface CodingChoice {
  /** The coding that they would rather have; null: none. */
  readonly coding: ContentCoding | null;
  readonly takesIdentity: boolean;
}

/** Smaller ones fit into one packet anyway. */
export const WORTH_COMPRESSING_BYTES = 1024;

/** For what is compressed anew for everybody who asks: far from the best, and fast. */
const BROTLI_QUALITY = 4;

const MEMBER = /^([a-z0-9*_-]+)(?:[ \t]*;[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?$/;

/**
 * Reads `Accept-Encoding` (RFC 9110 §12.5.3). Of codings that are as welcome Brotli, which is smaller; for whom takes anything
 * gzip, which everybody reads. What is not well-formed in it is ignored, and so is that nothing is acceptable at all: then
 * it is sent as it is.
 */
export function chooseCoding(header: string | undefined): CodingChoice {
  if (header === undefined) return { coding: null, takesIdentity: true };
  const weights = new Map<string, number>();
  for (const member of header.toLowerCase().split(',')) {
    const [, name = '', weight = '1'] = MEMBER.exec(member.trim()) ?? [];
    if (name !== '') weights.set(name === 'x-gzip' ? 'gzip' : name, Number(weight));
  }
  const others = weights.get('*') ?? 0;
  const gzipWeight = weights.get('gzip') ?? others;
  const brotliWeight = weights.get('br') ?? 0;
  const identityWeight = weights.get('identity') ?? (weights.get('*') === 0 ? 0 : null);
  const [coding, weight] =
    brotliWeight >= gzipWeight ? (['br', brotliWeight] as const) : (['gzip', gzipWeight] as const);
  const isWanted = weight > 0 && weight >= (identityWeight ?? 0);
  return { coding: isWanted ? coding : null, takesIdentity: identityWeight !== 0 };
}

/** True of media types that become smaller: texts, JSON and XML. */
export function isCompressible(contentType: string): boolean {
  return (
    /^(?:text\/|[a-z]+\/(?:[a-z0-9.-]+\+)?(?:json|xml)(?:;|$))/.test(contentType) && contentType !== 'text/event-stream'
  );
}

const brotliBytes = promisify(brotliCompress);
const gzipBytes = promisify(gzip) as (bytes: Buffer) => Promise<Buffer>;

/** The bytes in a coding. */
export async function compress(bytes: Buffer, coding: ContentCoding): Promise<Buffer> {
  return coding === 'br' ? brotliBytes(bytes, { params: brotliParams(bytes.length) }) : gzipBytes(bytes);
}

/** A stream that puts what is written to it into a coding. */
export function compressor(coding: ContentCoding): BrotliCompress | Gzip {
  return coding === 'br' ? createBrotliCompress({ params: brotliParams() }) : createGzip();
}

function brotliParams(size = 0): Record<number, number> {
  return { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: size };
}
