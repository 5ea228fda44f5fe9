import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as send } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { S3Settings } from '../../src/storage/s3-client.js';
import { faultOfSignature } from './s3-signature.js';

/*
 * s3rver, which keeps objects but looks at no signature and no checksum, behind a server of ours that does, and that can be told to
 * do what servers and lines do on bad days.
 */

/** A request as it came in. */
export interface S3Request {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly range: string | null;
  readonly contentType: string | null;
}

export interface S3Server {
  readonly address: string;
  readonly requests: S3Request[];
  /** What it makes of checksums: verifies and repeats them, overlooks them, or answers that it doesn't know such a header. */
  checksums: 'verified' | 'overlooked' | 'refused';
  /** Answers in place of the bucket, where it returns true. */
  intercept: (request: IncomingMessage, response: ServerResponse, body: Buffer) => boolean;
  /** Changes what is put into the bucket, or what it says of it, on the way. */
  changeBody: (request: IncomingMessage, body: Buffer) => Buffer;
  /** For a gate that uses it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: S3Settings;
  /** Puts these bytes there behind the gate's back; null removes what is there. */
  put(key: string, bytes: Buffer | null): Promise<void>;
  /** What is there under the key, null for nothing. */
  get(key: string): Promise<Buffer | null>;
  close(): Promise<void>;
}

/** The program itself, which has no types. */
interface S3rver {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}

export const S3_SECRET = 'the-secret-of-the-tests-bucket';
/** s3rver knows no other. */
const ACCESS_KEY_ID = 'S3RVER';
const BUCKET = 'store';

/** Starts it on a free port of this machine, with the bucket `store`. */
export async function startS3Server(): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'portcullis-s3-'));
  const require = createRequire(import.meta.url);
  const Server = require('s3rver') as new (options: object) => S3rver;
  const options = { address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: [{ name: BUCKET }] };
  const behind = new Server(options);
  const { port } = await behind.run();
  const digests = new Map<string, string>();

  const server = createServer((request, response) => {
    // Whoever cut the line off is not interested in the end of it.
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const s3: S3Server = {
    address,
    requests: [],
    checksums: 'verified',
    intercept: () => false,
    changeBody: (_request, body) => body,
    environment: {
      S3_BUCKET: BUCKET,
      S3_ENDPOINT: address,
      S3_FORCE_PATH_STYLE: 'true',
      S3_ACCESS_KEY_ID: ACCESS_KEY_ID,
      S3_SECRET_ACCESS_KEY: S3_SECRET,
    },
    settings: {
      bucket: BUCKET,
      prefix: '',
      endpoint: address,
      publicEndpoint: null,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: { value: S3_SECRET } },
      redirects: false,
    },
    async put(key, bytes) {
      digests.delete(`/${BUCKET}/${key}`);
      const method = bytes === null ? 'DELETE' : 'PUT';
      await collect(port, { method, path: `/${BUCKET}/${key}`, headers: {} }, bytes ?? Buffer.alloc(0));
      if (bytes !== null) await untilWritten(`/${BUCKET}/${key}`, bytes);
    },
    async get(key) {
      const found = await collect(port, { method: 'GET', path: `/${BUCKET}/${key}`, headers: {} }, Buffer.alloc(0));
      return found.status === 200 ? found.body : null;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await behind.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return s3;

  /** s3rver says that it has something as soon as it has read it, and not when it has written it. */
  async function untilWritten(target: string, bytes: Buffer): Promise<void> {
    if (target.includes('partNumber=')) return pause(50);
    for (let time = 0; time < 100; time++) {
      const there = await collect(
        port,
        { method: 'GET', path: target.split('?')[0] ?? '', headers: {} },
        Buffer.alloc(0),
      )
        .then(({ body }) => body.equals(bytes))
        .catch(() => false);
      if (there) return;
      await pause(20);
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '', headers } = request;
    const { range = null, 'content-type': contentType = null } = headers;
    s3.requests.push({ method, target, range, contentType });
    const body = await buffer(request);
    if (s3.intercept(request, response, body)) return;
    const bodyHash = createHash('sha256').update(body).digest('hex');
    const fault = faultOfSignature(request, S3_SECRET, { bodyHash, now: new Date() });
    if (fault !== null) {
      refuse(response, 403, fault);
      return;
    }

    const [key = ''] = target.split('?');
    const checksum = headers['x-amz-checksum-sha256'];
    const speaksOfChecksums = checksum !== undefined || headers['x-amz-checksum-algorithm'] !== undefined;
    if (s3.checksums === 'refused' && speaksOfChecksums) {
      refuse(response, 501, 'NotImplemented');
      return;
    }
    if (s3.checksums === 'verified' && checksum !== undefined) {
      if (checksum !== Buffer.from(bodyHash, 'hex').toString('base64')) {
        refuse(response, 400, 'BadDigest');
        return;
      }
    }
    const kept = s3.changeBody(request, body);
    const found = await collect(
      port,
      { method, path: target, headers: { ...headers, 'content-length': kept.length } },
      kept,
    );
    if (method === 'PUT' && found.status === 200) {
      await untilWritten(target, kept);
      // Of what it took, which it made sure of.
      if (s3.checksums === 'verified' && typeof checksum === 'string') digests.set(key, checksum);
      else digests.delete(key);
    }
    const digest = digests.get(key);
    if (headers['x-amz-checksum-mode'] === 'ENABLED' && digest !== undefined) {
      found.headers['x-amz-checksum-sha256'] = digest;
      found.headers['x-amz-checksum-type'] = 'FULL_OBJECT';
    }
    response.writeHead(found.status, found.headers).end(found.body);
  }
}

/** As S3 words it: of a wrong signature it repeats what was signed. */
export function refuse(response: ServerResponse, status: number, code: string): void {
  const said = `<Error><Code>${code}</Code><Message>Something about ${ACCESS_KEY_ID}</Message><StringToSign>AWS4-HMAC-SHA256 of the request</StringToSign><RequestId>${randomUUID()}</RequestId></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>${said}`);
}

interface Collected {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Buffer;
}

async function collect(
  port: number,
  asked: { readonly method: string; readonly path: string; readonly headers: IncomingMessage['headers'] | object },
  body: Buffer,
): Promise<Collected> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    send({ host: '127.0.0.1', port, ...asked, headers: asked.headers as Record<string, string> }, resolve)
      .on('error', reject)
      .end(body);
  });
  const headers = Object.entries(response.headers).flatMap(([name, value]) =>
    value === undefined || name === 'transfer-encoding' ? [] : [[name, value] as const],
  );
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(headers), body: await buffer(response) };
}
