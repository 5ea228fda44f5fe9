import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { defaultLimits } from '../../src/archive/limits.js';
import { codesOf, request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive, zipOf } from '../support/app-archive.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let token: string;
beforeAll(async () => {
  gate = await startTestGate({ config: { limits: { ...defaultLimits, archiveBytes: 200_000 } } });
  token = await gate.token(null, { account: 'tester', scopes: ['upload', 'manage'] });
});
afterEach(async () => {
  expect(await readdir(gate.gate.temporaryFolder)).toEqual([]);
});
afterAll(async () => {
  await gate.stop();
});

const at = (appId: string): string => `${gate.url}/api/v1/apps/${appId}/releases`;

async function post(init: RequestInit, appId = 'calendar'): Promise<ApiAnswer> {
  return request(at(appId), { method: 'POST', token, ...init });
}

function form(...files: readonly (readonly [field: string, content: Buffer])[]): FormData {
  const data = new FormData();
  for (const [field, content] of files) data.append(field, new Blob([new Uint8Array(content)]), 'app.zip');
  return data;
}

function expectProblem(answer: ApiAnswer, status: number, code: string): void {
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({
    status,
    type: `/docs#${code}`,
    title: expect.any(String),
    detail: expect.any(String),
  });
}

describe('the body', () => {
  test('with field names that would make a parser count to four thousand million', async () => {
    const field = (name: string): string => `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nx\r\n`;
    const body = `${field('a[4294967294]')}${field('a[b]')}--B--\r\n`;
    const headers = { 'content-type': 'multipart/form-data; boundary=B' };
    expectProblem(await post({ body, headers }), 400, 'BODY_MALFORMED');
  });

  test('as multipart with the field "archive" is accepted', async () => {
    const answer = await post({ body: form(['archive', await appArchive({ id: 'multipart' })]) }, 'multipart');
    expect(answer.status).toBe(201);
  });

  test('without a file', async () => {
    const data = new FormData();
    data.append('note', 'no file here');
    expectProblem(await post({ body: data }), 400, 'ARCHIVE_FIELD_MISSING');
  });

  test('with two files', async () => {
    const archive = await appArchive();
    expectProblem(
      await post({ body: form(['archive', archive], ['archive', archive]) }),
      400,
      'ARCHIVE_FIELD_REPEATED',
    );
  });

  test('with the file in another field', async () => {
    expectProblem(await post({ body: form(['file', await appArchive()]) }), 400, 'ARCHIVE_FIELD_MISSING');
  });

  test('of another content type', async () => {
    expectProblem(
      await post({ body: 'hello', headers: { 'content-type': 'text/plain' } }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    );
    expectProblem(
      await post({ body: '{}', headers: { 'content-type': 'application/json' } }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    );
  });

  test('with a Content-Encoding', async () => {
    const headers = { 'content-type': 'application/zip', 'content-encoding': 'gzip' };
    const body = new Uint8Array(gzipSync(await appArchive()));
    expectProblem(await post({ body, headers }), 415, 'UNSUPPORTED_MEDIA_TYPE');
  });

  test('that ends before its multipart boundary', async () => {
    const body = `--x\r\nContent-Disposition: form-data; name="archive"; filename="a.zip"\r\n\r\nPK\u0003\u0004`;
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    expectProblem(await post({ body, headers }), 400, 'BODY_MALFORMED');
    expectProblem(await post({ body: 'x', headers: { 'content-type': 'multipart/form-data' } }), 400, 'BODY_MALFORMED');
  });

  test('that breaks off leaves nothing', async () => {
    const { port } = new URL(gate.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          `POST /api/v1/apps/calendar/releases HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n` +
            `Content-Type: application/zip\r\nContent-Length: 1000\r\n\r\nPK\u0003\u0004`,
          () => setTimeout(() => socket.destroy(), 50),
        );
      });
      socket.on('close', () => resolve());
    });
    const deadline = Date.now() + 5_000;
    while ((await readdir(gate.gate.temporaryFolder)).length > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const list = await request(`${gate.url}/api/v1/apps/calendar/submissions`, { token });
    expect(list.body.submissions).toEqual([]);
  });

  test('larger than allowed, whether it says so or not', async () => {
    const large = Buffer.alloc(300_000, 'PK');
    expectProblem(await upload(gate.url, token, 'calendar', large), 413, 'ARCHIVE_TOO_LARGE');
    expectProblem(await post({ body: form(['archive', large]) }), 413, 'ARCHIVE_TOO_LARGE');
    const chunked = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < large.length; sent += 50_000) controller.enqueue(large.subarray(sent, sent + 50_000));
        controller.close();
      },
    });
    const headers = { 'content-type': 'application/zip' };
    expectProblem(
      await request(at('calendar'), { method: 'POST', token, headers, body: chunked, duplex: 'half' }),
      413,
      'ARCHIVE_TOO_LARGE',
    );
  });

  test('is not asked for in HTTP/1.0, whose clients take the question for the answer', async () => {
    const { port } = new URL(gate.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          `POST /api/v1/apps/calendar/releases HTTP/1.0\r\nExpect: 100-continue\r\nAuthorization: Bearer ${token}\r\n` +
            'Content-Type: application/zip\r\nContent-Length: 4\r\n\r\nnope',
        );
      });
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 415 /);
  });

  test('is not asked for where it would be refused anyway', async () => {
    const { port } = new URL(gate.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          'POST /api/v1/apps/calendar/releases HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nAuthorization: Bearer portcullis_wrong\r\n' +
            'Content-Type: application/zip\r\nContent-Length: 1000\r\n\r\n',
        );
      });
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe('what is no zip', () => {
  test.each([
    ['a tar.gz', gzipSync(Buffer.from('tar'.repeat(500))), /gzip/],
    ['nothing at all', Buffer.alloc(0), /empty/],
    ['an HTML page', Buffer.from('<!DOCTYPE html><html></html>'), /HTML/],
    ['text', Buffer.from('just words\n'), /text/],
  ])('%s is said to be that', async (_name, body, words) => {
    const answer = await upload(gate.url, token, 'calendar', body);
    expectProblem(answer, 415, 'ARCHIVE_NOT_ZIP');
    expect(answer.body.detail).toMatch(words);
  });

  test('an empty zip is a zip without files', async () => {
    const answer = await upload(gate.url, token, 'calendar', await zipOf([]));
    expect([answer.status, codesOf(answer)]).toEqual([422, expect.arrayContaining(['ARCHIVE_EMPTY'])]);
  });

  test('a truncated zip is a broken one', async () => {
    const archive = await appArchive();
    const answer = await upload(gate.url, token, 'calendar', archive.subarray(0, archive.length - 30));
    expect(answer.status).toBe(422);
    expect(codesOf(answer)).toEqual(['ARCHIVE_TRUNCATED']);
  });
});

describe('what lies in the zip', () => {
  const withInfo = (xml: string | Buffer) => appArchive({ infoXml: xml });
  const bomb = `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(100)}">${'bcdefghij'
    .split('')
    .map((name, n) => `<!ENTITY ${name} "${`&${'abcdefghi'[n] ?? ''};`.repeat(10)}">`)
    .join('')}]><info>&j;</info>`;

  test.each<[string, () => Promise<Buffer>, string]>([
    [
      'text in signature.json',
      () => appArchive({ files: { 'appinfo/signature.json': 'not json' } }),
      'SIGNATURE_FILE_MALFORMED',
    ],
    [
      'an empty signature.json',
      () => appArchive({ files: { 'appinfo/signature.json': '' } }),
      'SIGNATURE_FILE_MALFORMED',
    ],
    [
      'duplicate JSON keys',
      () =>
        appArchive({
          files: { 'appinfo/signature.json': '{"hashes":{},"hashes":{},"signature":"","certificate":""}' },
        }),
      'SIGNATURE_FILE_MALFORMED',
    ],
    [
      'deeply nested JSON',
      () => appArchive({ files: { 'appinfo/signature.json': '['.repeat(100_000) } }),
      'SIGNATURE_FILE_MALFORMED',
    ],
    ['an XML bomb', () => withInfo(bomb), 'INFO_XML_DOCTYPE'],
    [
      'an external entity',
      () => withInfo('<!DOCTYPE i [<!ENTITY x SYSTEM "file:///etc/passwd">]><info><id>&x;</id></info>'),
      'INFO_XML_DOCTYPE',
    ],
    [
      'an id with capitals',
      () => withInfo('<info><id>Calendar</id><name>C</name><version>1.0.0</version></info>'),
      'INFO_XML_ELEMENT_INVALID',
    ],
    ['no info.xml', () => appArchive({ files: { 'appinfo/info.xml': null } }), 'INFO_XML_MISSING'],
    ['an info.xml that is no XML', () => withInfo('{"id": "calendar"}'), 'INFO_XML_MALFORMED'],
  ])('%s is a finding', async (_name, archive, code) => {
    const answer = await upload(gate.url, token, 'calendar', await archive());
    expect(answer.status).toBe(422);
    expect(codesOf(answer)).toContain(code);
    expect(JSON.stringify(answer.body)).not.toContain('root:x:0');
  });

  test('__proto__ is a file name like any other', async () => {
    const answer = await upload(
      gate.url,
      token,
      'proto',
      await appArchive({ id: 'proto', files: { ['__proto__']: 'x', constructor: 'y' } }),
    );
    expect(answer.status).toBe(201);
    const manifest = await request(`${at('proto')}/1.0.0/manifest`);
    expect(Object.keys(manifest.body.files)).toEqual(expect.arrayContaining(['__proto__', 'constructor']));
    expect(({} as Record<string, unknown>)['bytes']).toBeUndefined();
  });

  test('eight million bytes of hashes are read and judged', async () => {
    const hashes = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`f/${n}.php`, 'ab'.repeat(64)]));
    const json = JSON.stringify({ hashes, signature: 'AAAA', certificate: 'x' });
    const answer = await upload(
      gate.url,
      token,
      'calendar',
      await appArchive({ files: { 'appinfo/signature.json': json } }),
    );
    expect([answer.status, answer.body.outcome]).toEqual([422, 'refused']);
    expect(answer.body.report.findings.length).toBeLessThan(300);
  });
});

describe('the digest', () => {
  const digestOf = (algorithm: string, body: Buffer) => createHash(algorithm).update(body).digest('base64');

  test('that fits passes, one that does not is refused, a malformed one too', async () => {
    const archive = await appArchive({ id: 'digest' });
    const good = `sha-512=:${digestOf('sha512', archive)}:, sha-256=:${digestOf('sha256', archive)}:`;
    const send = (digest: string) => upload(gate.url, token, 'digest', archive, { 'content-digest': digest });
    expectProblem(await send(`sha-256=:${digestOf('sha256', Buffer.from('other'))}:`), 400, 'DIGEST_MISMATCH');
    expectProblem(await send('sha-256=abc'), 400, 'INVALID_REQUEST');
    expect((await send('constructor=:AAAA:')).status).toBe(201);
    expect((await send(good)).status).toBe(200);
    expect((await send('md5=:AAAA:')).status).toBe(200);
  });
});

describe('the caller', () => {
  test('without a token, with a wrong one, with one in the URL', async () => {
    const archive = new Uint8Array(await appArchive());
    const headers = { 'content-type': 'application/zip' };
    for (const wrong of [undefined, 'x', `portcullis_${'A'.repeat(43)}`]) {
      const answer = await request(at('calendar'), {
        method: 'POST',
        headers,
        body: archive,
        ...(wrong !== undefined && { token: wrong }),
      });
      expectProblem(answer, 401, 'UNAUTHENTICATED');
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
    expectProblem(
      await request(`${at('calendar')}?token=${token}&access_token=${token}`, {
        method: 'POST',
        headers,
        body: archive,
      }),
      401,
      'UNAUTHENTICATED',
    );
  });

  test('without the operator’s rights changes no trust level', async () => {
    const answer = await sendJson(`${gate.url}/api/v1/apps/calendar/trust-level`, 'PUT', token, {
      trustLevel: 'official',
      reason: 'x',
    });
    expectProblem(answer, 403, 'SCOPE_INSUFFICIENT');
  });
});

test('a body that a route does not read may be what it likes', async () => {
  const answer = await request(`${gate.url}/api/v1/tokens/${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`, {
    method: 'DELETE',
    token,
    headers: { 'content-type': 'application/json' },
    body: `[${'['.repeat(100_000)}${']'.repeat(100_000)}]`,
  });
  expectProblem(answer, 404, 'NOT_FOUND');
});

describe('addresses and bodies', () => {
  test.each([
    ['GET', '/api/v1/nothing', 404, 'NOT_FOUND'],
    ['GET', '/API/v1/limits', 404, 'NOT_FOUND'],
    ['DELETE', '/api/v1/limits', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/api/v1/apps/Calendar', 400, 'APP_ID_INVALID'],
    ['GET', '/api/v1/apps/..%2f..%2fetc', 400, 'APP_ID_INVALID'],
    ['GET', '/api/v1/apps/%E0%A4%A', 400, 'INVALID_REQUEST'],
    ['GET', '/api/v1/apps/%ff', 400, 'INVALID_REQUEST'],
    ['GET', '/api/v1/apps/calendar/releases/%ff/archive', 400, 'INVALID_REQUEST'],
    ['GET', '/api/v1/apps/nobody', 404, 'NOT_FOUND'],
    ['GET', '/api/v1/apps/nobody/releases/1.0.0%00', 400, 'INVALID_REQUEST'],
    ['GET', '/api/v1/apps?limit=0', 400, 'INVALID_REQUEST'],
    ['GET', '/api/v1/apps?limit=1&limit=2', 400, 'INVALID_REQUEST'],
    ['GET', '/api/v1/submissions/1', 400, 'INVALID_REQUEST'],
    ['GET', '/api/v1/apps/calendar/submissions?after=%00', 400, 'INVALID_REQUEST'],
  ])('%s %s is %i %s', async (method, path, status, code) => {
    expectProblem(await request(gate.url + path, { method, token }), status, code);
  });

  test.each([
    ['not JSON', '{'],
    ['not an object', '[]'],
    ['an unknown member', '{"trustLevel":"official","reason":"x","force":true}'],
    ['an unknown level', '{"trustLevel":"divine","reason":"x"}'],
    ['a reason with NUL', '{"trustLevel":"official","reason":"a\\u0000b"}'],
    ['a reason with half a character', '{"trustLevel":"official","reason":"a\\ud800b"}'],
    ['no reason', '{"trustLevel":"official","reason":" "}'],
    ['too much', JSON.stringify({ trustLevel: 'official', reason: 'x'.repeat(300_000) })],
  ])('a trust level that is %s', async (_name, body) => {
    const answer = await request(`${gate.url}/api/v1/apps/calendar/trust-level`, {
      method: 'PUT',
      token: gate.operatorToken,
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect([400, 413]).toContain(answer.status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
});
