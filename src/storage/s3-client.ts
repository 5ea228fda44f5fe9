import { readFile } from 'node:fs/promises';
import type * as Sdk from '@aws-sdk/client-s3';
import type * as LibStorage from '@aws-sdk/lib-storage';
import type { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { codeOfError, wordsOfError } from '../error-words.js';
import { StorageError } from './archive-store.js';

/** A bucket, and how it is reached. */
export interface S3Settings {
  readonly bucket: string;
  /** Before every key, without a closing slash; '' for none. */
  readonly prefix: string;
  /** Null: Amazon's own of the region. */
  readonly endpoint: string | null;
  /** Where others reach the bucket; null: as the gate does. */
  readonly publicEndpoint: string | null;
  readonly region: string;
  /** The bucket in the path, and not in the name of the host. */
  readonly forcePathStyle: boolean;
  /** Null: those of the machine, as Amazon's own programs find them. */
  readonly credentials: S3Credentials | null;
  /** Whether archives are handed out by the bucket itself, under addresses that end soon. */
  readonly redirects: boolean;
}

interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: { readonly value: string } | { readonly file: string };
}

/** What time it is, and how long nothing may come from a connection before it is given up. */
export interface S3Surroundings {
  readonly now: () => Date;
  readonly idleMs?: number;
}

/** The library, and its connections to the bucket. */
export interface S3Connection {
  readonly sdk: typeof Sdk;
  readonly client: Sdk.S3Client;
  /** For what is read as fast as somebody else takes it: it never gives up by itself. */
  readonly reader: Sdk.S3Client;
  /** How long whoever waits for the bucket waits. */
  readonly idleMs: number;
  readonly Upload: typeof LibStorage.Upload;
  /** Signs an address for others, valid from now on. */
  readonly sign: (command: Sdk.GetObjectCommand, seconds: number) => Promise<string>;
}

const CONNECT_MS = 5_000;
const IDLE_MS = 30_000;
/** A secret in a file is read again after so long, since agents renew it. */
const SECRET_MS = 60_000;

/**
 * How the bucket is reached. The library is loaded, and the connection made, when it is asked for the first time: most commands
 * never do.
 */
export function connectS3(settings: S3Settings, surroundings: S3Surroundings): () => Promise<S3Connection> {
  let connection: Promise<S3Connection> | null = null;
  return () => (connection ??= connect(settings, surroundings));
}

async function connect(settings: S3Settings, { now, idleMs = IDLE_MS }: S3Surroundings): Promise<S3Connection> {
  // The library's own switch. That it is going to leave this version of Node is for who updates it, not for operators' logs.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const [sdk, { Upload }, presigner] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/lib-storage'),
    import('@aws-sdk/s3-request-presigner'),
  ]);
  const clientAt = (endpoint: string | null, socketTimeout = idleMs): Sdk.S3Client =>
    new sdk.S3Client({
      region: settings.region,
      forcePathStyle: settings.forcePathStyle,
      ...(endpoint === null ? {} : { endpoint }),
      ...(settings.credentials === null ? {} : { credentials: credentialsOf(settings.credentials, now) }),
      // Not every server knows of checksums; where they count they are asked for.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: 3,
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        socketTimeout,
        // As many as there are readers: a few slow ones must not keep an upload waiting for a connection.
        httpAgent: { maxSockets: Infinity },
        httpsAgent: { maxSockets: Infinity },
      },
    });
  const client = clientAt(settings.endpoint);
  const signer = settings.publicEndpoint === null ? client : clientAt(settings.publicEndpoint);
  const { getSignedUrl: signUrl }: { getSignedUrl: typeof getSignedUrl } = presigner;
  return {
    sdk,
    client,
    reader: clientAt(settings.endpoint, 0),
    idleMs,
    Upload,
    sign: (command, seconds) => signUrl(signer, command, { expiresIn: seconds, signingDate: now() }),
  };
}

function credentialsOf({ accessKeyId, secretAccessKey }: S3Credentials, now: () => Date) {
  if ('value' in secretAccessKey) return { accessKeyId, secretAccessKey: secretAccessKey.value };
  const { file } = secretAccessKey;
  return async () => ({
    accessKeyId,
    secretAccessKey: await readSecret(file),
    expiration: new Date(now().getTime() + SECRET_MS),
  });
}

async function readSecret(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new StorageError(`The file of S3_SECRET_ACCESS_KEY_FILE can't be read: ${wordsOfError(error)}`);
  });
  if (text.trim() === '') throw new StorageError('The file of S3_SECRET_ACCESS_KEY_FILE is empty');
  return text.trim();
}

/** The server's or the library's name for what went wrong: `NoSuchKey`, `AccessDenied`, `TimeoutError`; '' where it has none. */
export function nameOfS3Error(error: unknown): string {
  const { name } = (error ?? {}) as { name?: unknown };
  // It may come from the server, and goes to the log.
  return typeof name === 'string' && /^[A-Za-z.]{1,64}$/.test(name) ? name : '';
}

/** The status that the server answered with; null where it answered nothing. */
export function statusOfS3Error(error: unknown): number | null {
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: unknown } };
  return typeof $metadata?.httpStatusCode === 'number' ? $metadata.httpStatusCode : null;
}

/** What the library threw, as an error without anything of the request in it. */
export function asStorageError(what: string, error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const status = statusOfS3Error(error);
  const words = [nameOfS3Error(error), codeOfError(error), status === null ? '' : `HTTP ${status}`];
  return new StorageError(
    `${what}: ${words.filter((word) => word !== '' && word !== 'Error').join(', ') || 'no answer'}`,
  );
}
