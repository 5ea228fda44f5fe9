import type { Request, Response } from 'express';
import multer from 'multer';
import { createHash, randomUUID, type Hash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { SNIFF_BYTES, sniffArchive } from '../archive/sniff-archive.js';
import type { Gate } from '../gate.js';
import type { Upload } from '../releases/submit-release.js';
import { RequestError } from '../request-error.js';
import { continueBody } from './continue-body.js';
import { expectContentDigest } from './content-digest.js';

/** The multipart field that carries the archive. */
export const ARCHIVE_FIELD = 'archive';

/** What a multipart body may add around the archive: boundaries, part headers, a few small fields. */
const MULTIPART_OVERHEAD = 64 * 1024;

const ZIP_TYPES = ['application/zip', 'application/x-zip-compressed'];

/** The bytes of an upload, written and measured. */
type Received = Pick<Upload, 'file' | 'sha256' | 'bytes'> & { readonly firstBytes: Buffer };

/**
 * Receives the archive of an upload into a temporary file and gives it to `use`. Whatever happens, nothing of it is
 * left in the temporary folder afterwards.
 *
 * @throws RequestError where the body isn't one archive of an acceptable size
 */
export async function withReceivedArchive<T>(
  gate: Gate,
  request: Request,
  response: Response,
  appId: string,
  use: (upload: Upload) => Promise<T>,
): Promise<T> {
  const receive = receiverFor(request);
  refuseDeclaredSize(request, gate.limits.archiveBytes + (receive === receiveMultipart ? MULTIPART_OVERHEAD : 0));
  const digest = expectContentDigest(request);
  const folder = join(gate.temporaryFolder, randomUUID());
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    continueBody(request, response);
    const received = await receive(request, response, join(folder, 'archive'), gate.limits.archiveBytes);
    digest.verify();
    requireZip(received.firstBytes);
    return await use({ appId, file: received.file, sha256: received.sha256, bytes: received.bytes });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Receiver = (request: Request, response: Response, file: string, maxBytes: number) => Promise<Received>;

function receiverFor(request: Request): Receiver {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new RequestError('UNSUPPORTED_MEDIA_TYPE', 'Send the archive without a Content-Encoding.');
  }
  const mediaType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (mediaType === 'multipart/form-data') return receiveMultipart;
  if (ZIP_TYPES.includes(mediaType)) return receiveRaw;
  throw new RequestError(
    'UNSUPPORTED_MEDIA_TYPE',
    `Send the archive as multipart/form-data in the field "${ARCHIVE_FIELD}", or by itself as application/zip.`,
  );
}

function refuseDeclaredSize(request: Request, maxBytes: number): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
}

function requireZip(firstBytes: Buffer): void {
  const { zip, looksLike } = sniffArchive(firstBytes);
  if (zip) return;
  const what = looksLike === null ? '' : ` It looks like ${looksLike}.`;
  throw new RequestError('ARCHIVE_NOT_ZIP', `The upload is not a zip archive.${what}`);
}

async function receiveRaw(request: Request, _response: Response, file: string, maxBytes: number): Promise<Received> {
  // Left open when we stop early: destroying the request would take the connection, and the answer, with it.
  return writeMeasured(request.iterator({ destroyOnReturn: false }), file, maxBytes);
}

async function receiveMultipart(
  request: Request,
  response: Response,
  file: string,
  maxBytes: number,
): Promise<Received> {
  const received: Received[] = [];
  const storage: multer.StorageEngine = {
    _handleFile(_request, part, done) {
      writeMeasured(part.stream, file, maxBytes).then(
        (written) => {
          received.push(written);
          done(null, {});
        },
        (error: unknown) => done(error),
      );
    },
    // The whole temporary folder is removed, whatever multer knows of it.
    _removeFile: (_request, _part, done) => done(null),
  };
  const limits = {
    fileSize: maxBytes,
    files: 1,
    fields: 10,
    fieldSize: 1024,
    fieldNameSize: 100,
    // multer makes sparse arrays of names like a[4294967294], and then walks through all of their places.
    fieldNestingDepth: 0,
    parts: 11,
    headerPairs: 20,
  };
  const parse = multer({ storage, limits }).single(ARCHIVE_FIELD);
  await new Promise<void>((resolve, reject) => {
    parse(request, response, (error: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(asRequestError(error as Error));
    });
  });
  const [archive] = received;
  if (archive === undefined) {
    throw new RequestError('ARCHIVE_FIELD_MISSING', `There is no file in the field "${ARCHIVE_FIELD}".`);
  }
  return archive;
}

/** Writes a stream to a new file, hashing on the way; never more than `maxBytes`. */
async function writeMeasured(
  source: AsyncIterable<Buffer> | Readable,
  file: string,
  maxBytes: number,
): Promise<Received> {
  const hash: Hash = createHash('sha256');
  const handle = await open(file, 'wx', 0o600);
  let bytes = 0;
  let firstBytes: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge();
      if (firstBytes.length < SNIFF_BYTES) firstBytes = Buffer.concat([firstBytes, chunk]).subarray(0, SNIFF_BYTES);
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
  return { file, bytes, sha256: hash.digest('hex'), firstBytes };
}

function tooLarge(): RequestError {
  return new RequestError('ARCHIVE_TOO_LARGE', 'The archive is larger than this store accepts; see /api/v1/limits.');
}

/** What multer and busboy say, in our words. */
function asRequestError(error: Error): Error {
  if (error instanceof multer.MulterError) {
    switch (error.code) {
      case 'LIMIT_FILE_SIZE':
        return tooLarge();
      case 'LIMIT_FILE_COUNT':
        return new RequestError('ARCHIVE_FIELD_REPEATED', 'Send one archive at a time.');
      case 'LIMIT_UNEXPECTED_FILE':
        return new RequestError('ARCHIVE_FIELD_MISSING', `Send the archive in the field "${ARCHIVE_FIELD}".`);
      default:
        return new RequestError('BODY_MALFORMED', `The multipart body is not acceptable: ${error.message}.`);
    }
  }
  // busboy throws plain errors for a body it can't parse; file system errors carry a code.
  return 'code' in error ? error : new RequestError('BODY_MALFORMED', 'The multipart body is damaged or incomplete.');
}
