import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect, promisify } from 'node:util';
import { StorageError, type ArchiveStore } from '../../../src/storage/archive-store.js';
import { connectS3, type S3Settings } from '../../../src/storage/s3-client.js';
import { createS3Store } from '../../../src/storage/s3-store.js';
import { createStores } from '../../../src/storage/stores.js';
import { refuse, S3_SECRET, startS3Server, type S3Server } from '../../support/s3-server.js';

let folder: string;
let s3: S3Server;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-s3-store-'));
  s3 = await startS3Server();
});
afterAll(async () => {
  await s3.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  s3.checksums = 'verified';
  s3.intercept = () => false;
  s3.changeBody = (_request, body) => body;
});

/** A store that loses patience soon. */
function storeWith(changes: Partial<S3Settings> = {}, now = () => new Date()): ArchiveStore {
  const settings = { ...s3.settings, ...changes };
  const connect = connectS3(settings, { now, idleMs: 400 });
  return createS3Store(connect, settings, { name: 'archives', ending: '.zip', contentType: 'application/zip' }, now);
}

async function upload(bytes = 2_000) {
  const content = randomBytes(bytes);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const file = join(folder, `upload-${sha256}`);
  await writeFile(file, content);
  return { content, sha256, file, key: `archives/${sha256.slice(0, 2)}/${sha256.slice(2)}.zip` };
}

async function kept(bytes?: number) {
  const archive = await upload(bytes);
  await storeWith().keep(archive.file, archive.sha256);
  return archive;
}

async function read(store: ArchiveStore, sha256: string, range?: { start: number; end: number }) {
  const stream = await store.open(sha256, range);
  return stream === null ? null : buffer(stream);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('an archive counts as kept only where the bucket has its very bytes', () => {
  const flip = (body: Buffer): Buffer => {
    const changed = Buffer.from(body);
    changed[0] = (changed[0] ?? 0) ^ 1;
    return changed;
  };
  const isPut = (method?: string): boolean => method === 'PUT';

  test.each([
    ['changes a byte', flip],
    ['loses the end', (body: Buffer) => body.subarray(0, -1)],
    ['keeps nothing', () => Buffer.alloc(0)],
    ['adds something', (body: Buffer) => Buffer.concat([body, Buffer.from('\n')])],
  ])('not where a server that overlooks checksums %s', async (_what, change) => {
    s3.checksums = 'overlooked';
    s3.changeBody = ({ method }, body) => (isPut(method) ? change(body) : body);
    for (const bytes of [2_000, 5_300_000]) {
      const { file, sha256 } = await upload(bytes);
      await expect(storeWith().keep(file, sha256)).rejects.toThrow(StorageError);
    }
  });

  test('not where a byte changes on the way to a server that verifies checksums', async () => {
    const { file, sha256, key } = await upload();
    s3.intercept = ({ method }, response) => {
      if (isPut(method)) refuse(response, 400, 'BadDigest');
      return isPut(method);
    };
    await expect(storeWith().keep(file, sha256)).rejects.toThrow('BadDigest');
    expect(await s3.get(key)).toBeNull();
  });

  test('not where the server acknowledges what it never writes', async () => {
    const { file, sha256 } = await upload();
    s3.intercept = ({ method }, response) => {
      if (isPut(method)) response.writeHead(200, { etag: '"0"' }).end();
      return isPut(method);
    };
    await expect(storeWith().keep(file, sha256)).rejects.toThrow(StorageError);
  });

  test('not where the line is cut while parts are on their way, and no part is left behind by itself', async () => {
    const { file, sha256, key } = await upload(5_300_000);
    s3.requests.length = 0;
    s3.intercept = ({ method, url = '' }, response) => {
      if (isPut(method) && url.includes('partNumber=2')) response.destroy();
      return isPut(method) && url.includes('partNumber=2');
    };
    await expect(storeWith().keep(file, sha256)).rejects.toThrow(StorageError);
    expect(await s3.get(key)).toBeNull();
    expect(s3.requests.some(({ method, target }) => method === 'DELETE' && target.includes('uploadId='))).toBe(true);
  });

  test('and a server that has trouble now and then is asked again', async () => {
    let troubles = 2;
    s3.intercept = (_request, response) => {
      troubles -= 1;
      if (troubles >= 0) refuse(response, 503, 'SlowDown');
      return troubles >= 0;
    };
    const { file, sha256, content } = await upload();
    const store = storeWith();
    await store.keep(file, sha256);
    expect((await read(store, sha256))?.equals(content)).toBe(true);
  });

  test('what is there already is read, and nothing is written', async () => {
    const { file, sha256 } = await kept();
    s3.requests.length = 0;
    await storeWith().keep(file, sha256);
    expect(s3.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  test('what was changed is mended though the server repeats the checksum of long ago', async () => {
    const { file, sha256, key, content } = await kept();
    await s3.put(key, flip(content));
    const old = Buffer.from(sha256, 'hex').toString('base64');
    s3.intercept = ({ method }, response) => {
      if (method !== 'HEAD') return false;
      const headers = { 'x-amz-checksum-sha256': old, 'x-amz-checksum-type': 'FULL_OBJECT' };
      response.writeHead(200, { ...headers, 'content-length': content.length }).end();
      return true;
    };
    await storeWith().keep(file, sha256);
    expect((await s3.get(key))?.equals(content)).toBe(true);
  });

  test('a file with other bytes than its digest says is not even sent, and takes no place', async () => {
    const { sha256, key, content } = await kept();
    const other = await upload();
    s3.requests.length = 0;
    await expect(storeWith().keep(other.file, sha256)).rejects.toThrow('other bytes');
    expect(s3.requests).toEqual([]);
    expect((await s3.get(key))?.equals(content)).toBe(true);
  });
});

describe('an archive is said to be missing only where the bucket says so', () => {
  test.each([
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
    [404, 'NotFound'],
    [500, 'InternalError'],
    [503, 'SlowDown'],
    [301, 'PermanentRedirect'],
  ])('a server that answers %d %s rejects', async (status, code) => {
    s3.intercept = (_request, response) => {
      refuse(response, status, code);
      return true;
    };
    await expect(storeWith().open('0'.repeat(64))).rejects.toThrow(StorageError);
  });

  test('a server that is none of S3, or none at all, rejects', async () => {
    s3.intercept = (_request, response) => {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not Found</h1>');
      return true;
    };
    await expect(storeWith().open('0'.repeat(64))).rejects.toThrow(StorageError);
    const nobody = storeWith({ endpoint: `http://127.0.0.1:${await freePort()}` });
    await expect(nobody.open('0'.repeat(64))).rejects.toThrow(StorageError);
    const { file, sha256 } = await upload();
    await expect(nobody.keep(file, sha256)).rejects.toThrow(StorageError);
    await expect(nobody.check()).rejects.toThrow(StorageError);
  });

  test('a bucket that does not exist rejects, for the whole and for a part', async () => {
    const elsewhere = storeWith({ bucket: 'no-such-bucket' });
    await expect(elsewhere.open('0'.repeat(64))).rejects.toThrow('NoSuchBucket');
    await expect(elsewhere.open('0'.repeat(64), { start: 0, end: 1 })).rejects.toThrow('NoSuchBucket');
    const { file, sha256 } = await upload();
    await expect(elsewhere.keep(file, sha256)).rejects.toThrow('NoSuchBucket');
  });

  test('a server that never answers is given up', async () => {
    s3.intercept = () => true;
    await expect(storeWith().open('0'.repeat(64))).rejects.toThrow('in time');
  });
});

describe('what is read is the archive, or ends in an error', () => {
  const answering = (
    headers: Record<string, string | number>,
    status: number,
    body: Buffer,
    ending: 'cut' | 'stall',
  ) => {
    s3.intercept = (_request, response) => {
      response.writeHead(status, headers);
      response.write(body, () => ending === 'cut' && response.destroy());
      return true;
    };
  };

  test.each(['cut', 'stall'] as const)('a line that breaks off in the middle (%s) is no end', async (ending) => {
    const { sha256, content } = await kept(50_000);
    answering({ 'content-length': content.length }, 200, content.subarray(0, 20_000), ending);
    await expect(read(storeWith(), sha256)).rejects.toThrow(StorageError);
  });

  test('an answer without a length is refused, since its end says nothing', async () => {
    const { sha256, content } = await kept();
    answering({}, 200, content, 'cut');
    await expect(storeWith().open(sha256)).rejects.toThrow('without a length');
  });

  test.each([
    ['the whole', 200, {}],
    ['another part', 206, { 'content-range': 'bytes 9-19/2000' }],
    ['a longer part', 206, { 'content-range': 'bytes 10-20/2000' }],
    ['a shorter part', 206, { 'content-range': 'bytes 10-18/2000' }],
    ['a part that it does not describe', 206, { 'content-range': 'bytes */2000' }],
  ])('a server that answers with %s where a part was asked for is refused', async (_what, status, headers) => {
    const { sha256, content } = await kept();
    const body = status === 200 ? content : content.subarray(9, 20);
    answering({ 'content-length': body.length, ...headers }, status, body, 'stall');
    await expect(storeWith().open(sha256, { start: 10, end: 19 })).rejects.toThrow(StorageError);
  });

  test('who reads slowly gets all of it, however long a pause is made', async () => {
    const { sha256, content } = await kept(4_000_000);
    const stream = await storeWith().open(sha256);
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      // Three times as long as the store waits for the bucket.
      if (chunks.length === 0) await sleep(1_200);
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks).equals(content)).toBe(true);
  });

  test('who stops reading stops the connection', async () => {
    const { sha256, content } = await kept();
    let closed: () => void = () => {};
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    s3.intercept = (_request, response) => {
      response.once('close', closed);
      response.writeHead(200, { 'content-length': content.length * 2 }).write(content);
      return true;
    };
    const stream = await storeWith().open(sha256);
    stream?.destroy();
    await isClosed;
  });
});

describe('an address for others', () => {
  test('gives anybody the archive under its name, whole and in part', async () => {
    const { sha256, content } = await kept();
    const link = await storeWith({ redirects: true }).linkTo?.(sha256, { fileName: 'notes-1.0.0.zip', seconds: 60 });
    const whole = await fetch(String(link));
    expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true);
    expect(whole.headers.get('content-type')).toBe('application/zip');
    expect(whole.headers.get('content-disposition')).toBe('attachment; filename="notes-1.0.0.zip"');
    const part = await fetch(String(link), { headers: { range: 'bytes=5-9' } });
    expect([part.status, Buffer.from(await part.arrayBuffer()).equals(content.subarray(5, 10))]).toEqual([206, true]);
    expect(link).not.toContain(S3_SECRET);
  });

  test('is good for that archive, that name and that time, and for reading', async () => {
    const [{ sha256, key }, other] = [await kept(), await kept()];
    const store = storeWith({ redirects: true });
    const link = String(await store.linkTo?.(sha256, { fileName: 'notes-1.0.0.zip', seconds: 60 }));
    const changed = [
      link.replace(key, other.key),
      link.replace('notes-1.0.0.zip', 'notes-9.9.9.zip'),
      link.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'),
      link.replace('zip&', 'zip&x=y&'),
    ];
    for (const address of changed) {
      expect(address).not.toBe(link);
      expect((await fetch(address)).status).toBe(403);
    }
    expect((await fetch(link, { method: 'PUT', body: 'mine now' })).status).toBe(403);
    const before = storeWith({ redirects: true }, () => new Date(Date.now() - 61_000));
    const old = String(await before.linkTo?.(sha256, { fileName: 'notes-1.0.0.zip', seconds: 60 }));
    expect((await fetch(old)).status).toBe(403);
  });

  test('holds no more of a file name than fits into a header', async () => {
    const { sha256 } = await kept();
    const fileName = 'a"; x="b\r\nSet-Cookie: c=d.zip';
    const link = String(await storeWith({ redirects: true }).linkTo?.(sha256, { fileName, seconds: 60 }));
    expect((await fetch(link)).headers.get('content-disposition')).toBe(
      'attachment; filename="a___x__b__Set-Cookie__c_d.zip"',
    );
  });

  test('is where others reach the bucket', async () => {
    const { sha256 } = await kept();
    const publicEndpoint = 'https://files.example.org';
    const store = storeWith({ redirects: true, publicEndpoint });
    const link = await store.linkTo?.(sha256, { fileName: 'a.zip', seconds: 0.5 });
    expect(link).toMatch(/^https:\/\/files\.example\.org\/store\/archives\/.*X-Amz-Expires=1&/);
    expect(await read(store, sha256)).not.toBeNull();
  });

  test('there is none where the gate streams, and none of images', () => {
    expect(storeWith().linkTo).toBeUndefined();
    const redirecting = createStores({ s3: { ...s3.settings, redirects: true }, dataDir: folder }, () => new Date());
    expect([typeof redirecting.archives.linkTo, typeof redirecting.images.linkTo]).toEqual(['function', 'undefined']);
  });
});

describe('the check', () => {
  const isMissing = (target = ''): boolean => target.includes('/00/');
  test.each([
    ['cannot be written', 'written', (method: string) => method === 'PUT'],
    ['cannot be read', 'read', (method: string, target: string) => method === 'GET' && !isMissing(target)],
    ['does not tell what is missing', 'ListBucket', (_method: string, target: string) => isMissing(target)],
  ])('rejects where the bucket %s', async (_what, word, isDenied) => {
    s3.intercept = ({ method = '', url = '' }, response) => {
      if (isDenied(method, url)) refuse(response, 403, 'AccessDenied');
      return isDenied(method, url);
    };
    const fault: unknown = await storeWith()
      .check()
      .catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(StorageError);
    expect(String(fault)).toContain(word);
    s3.intercept = () => false;
    await expect(storeWith().check()).resolves.toBeUndefined();
  });

  test('asked by many at once, and soon again, is made once; a failed one is made anew', async () => {
    let time = Date.now();
    const store = storeWith({}, () => new Date(time));
    s3.intercept = (_request, response) => {
      refuse(response, 403, 'AccessDenied');
      return true;
    };
    await expect(store.check()).rejects.toThrow(StorageError);
    s3.intercept = () => false;
    s3.requests.length = 0;
    await Promise.all(Array.from({ length: 50 }, () => store.check()));
    await store.check();
    expect(s3.requests).toHaveLength(3);
    time += 11_000;
    await store.check();
    expect(s3.requests).toHaveLength(6);
  });
});

describe('secrets', () => {
  test('what goes wrong names the error, and nothing of the request or of the key', async () => {
    const { file, sha256 } = await upload();
    const wrong = { accessKeyId: 'S3RVER', secretAccessKey: { value: 'a-secret-that-was-mistyped' } };
    const store = storeWith({ credentials: wrong });
    for (const attempt of [() => store.keep(file, sha256), () => store.open(sha256), () => store.check()]) {
      const fault: unknown = await attempt().catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(StorageError);
      const shown = inspect(fault, { depth: 10, showHidden: true });
      expect(shown).toContain('SignatureDoesNotMatch');
      for (const word of ['mistyped', 'S3RVER', 'AWS4-HMAC', 'StringToSign']) expect(shown).not.toContain(word);
    }
  });

  test('the secret of a file is read when it is needed, and again after a while', async () => {
    const file = join(folder, 'secret');
    let time = Date.now();
    const store = storeWith(
      { credentials: { accessKeyId: 'S3RVER', secretAccessKey: { file } } },
      () => new Date(time),
    );
    await expect(store.open('0'.repeat(64))).rejects.toThrow('S3_SECRET_ACCESS_KEY_FILE');
    await writeFile(file, '\n');
    await expect(store.open('0'.repeat(64))).rejects.toThrow('is empty');
    time -= 3_600_000;
    await writeFile(file, 'an old one\n');
    await expect(store.open('0'.repeat(64))).rejects.toThrow('SignatureDoesNotMatch');
    await writeFile(file, `${S3_SECRET}\n`);
    expect(await store.open('0'.repeat(64))).toBeNull();
  });
});

test('the library says nothing of its own on the terminal, and the store why it reaches nobody', async () => {
  // In a program of its own: the library words errors of another realm anew, as those of connections are in here.
  const nobody = { ...s3.settings, endpoint: `http://127.0.0.1:${await freePort()}` };
  const program = `
    process.on('warning', (warning) => console.log(String(warning)));
    const { createStores } = await import('./src/storage/stores.ts');
    for (const s3 of ${JSON.stringify([s3.settings, nobody])}) {
      const { archives } = createStores({ s3, dataDir: '.' }, () => new Date());
      console.log(await archives.open('0'.repeat(64)).catch(({ message }) => message));
    }`;
  const flags = ['--import', './test/support/typescript.mjs', '--input-type=module', '-e', program];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, flags, { env: {} });
  expect([stdout, stderr]).toEqual(['null\nThe S3 storage could not be read: ECONNREFUSED\n', '']);
});
