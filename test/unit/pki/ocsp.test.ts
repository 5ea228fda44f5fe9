import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  writeExplicit,
  writeInteger,
  writeNull,
  writeOctetString,
  writeOid,
  writeSequence,
} from '../../../src/pki/der-writer.js';
import { readDer } from '../../../src/pki/der.js';
import { EXTENSION } from '../../../src/pki/extensions.js';
import { IssueError } from '../../../src/pki/issue.js';
import type { Authority } from '../../../src/pki/issue.js';
import { OcspError, isCertIdOf, parseOcspRequest } from '../../../src/pki/ocsp-request.js';
import type { OcspRequest } from '../../../src/pki/ocsp-request.js';
import { issueOcspResponse, ocspFailure } from '../../../src/pki/ocsp-response.js';
import type { OcspSingleResponse, OcspStatus } from '../../../src/pki/ocsp-response.js';
import { keySigner } from '../../../src/pki/signer.js';
import { testWith } from '../../support/installed.js';
import { openssl, opensslText } from '../../support/openssl.js';
import { createTestAuthority, testExtension } from '../../support/test-authority.js';
import type { TestAuthority, TestCertificate } from '../../support/test-authority.js';

const opensslTest = testWith('openssl');
const run = promisify(execFile);

const current = createTestAuthority('current');
const rsa = createTestAuthority('legacy');
const leaf = current.issue('example-app');
const second = current.issue('second-app');

// What openssl makes of times is measured by its own clock, so the answers here are of today.
const now = new Date();
const tomorrow = new Date(now.getTime() + 864e5);
const revokedAt = new Date('2026-02-03T04:05:06Z');

const asAuthority = ({ intermediate }: TestAuthority): Authority => ({
  certificate: intermediate.certificate,
  signer: keySigner(intermediate.keys.privateKey),
});

/** The request that openssl makes for certificates of one issuer. */
async function asked(
  authority: TestAuthority,
  certificates: readonly TestCertificate[],
  ...options: readonly string[]
): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-ocsp-'));
  try {
    await writeFile(join(folder, 'issuer.pem'), authority.intermediate.pem);
    const args = ['ocsp', '-reqout', 'request.der', ...options, '-issuer', 'issuer.pem'];
    for (const [index, { pem }] of certificates.entries()) {
      await writeFile(join(folder, `${index}.pem`), pem);
      args.push('-cert', `${index}.pem`);
    }
    await run('openssl', args, { cwd: folder });
    return await readFile(join(folder, 'request.der'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function answer(request: OcspRequest, statuses: readonly OcspStatus[], authority = current): Promise<Buffer> {
  return issueOcspResponse({
    authority: asAuthority(authority),
    responses: request.certIds.map((certId, index) => ({
      certId,
      status: statuses[index] ?? 'good',
      thisUpdate: now,
      nextUpdate: tomorrow,
    })),
    producedAt: now,
    nonce: request.nonce,
  });
}

/** What openssl makes of the answer that a responder gives it over a socket, trusting the root alone. */
async function opensslAsks(
  certificates: readonly TestCertificate[],
  reply: (request: OcspRequest) => Promise<Buffer>,
  options: readonly string[] = [],
  authority = current,
): Promise<string> {
  const server = createServer((request, response) => {
    void buffer(request)
      .then((body) => reply(parseOcspRequest(body)))
      .then((body) => response.setHeader('content-type', 'application/ocsp-response').end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const given = certificates.flatMap((_, index) => ['-cert', `${index}.pem`]);
    const url = ['-url', `http://127.0.0.1:${port}/`, '-CAfile', 'root.pem'];
    const { output } = await openssl(['ocsp', ...url, ...options, '-issuer', 'issuer.pem', ...given], {
      ...Object.fromEntries(certificates.map(({ pem }, index) => [`${index}.pem`, pem])),
      'issuer.pem': authority.intermediate.pem,
      'root.pem': authority.root.pem,
    });
    return output;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('an answer to a request of openssl', () => {
  opensslTest.each<[string, readonly string[], OcspStatus, RegExp]>([
    ['good', ['-sha1'], 'good', /0\.pem: good/],
    ['good, named by SHA-256', ['-sha256'], 'good', /0\.pem: good/],
    ['good, named by SHA-384', ['-sha384'], 'good', /0\.pem: good/],
    ['good, without a nonce', ['-no_nonce'], 'good', /0\.pem: good/],
    ['revoked with a reason', ['-sha256'], { revokedAt, reason: 'keyCompromise' }, /0\.pem: revoked[^]*keyCompromise/],
    ['revoked with no reason', [], { revokedAt, reason: null }, /0\.pem: revoked\n(?![^]*Reason)/],
    ['revoked for an unspecified one', [], { revokedAt, reason: 'unspecified' }, /0\.pem: revoked\n(?![^]*Reason)/],
    ['revoked, without a nonce', ['-no_nonce'], { revokedAt, reason: 'superseded' }, /0\.pem: revoked[^]*superseded/],
    ['unknown', [], 'unknown', /0\.pem: unknown/],
  ])('that says %s is read so, and verified', async (_, options, status, words) => {
    const nonces: (Buffer | null)[] = [];
    const reply = (request: OcspRequest) => {
      nonces.push(request.nonce);
      return answer(request, [status]);
    };
    const output = await opensslAsks([leaf], reply, options);
    expect(nonces).toEqual([options.includes('-no_nonce') ? null : expect.any(Buffer)]);
    expect(output).toContain('Response verify OK');
    expect(output).toMatch(words);
    expect(output).not.toMatch(/WARNING|error/i);
    if (typeof status === 'object') expect(output).toContain('Feb  3 04:05:06 2026 GMT');
  });

  opensslTest('about several certificates answers each', async () => {
    const statuses: readonly OcspStatus[] = ['good', { revokedAt, reason: 'cACompromise' }];
    const output = await opensslAsks([leaf, second], (request) => answer(request, statuses));
    expect(output).toContain('Response verify OK');
    expect(output).toMatch(/0\.pem: good[^]*1\.pem: revoked/);
  });

  opensslTest('may be signed with RSA', async () => {
    const own = rsa.issue('example-app');
    const response = await answer(parseOcspRequest(await asked(rsa, [own])), ['good'], rsa);
    const output = await opensslText(['ocsp', '-respin', 'r.der', '-noverify', '-resp_text'], { 'r.der': response });
    expect(output).toContain('sha256WithRSAEncryption');
    const reply = (request: OcspRequest) => answer(request, ['good'], rsa);
    expect(await opensslAsks([own], reply, ['-no_check_time'], rsa)).toContain('Response verify OK');
  });

  opensslTest('with another nonce is not taken for the answer', async () => {
    const reply = (request: OcspRequest) => answer({ ...request, nonce: randomBytes(16) }, ['good']);
    expect(await opensslAsks([leaf], reply)).toMatch(/Nonce Verify error/i);
  });

  opensslTest('that was changed does not verify', async () => {
    const reply = async (request: OcspRequest) => {
      const response = await answer(request, [{ revokedAt, reason: null }]);
      response.set(Buffer.from('20260203040507Z'), response.indexOf('20260203040506Z'));
      return response;
    };
    expect(await opensslAsks([leaf], reply)).toMatch(/Verify Failure/i);
  });

  opensslTest('shows who signed, when, and until when', async () => {
    const response = await answer(parseOcspRequest(await asked(current, [leaf])), ['good']);
    const output = await opensslText(['ocsp', '-respin', 'r.der', '-noverify', '-resp_text'], { 'r.der': response });
    expect(output).toMatch(/Responder Id: [0-9A-F]{40}\n/);
    expect(output).toContain('ecdsa-with-SHA384');
    expect(output).toContain('OCSP Nonce');
    expect(output).toContain('Subject: CN=Test G2 Intermediate');
  });

  opensslTest.each([
    ['malformedRequest', 1],
    ['internalError', 2],
    ['tryLater', 3],
    ['unauthorized', 6],
  ] as const)('that there is none for %s is understood', async (reason, number) => {
    const response = ocspFailure(reason);
    expect(response).toEqual(Buffer.from([0x30, 0x03, 0x0a, 0x01, number]));
    const { output } = await openssl(['ocsp', '-respin', 'r.der', '-resp_text'], { 'r.der': response });
    expect(output.toLowerCase()).toContain(reason.toLowerCase());
  });
});

describe('a request of openssl', () => {
  opensslTest.each(['sha1', 'sha256', 'sha384', 'sha512'] as const)('with %s names its issuer', async (hash) => {
    const [certId, ...others] = parseOcspRequest(await asked(current, [leaf], `-${hash}`)).certIds;
    if (certId === undefined) throw new Error('Nothing was asked.');
    expect(others).toEqual([]);
    expect(certId).toMatchObject({ hash, serial: leaf.certificate.serial });
    expect(isCertIdOf(certId, current.intermediate.certificate)).toBe(true);
    expect(isCertIdOf(certId, current.root.certificate)).toBe(false);
    expect(isCertIdOf(certId, rsa.intermediate.certificate)).toBe(false);
  });
  opensslTest('does not name an authority of the same name and another key', async () => {
    const twin = createTestAuthority('current', 'Twin').intermediate.certificate;
    const [certId] = parseOcspRequest(await asked(current, [leaf])).certIds;
    if (certId === undefined) throw new Error('Nothing was asked.');
    const { certificate } = current.intermediate;
    expect(isCertIdOf(certId, { ...certificate, publicKey: twin.publicKey })).toBe(false);
    expect(isCertIdOf(certId, { ...certificate, subjectId: twin.subjectId })).toBe(false);
  });
  opensslTest('that is signed is read like any other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-ocsp-'));
    try {
      await writeFile(join(folder, 'issuer.pem'), current.intermediate.pem);
      await writeFile(join(folder, 'leaf.pem'), leaf.pem);
      await writeFile(join(folder, 'leaf.key'), leaf.privateKeyPem);
      const args = 'ocsp -reqout r.der -issuer issuer.pem -cert leaf.pem -signer leaf.pem -signkey leaf.key'.split(' ');
      await run('openssl', args, { cwd: folder });
      expect(parseOcspRequest(await readFile(join(folder, 'r.der'))).certIds).toHaveLength(1);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

const sha1 = writeSequence(writeOid('1.3.14.3.2.26'), writeNull());
const certIdOf = (algorithm = sha1, bytes = 20, serial = 5) =>
  writeSequence(
    algorithm,
    writeOctetString(Buffer.alloc(bytes)),
    writeOctetString(Buffer.alloc(bytes)),
    writeInteger(serial),
  );
const single = (certId = certIdOf(), ...rest: readonly Buffer[]) => writeSequence(certId, ...rest);
const requestOf = (singles: readonly Buffer[], ...rest: readonly Buffer[]) =>
  writeSequence(writeSequence(writeSequence(...singles), ...rest));
const extensions = (number: number, ...each: readonly Buffer[]) => writeExplicit(number, writeSequence(...each));
const nonceOf = (value: Buffer) => extensions(2, testExtension(EXTENSION.ocspNonce, value));

describe('a request made by hand', () => {
  test('may ask about ten certificates and bring a nonce of 128 octets', () => {
    const nonce = randomBytes(128);
    const singles = Array.from({ length: 10 }, (_, index) => single(certIdOf(sha1, 20, index)));
    const parsed = parseOcspRequest(requestOf(singles, nonceOf(writeOctetString(nonce))));
    expect(parsed.certIds.map(({ serial }) => serial)).toEqual(Array.from({ length: 10 }, (_, index) => `0${index}`));
    expect(parsed.nonce).toEqual(nonce);
  });
  test('may bring extensions that nobody knows, as long as they are not critical', () => {
    const unknown = testExtension('1.2.3.4', writeNull());
    const parsed = parseOcspRequest(requestOf([single(certIdOf(), extensions(0, unknown))], extensions(2, unknown)));
    expect(parsed).toMatchObject({ certIds: [{ serial: '05' }], nonce: null });
  });
  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['no certificate', requestOf([])],
    ['eleven certificates', requestOf(Array.from({ length: 11 }, () => single()))],
    [
      'an unknown digest',
      requestOf([single(certIdOf(writeSequence(writeOid('1.2.840.113549.2.5'), writeNull()), 16))]),
    ],
    ['a digest of the wrong length', requestOf([single(certIdOf(sha1, 32))])],
    ['an empty nonce', requestOf([single()], nonceOf(writeOctetString(Buffer.alloc(0))))],
    ['a nonce of 129 octets', requestOf([single()], nonceOf(writeOctetString(Buffer.alloc(129))))],
    ['a nonce that is no octets', requestOf([single()], nonceOf(writeInteger(5)))],
    ['a critical extension', requestOf([single()], extensions(2, testExtension('1.2.3.4', writeNull(), true)))],
    [
      'a critical extension of one',
      requestOf([single(certIdOf(), extensions(0, testExtension('1.2.3.4', writeNull(), true)))]),
    ],
    ['another version', writeSequence(writeSequence(writeExplicit(0, writeInteger(1)), writeSequence(single())))],
    ['a field that nobody knows', requestOf([single()], writeNull())],
    ['bytes after the end', Buffer.concat([requestOf([single()]), Buffer.from([0])])],
    ['too many bytes', requestOf([single()], nonceOf(Buffer.alloc(20_000)))],
  ])('with %s is refused', (_, der) => {
    expect(() => parseOcspRequest(der)).toThrow(OcspError);
  });
});

describe('an answer', () => {
  const request = parseOcspRequest(requestOf([single()]));
  const [stranger] = request.certIds;
  const authority = asAuthority(current);
  const wish = {
    authority,
    responses: [
      { certId: stranger ?? unasked(), status: 'unknown' as OcspStatus, thisUpdate: now, nextUpdate: tomorrow },
    ],
    producedAt: now,
    nonce: null as Buffer | null,
  };
  const saying = (changes: Partial<OcspSingleResponse>) => ({
    responses: wish.responses.map((each) => ({ ...each, ...changes })),
  });

  test('that a certificate of a stranger is unknown is given', async () => {
    expect(readDer(await issueOcspResponse(wish)).content[2]).toBe(0);
  });
  test.each<[string, Partial<typeof wish>]>([
    ['that a certificate of another authority is good', saying({ status: 'good' })],
    ['that a certificate of another authority is revoked', saying({ status: { revokedAt, reason: null } })],
    ['with a reason nobody knows', saying({ status: { revokedAt, reason: 'boredom' } })],
    ['that ends before it begins', saying({ nextUpdate: now })],
    ['about nothing', { responses: [] }],
    ['with a nonce that is too long', { nonce: Buffer.alloc(129) }],
    ['with an empty nonce', { nonce: Buffer.alloc(0) }],
    ['by the key of another', { authority: { ...authority, signer: keySigner(current.root.keys.privateKey) } }],
    ['by a leaf', { authority: { certificate: leaf.certificate, signer: keySigner(leaf.keys.privateKey) } }],
    [
      'with a signature that is none',
      { authority: { ...authority, signer: { ...authority.signer, sign: async () => Buffer.from('00', 'hex') } } },
    ],
  ])('%s is not given', async (_, changes) => {
    await expect(issueOcspResponse({ ...wish, ...changes })).rejects.toThrow(IssueError);
  });
});

function unasked(): never {
  throw new Error('Nothing was asked.');
}
