import { connect } from 'node:net';
import type { KeyObject } from 'node:crypto';
import { answerOcsp, type OcspAnswer } from '../../src/authority/ocsp-responder.js';
import { revokeCertificate } from '../../src/authority/revoke-certificate.js';
import { ensureAccount } from '../../src/database/accounts.js';
import type { Gate } from '../../src/gate.js';
import type { Certificate } from '../../src/pki/certificate.js';
import { ocspFailure } from '../../src/pki/ocsp-response.js';
import { writePem } from '../../src/pki/pem.js';
import type { SigningHash } from '../../src/pki/signer.js';
import { request } from '../support/api.js';
import { testWith } from '../support/installed.js';
import { fileFrom } from '../support/key-tools.js';
import { openssl, opensslText, type OpensslAnswer } from '../support/openssl.js';
import { forgeSigner, issueSigner } from '../support/store-signer.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/*
 * OCSP, asked by openssl over a real socket, and by hands that mean no good.
 */

let gate: TestGate;
let files: Record<string, string>;
beforeAll(async () => {
  gate = await startTestGate({ ownAuthority: true });
  const read = async (name: string) => (await request(`${gate.url}/certificates/${name}.pem`)).body as string;
  files = { 'root.pem': await read('root'), 'issuer.pem': await read('intermediate') };
});
afterAll(() => gate.stop());

const pemOf = ({ der }: Certificate): string => writePem(der, 'CERTIFICATE');

/** Asks as a verifier does, over the network. */
async function ask(leaf: Certificate, args: readonly string[] = [], url = gate.url): Promise<OpensslAnswer> {
  const question = ['-issuer', 'issuer.pem', '-cert', 'leaf.pem', '-url', `${url}/ocsp`];
  return openssl(['ocsp', ...question, '-CAfile', 'root.pem', ...args], { ...files, 'leaf.pem': pemOf(leaf) });
}

async function revoke(serial: string, reason: 'keyCompromise' | 'unspecified' = 'keyCompromise'): Promise<void> {
  const account = await ensureAccount(gate.gate.database, 'operator');
  await revokeCertificate(gate.gate, { serial, reason, invalidityDate: null, note: '', account });
}

/** A request in DER, as openssl writes it. */
async function questionAbout(leaf: Certificate, nonce: '-nonce' | '-no_nonce' = '-no_nonce'): Promise<Buffer> {
  const write = (name: string, pem: string): string => `cat > ${name} <<'EOF'\n${pem}EOF\n`;
  const own = write('issuer.pem', files['issuer.pem'] ?? '') + write('leaf.pem', pemOf(leaf));
  return fileFrom(`${own} openssl ocsp -issuer issuer.pem -cert leaf.pem ${nonce} -reqout out`);
}

interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly der: Buffer;
}

async function send(path: string, init: RequestInit = {}, url = gate.url): Promise<HttpAnswer> {
  const answer = await fetch(`${url}${path}`, init);
  const { status, headers } = answer;
  return { status, headers, der: Buffer.from(await answer.arrayBuffer()) };
}

async function post(der: Buffer, type = 'application/ocsp-request', url = gate.url): Promise<HttpAnswer> {
  const body = new Uint8Array(der);
  return send('/ocsp', { method: 'POST', headers: { 'content-type': type }, body }, url);
}

/** What openssl makes of an answer that came some other way. */
async function judge(leaf: Certificate, der: Buffer): Promise<string> {
  const command = ['ocsp', '-issuer', 'issuer.pem', '-cert', 'leaf.pem', '-no_nonce', '-CAfile', 'root.pem'];
  const answered = { ...files, 'leaf.pem': pemOf(leaf), 'answer.der': der };
  return opensslText([...command, '-respin', 'answer.der'], answered);
}

describe('openssl ocsp', () => {
  testWith('openssl')('finds a certificate good, and revoked from the next request on', async () => {
    const { leaf } = await issueSigner(gate.gate, 'asked');
    const before = await ask(leaf);
    expect(before.status).toBe(0);
    expect(before.output).toContain('Response verify OK');
    expect(before.output).toContain('leaf.pem: good');
    await revoke(leaf.serial);
    const after = await ask(leaf);
    expect(after.output).toContain('Response verify OK');
    expect(after.output).toContain('leaf.pem: revoked');
    expect(after.output).toContain('Reason: keyCompromise');
  });

  testWith('openssl')('the same without a nonce, which caches may answer', async () => {
    const { leaf } = await issueSigner(gate.gate, 'asked-again');
    for (let time = 0; time < 2; time += 1) expect((await ask(leaf, ['-no_nonce'])).output).toContain('leaf.pem: good');
    await revoke(leaf.serial, 'unspecified');
    expect((await ask(leaf, ['-no_nonce'])).output).toContain('leaf.pem: revoked');
  });

  testWith('openssl')('gets its nonce back', async () => {
    const { leaf } = await issueSigner(gate.gate, 'nonce');
    const { output } = await ask(leaf, ['-nonce', '-text']);
    expect(output).not.toMatch(/no nonce in response|Nonce Verify error/i);
    const nonces = [...output.matchAll(/OCSP Nonce:\s*\n?\s*([0-9A-F]+)/g)].map(([, nonce]) => nonce);
    expect(nonces).toHaveLength(2);
    expect(nonces[0]).toBe(nonces[1]);
  });

  testWith('openssl').each(['-sha1', '-sha256', '-sha384', '-sha512'])('may name the issuer by %s', async (digest) => {
    const { leaf } = await issueSigner(gate.gate, 'digests');
    const question = ['-issuer', 'issuer.pem', digest, '-cert', 'leaf.pem', '-url', `${gate.url}/ocsp`];
    const { output } = await openssl(['ocsp', ...question, '-CAfile', 'root.pem'], {
      ...files,
      'leaf.pem': pemOf(leaf),
    });
    expect(output).toContain('leaf.pem: good');
  });

  testWith('openssl')('may ask about several at once', async () => {
    const one = (await issueSigner(gate.gate, 'several')).leaf;
    const two = (await issueSigner(gate.gate, 'several')).leaf;
    await revoke(two.serial);
    const question = ['-issuer', 'issuer.pem', '-cert', 'one.pem', '-cert', 'two.pem', '-serial', '0x0123'];
    const { output } = await openssl(['ocsp', ...question, '-url', `${gate.url}/ocsp`, '-CAfile', 'root.pem'], {
      ...files,
      'one.pem': pemOf(one),
      'two.pem': pemOf(two),
    });
    expect(output).toMatch(/one\.pem: good[^]*two\.pem: revoked[^]*0x0123: unknown/);
  });

  testWith('openssl')('does not know a certificate that our key signed, but that is not in the ledger', async () => {
    const { leaf } = await forgeSigner(gate.gate, 'not-in-ledger');
    expect((await ask(leaf)).output).toContain('leaf.pem: unknown');
  });

  testWith('openssl')(
    'is told that we are no authority for certificates of others, the root’s among them',
    async () => {
      const stranger = gate.authority.issue('calendar');
      const own = { ...files, 'issuer.pem': gate.authority.intermediate.pem, 'leaf.pem': stranger.pem };
      const question = ['-issuer', 'issuer.pem', '-cert', 'leaf.pem', '-url', `${gate.url}/ocsp`];
      expect((await openssl(['ocsp', ...question], own)).output).toContain('unauthorized');
      const aboveUs = { 'issuer.pem': files['root.pem'] ?? '', 'leaf.pem': files['issuer.pem'] ?? '' };
      expect((await openssl(['ocsp', ...question], aboveUs)).output).toContain('unauthorized');
    },
  );

  testWith('openssl')('is told to try later where the key is not, and nothing is signed', async () => {
    const replica = await startTestGate({ replicaOf: gate });
    const { leaf } = await issueSigner(gate.gate, 'keyless');
    expect((await ask(leaf, [], replica.url)).output).toContain('trylater');
    await replica.stop();
  });

  testWith('openssl')('is told by a store without an authority that it is none', async () => {
    const without = await startTestGate();
    const { leaf } = await issueSigner(gate.gate, 'without');
    expect((await ask(leaf, [], without.url)).output).toContain('unauthorized');
    await without.stop();
  });
});

describe('a question by GET', () => {
  testWith('openssl')('is answered whether its slashes and signs are encoded or not', async () => {
    // Serials differ, so that sooner or later there is a question with every sign.
    for (let round = 0; round < 8; round += 1) {
      const { leaf } = await issueSigner(gate.gate, 'by-get');
      const base64 = (await questionAbout(leaf)).toString('base64');
      for (const path of [base64, encodeURIComponent(base64), base64.replace(/\//g, '%2f')]) {
        const { status, headers, der } = await send(`/ocsp/${path}`);
        expect([status, headers.get('content-type')]).toEqual([200, 'application/ocsp-response']);
        expect(await judge(leaf, der)).toContain('leaf.pem: good');
      }
    }
  });

  testWith('openssl')('can be kept by caches for a while, with the headers of RFC 5019', async () => {
    const { leaf } = await issueSigner(gate.gate, 'cached');
    const path = `/ocsp/${encodeURIComponent((await questionAbout(leaf)).toString('base64'))}`;
    const { headers, der } = await send(path);
    expect(headers.get('cache-control')).toBe('max-age=300, public, no-transform, must-revalidate');
    const [modified, expires] = ['last-modified', 'expires'].map((name) => Date.parse(headers.get(name) ?? ''));
    expect((expires ?? 0) - (modified ?? 0)).toBe(60 * 60 * 1000);
    // The same bytes again, not signed anew; and none at all for whoever has them.
    const again = await send(path);
    expect(again.der.equals(der)).toBe(true);
    const etag = headers.get('etag') ?? '';
    const known = await send(path, { headers: { 'if-none-match': etag } });
    expect([known.status, known.der.length]).toEqual([304, 0]);
    const dated = await send(path, { headers: { 'if-modified-since': new Date('2100-01-01').toUTCString() } });
    expect(dated.status).toBe(200);
    await revoke(leaf.serial);
    const after = await send(path, { headers: { 'if-none-match': etag } });
    expect(after.status).toBe(200);
    expect(await judge(leaf, after.der)).toContain('leaf.pem: revoked');
  });

  testWith('openssl')('is not kept with a nonce, nor about what is not known', async () => {
    const { leaf } = await issueSigner(gate.gate, 'not-cached');
    const { leaf: unknown } = await forgeSigner(gate.gate, 'not-cached');
    for (const question of [await questionAbout(leaf, '-nonce'), await questionAbout(unknown)]) {
      const { headers } = await send(`/ocsp/${encodeURIComponent(question.toString('base64'))}`);
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  test.each([
    ['one letter', 'x'],
    ['padding', '===='],
    ['an empty sequence', 'MAA='],
    ['base64 that ends early', 'MAA'],
    ['what is no base64', '!!!!'],
    ['a percent sign', '%25'],
    ['a path', '..%2f..%2fetc'],
    ['too much', 'A'.repeat(9000)],
    ['two things', 'MAA=/MAA='],
    ['a picture', '%F0%9F%92%A9'],
    ['what is no percent-encoding', '%zz'],
    ['half of a percent-encoding', 'MAA%3'],
    ['half a picture', '%F0%9F'],
    ['NUL', '%00'],
  ])('of %s is malformed, and the answer says so in the way of OCSP', async (_what, question) => {
    const { status, headers, der } = await send(`/ocsp/${question}`);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/ocsp-response']);
    expect(der).toEqual(ocspFailure('malformedRequest'));
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('without anything asked is nothing here', async () => {
    expect((await request(`${gate.url}/ocsp/`)).status).toBe(404);
    expect((await request(`${gate.url}/ocsp`)).body.code).toBe('METHOD_NOT_ALLOWED');
    expect((await request(`${gate.url}/ocsp/a/b`, { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD');
  });
});

describe('a question by POST', () => {
  test.each([
    ['nothing', ''],
    ['no sequence', '0500'],
    ['an empty one', '3000'],
    ['a list of nothing', '30043002' + '3000'],
    ['BER', '30800000'],
    ['a length beyond the end', '30820fff30'],
    ['bytes after the end', '30000000'],
    ['nesting', '3080'.repeat(500)],
    ['zeros', '00'.repeat(500)],
  ])('of %s is malformed', async (_what, hex) => {
    const { status, headers, der } = await post(Buffer.from(hex, 'hex'));
    expect([status, headers.get('content-type')]).toEqual([200, 'application/ocsp-response']);
    expect(der).toEqual(ocspFailure('malformedRequest'));
  });

  testWith('openssl')('with any bit turned gets an answer', async () => {
    const { leaf } = await issueSigner(gate.gate, 'ocsp-flips');
    const question = await questionAbout(leaf);
    for (let round = 0; round < 120; round += 1) {
      const turned = Buffer.from(question);
      const at = (round * 31) % question.length;
      turned[at] = (turned[at] ?? 0) ^ (1 << (round % 8));
      const { status, der } = await post(turned);
      expect(status).toBe(200);
      expect(der[0]).toBe(0x30);
    }
  });

  test('of another type is not read', async () => {
    for (const type of ['application/json', 'text/plain', 'application/ocsp-response', 'multipart/form-data']) {
      const { status, headers } = await post(Buffer.from('3000', 'hex'), type);
      expect([status, headers.get('content-type')]).toEqual([415, 'application/problem+json']);
    }
    const compressed = await send('/ocsp', {
      method: 'POST',
      headers: { 'content-type': 'application/ocsp-request', 'content-encoding': 'gzip' },
      body: 'x',
    });
    expect(compressed.status).toBe(415);
  });

  test('that is too large is not read, said or not', async () => {
    const large = await post(Buffer.alloc(5000, 0x30));
    expect(large.status).toBe(413);
    const chunked = await request(`${gate.url}/ocsp`, {
      method: 'POST',
      headers: { 'content-type': 'application/ocsp-request' },
      body: new ReadableStream({
        start(controller) {
          for (let part = 0; part < 10; part += 1) controller.enqueue(new Uint8Array(1000));
          controller.close();
        },
      }),
      duplex: 'half',
    });
    expect([chunked.status, chunked.body.code]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  test('that breaks off harms nobody', async () => {
    const { hostname, port } = new URL(gate.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      'POST /ocsp HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\nContent-Length: 90\r\n\r\nabc',
    );
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
    expect((await request(`${gate.url}/healthz`)).status).toBe(200);
  });
});

describe('the work that anybody can order', () => {
  /** A gate whose key signs when it is let, and counts. */
  function slowGate(): { readonly parts: Gate; release(): void; readonly signed: () => number } {
    let signed = 0;
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const issuingKey = {
      signer: async (fingerprint?: string | null) => {
        const signer = await gate.gate.issuingKey.signer(fingerprint);
        if (signer === null) throw new Error('The gate has no key');
        const publicKey: KeyObject = signer.publicKey;
        return {
          publicKey,
          async sign(hash: SigningHash, message: Buffer) {
            signed += 1;
            await released;
            return signer.sign(hash, message);
          },
        };
      },
    };
    return { parts: { ...gate.gate, issuingKey }, release: () => release(), signed: () => signed };
  }

  testWith('openssl')('to the same question many get one signature', async () => {
    const { leaf } = await issueSigner(gate.gate, 'one-signature');
    const question = await questionAbout(leaf);
    const { parts, release, signed } = slowGate();
    const asking = Array.from({ length: 30 }, () => answerOcsp(parts, question));
    release();
    const answers = await Promise.all(asking);
    expect(new Set(answers.map(({ der }) => der.toString('hex'))).size).toBe(1);
    expect(signed()).toBe(1);
  });

  testWith('openssl')('to too many questions at a time some are told to try later, and afterwards none', async () => {
    const { leaf } = await issueSigner(gate.gate, 'put-off');
    const question = await questionAbout(leaf, '-nonce');
    const { parts, release } = slowGate();
    // A second passes between any two of them, and the key has not done with the first.
    let time = Date.now() + 10_000_000;
    const slow = { ...parts, now: () => new Date((time += 1000)) };
    let asking: readonly Promise<OcspAnswer>[] = [];
    const putOff: OcspAnswer[] = [];
    const allPutOff = new Promise<void>((resolve) => {
      const note = (answer: OcspAnswer): OcspAnswer => {
        putOff.push(answer);
        if (putOff.length === 36) resolve();
        return answer;
      };
      asking = Array.from({ length: 100 }, () => answerOcsp(slow, question).then(note));
    });
    // Those that are put off are answered while the others still wait for the key.
    await allPutOff;
    for (const { der } of putOff) expect(der).toEqual(ocspFailure('tryLater'));
    release();
    const answers = await Promise.all(asking);
    expect(answers.filter(({ holds }) => holds !== null)).toHaveLength(64);
    expect((await answerOcsp(gate.gate, question)).holds).not.toBeNull();
  });

  /** The same question about a serial that nobody ever had, another one each time. */
  function aboutNobody(question: Buffer, number: number): Buffer {
    const made = Buffer.from(question);
    made.writeUInt32BE(number, made.length - 4);
    return made;
  }

  testWith('openssl')(
    'more nonces in a second than the key makes are answered without one, by one answer',
    async () => {
      const { leaf } = await issueSigner(gate.gate, 'many-nonces');
      const question = await questionAbout(leaf, '-nonce');
      const { parts, release, signed } = slowGate();
      release();
      // A second in which nobody else asks anything.
      const at = new Date(Date.now() + 100_000);
      const answers: Buffer[] = [];
      for (let time = 0; time < 200; time += 1) {
        const { der, holds } = await answerOcsp({ ...parts, now: () => at }, question);
        expect(holds).not.toBeNull();
        answers.push(der);
      }
      expect(signed()).toBe(51);
      expect(await judge(leaf, answers.at(-1) ?? Buffer.alloc(0))).toContain('leaf.pem: good');
      const nonce = question.subarray(-16);
      expect(answers.filter((der) => der.includes(nonce))).toHaveLength(50);
      const next = await answerOcsp({ ...parts, now: () => new Date(at.getTime() + 1000) }, question);
      expect(next.der.includes(nonce)).toBe(true);
    },
  );

  testWith('openssl')('serials that are made up cost few signatures, and push out no answer that is kept', async () => {
    const { leaf } = await issueSigner(gate.gate, 'flooded');
    const question = await questionAbout(leaf);
    const { parts, release, signed } = slowGate();
    release();
    const at = new Date(Date.now() + 200_000);
    const still = { ...parts, now: () => at };
    const kept = await answerOcsp(still, question);
    const answers: Buffer[] = [];
    for (let number = 0; number < 1_200; number += 1) {
      answers.push((await answerOcsp(still, aboutNobody(question, number))).der);
    }
    expect(signed()).toBe(51);
    expect(answers.filter((der) => der.equals(ocspFailure('tryLater')))).toHaveLength(1_150);
    expect((await answerOcsp(still, question)).der.equals(kept.der)).toBe(true);
    expect(signed()).toBe(51);
    const { leaf: other } = await issueSigner(gate.gate, 'flooded-other');
    const aboutOther = await questionAbout(other);
    expect(await judge(other, (await answerOcsp(still, aboutOther)).der)).toContain('leaf.pem: good');
  });

  testWith('openssl')('nor do all the certificates of the ledger, asked about at once, cost more', async () => {
    const { leaf } = await issueSigner(gate.gate, 'all-at-once');
    const question = await questionAbout(leaf);
    await gate.gate.database.query(
      `INSERT INTO certificates (serial, issuer_key, app_id, public_key, account_id, intended_at, change, fingerprint,
         not_before, not_after, issued_at)
       SELECT $2 || upper(lpad(to_hex(n), 8, '0')), issuer_key, app_id, public_key, account_id, intended_at, change,
         md5(n::text) || md5(n::text || 'x'), not_before, not_after, issued_at
       FROM certificates, generate_series(1, 300) AS n WHERE serial = $1`,
      [leaf.serial, leaf.serial.slice(0, -8)],
    );
    const { parts, release, signed } = slowGate();
    release();
    const at = new Date(Date.now() + 150_000);
    const askAll = async (time: Date): Promise<number> => {
      let answered = 0;
      for (let number = 1; number <= 300; number += 1) {
        const { holds } = await answerOcsp({ ...parts, now: () => time }, aboutNobody(question, number));
        if (holds !== null) answered += 1;
      }
      return answered;
    };
    expect([await askAll(at), signed()]).toEqual([200, 200]);
    expect([await askAll(at), signed()]).toEqual([200, 200]);
    expect([await askAll(new Date(at.getTime() + 1000)), signed()]).toEqual([300, 300]);
  });

  testWith('openssl')('a key that fails is no answer, is not remembered, and is put into the log', async () => {
    const { leaf } = await issueSigner(gate.gate, 'failing-key');
    const question = await questionAbout(leaf);
    const warnings: string[] = [];
    const log = { info: () => {}, warn: (_details: object, message: string) => void warnings.push(message) };
    const issuingKey = {
      signer: async () => {
        const signer = await gate.gate.issuingKey.signer();
        if (signer === null) throw new Error('The gate has no key');
        return { publicKey: signer.publicKey, sign: () => Promise.resolve(Buffer.alloc(96)) };
      },
    };
    const broken = await answerOcsp({ ...gate.gate, issuingKey, log }, question);
    expect(broken.der).toEqual(ocspFailure('tryLater'));
    expect(warnings).toEqual(['an OCSP answer could not be signed']);
    expect(await judge(leaf, (await answerOcsp(gate.gate, question)).der)).toContain('leaf.pem: good');
  });

  testWith('openssl')('an answer is signed anew before it grows old', async () => {
    const { leaf } = await issueSigner(gate.gate, 'renewed');
    const question = await questionAbout(leaf);
    const first = await answerOcsp(gate.gate, question);
    const soon = { ...gate.gate, now: () => new Date(Date.now() + 5 * 60_000) };
    expect((await answerOcsp(soon, question)).der.equals(first.der)).toBe(true);
    const later = { ...gate.gate, now: () => new Date(Date.now() + 11 * 60_000) };
    const renewed = await answerOcsp(later, question);
    expect(renewed.der.equals(first.der)).toBe(false);
    expect(renewed.holds?.thisUpdate.getTime()).toBeGreaterThan(first.holds?.thisUpdate.getTime() ?? Infinity);
  });
});
