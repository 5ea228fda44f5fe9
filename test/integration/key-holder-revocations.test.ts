import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { ensureSystemAccount } from '../../src/accounts/system-account.js';
import { issueAppCertificate } from '../../src/authority/issue-certificate.js';
import { revokeByKeyHolder } from '../../src/authority/revoke-by-key-holder.js';
import { ensureApp } from '../../src/database/apps.js';
import { beginAuthorityChange, readAuthorityState } from '../../src/database/authority-state.js';
import { findCertificate, insertIntendedCertificate, setCertificateIssued } from '../../src/database/certificates.js';
import { inTransaction } from '../../src/database/connect.js';
import { createSignedData } from '../../src/pki/cms.js';
import { writePem } from '../../src/pki/pem.js';
import { keySigner } from '../../src/pki/signer.js';
import { codesOf, request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { testWith } from '../support/installed.js';
import { opensslText } from '../support/openssl.js';
import { forgeSigner, issueSigner, signedBy, type StoreSigner } from '../support/store-signer.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/*
 * Taking a certificate back without an account, by a message that its own key signed.
 */

let gate: TestGate;
let replica: TestGate;
beforeAll(async () => {
  gate = await startTestGate({ ownAuthority: true });
  replica = await startTestGate({ replicaOf: gate });
});
afterAll(async () => {
  await replica.stop();
  await gate.stop();
});

async function sendCms(cms: unknown, to: TestGate = gate): Promise<ApiAnswer> {
  return request(`${to.url}/api/v1/revocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cms }),
  });
}

async function statusOf(serial: string): Promise<string> {
  return (await request(`${gate.url}/api/v1/certificates/${serial}`)).body.status as string;
}

/** The message as openssl makes it, with further arguments. */
async function opensslCms(
  { leaf, privateKey }: Pick<StoreSigner, 'leaf' | 'privateKey'>,
  args: readonly string[] = ['-nodetach'],
  content = 'revoke',
  more: Readonly<Record<string, string | Buffer>> = {},
): Promise<string> {
  const command = ['cms', '-sign', '-in', 'content', '-signer', 'leaf.crt', '-inkey', 'leaf.key', '-outform', 'PEM'];
  return opensslText([...command, ...args], {
    content,
    'leaf.crt': writePem(leaf.der, 'CERTIFICATE'),
    'leaf.key': privateKey.export({ type: 'pkcs8', format: 'pem' }),
    ...more,
  });
}

async function ownCms({ leaf, privateKey }: StoreSigner, content = 'revoke'): Promise<string> {
  return createSignedData({ content: Buffer.from(content), certificate: leaf, signer: keySigner(privateKey) });
}

describe('a revocation by whoever holds the key', () => {
  testWith('openssl')('needs no account, and is in force for the very next upload on every replica', async () => {
    const token = await gate.token('held');
    const signer = await issueSigner(gate.gate, 'held');
    const archive = await signedBy(signer, { id: 'held', version: '1.0.0' });
    expect((await upload(gate.url, token, 'held', archive)).status).toBe(201);
    const answer = await sendCms(await opensslCms(signer), replica);
    expect(answer.status).toBe(200);
    expect(answer.body.certificate).toMatchObject({
      serial: signer.leaf.serial,
      status: 'revoked',
      revocationReason: 'keyCompromise',
      invalidityDate: null,
    });
    const refused = await upload(gate.url, token, 'held', await signedBy(signer, { id: 'held', version: '2.0.0' }));
    expect(codesOf(refused)).toContain('REVOKED');
    // What was signed before stays, and is marked.
    const { body } = await request(`${gate.url}/api/v1/apps/held/releases/1.0.0`);
    expect(body).toMatchObject({ status: 'published', signerRevoked: { serial: signer.leaf.serial } });
    const events = await request(`${gate.url}/api/v1/apps/held/events`, { token });
    expect(events.body.events[0]).toMatchObject({ kind: 'certificate-revoked', account: 'portcullis' });
  });

  testWith('openssl').each([
    ['as the documentation says', ['-nodetach'], 'revoke'],
    ['in binary', ['-nodetach', '-binary'], 'revoke\n'],
    ['of a line, which openssl ends with CR LF', ['-nodetach'], 'revoke\n'],
    ['without signed attributes', ['-nodetach', '-noattr'], 'revoke'],
    ['without the certificate', ['-nodetach', '-nocerts'], 'revoke'],
    ['that names the certificate by its key', ['-nodetach', '-keyid'], 'revoke'],
    ['with SHA-256', ['-nodetach', '-md', 'sha256'], 'revoke'],
    ['with SHA-512', ['-nodetach', '-md', 'sha512'], 'revoke'],
    ['without its capabilities', ['-nodetach', '-nosmimecap'], 'revoke'],
  ])('takes the message %s', async (_what, args, content) => {
    const signer = await issueSigner(gate.gate, 'cms-forms');
    const answer = await sendCms(await opensslCms(signer, args, content));
    expect([answer.status, answer.body.certificate?.status]).toEqual([200, 'revoked']);
  });

  testWith('openssl').each([
    ['PKCS #1', ['-nodetach']],
    ['PSS', ['-nodetach', '-keyopt', 'rsa_padding_mode:pss']],
  ])('takes a message that was signed with an RSA key, by %s', async (_what, args) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
    const account = await ensureSystemAccount(gate.gate.database);
    const order = { appId: 'rsa-held', publicKey, days: null, requestId: null, contact: null, account };
    const { leaf } = await issueAppCertificate(gate.gate, order);
    const answer = await sendCms(await opensslCms({ leaf, privateKey }, args));
    expect([answer.status, answer.body.certificate?.serial]).toEqual([200, leaf.serial]);
  });

  test('sent again, or by many at once, answers the same and changes nothing', async () => {
    const signer = await issueSigner(gate.gate, 'replayed');
    const cms = await ownCms(signer);
    const answers = await Promise.all([gate, replica, gate].map((to) => sendCms(cms, to)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const before = await readAuthorityState(gate.gate.database);
    for (let time = 0; time < 3; time += 1) {
      expect((await sendCms(cms)).body).toEqual(answers[0]?.body);
    }
    expect(await readAuthorityState(gate.gate.database)).toEqual(before);
  });

  test('takes every certificate over the key with it', async () => {
    const one = await issueSigner(gate.gate, 'same-key');
    const account = await ensureSystemAccount(gate.gate.database);
    const publicKey = createPublicKey(one.privateKey);
    const order = { appId: 'same-key', publicKey, days: null, requestId: null, contact: null, account };
    const two = await issueAppCertificate(gate.gate, order);
    const token = await gate.token('same-key');
    const cms = await ownCms(one);
    const { status, body } = await sendCms(cms);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      certificate: { serial: one.leaf.serial, status: 'revoked' },
      alsoRevoked: [{ serial: two.leaf.serial, status: 'revoked', revocationReason: 'keyCompromise' }],
    });
    expect((await sendCms(cms)).body).toEqual({ certificate: body.certificate, alsoRevoked: [] });
    const archive = await signedBy({ ...one, ...two }, { id: 'same-key' });
    expect(codesOf(await upload(gate.url, token, 'same-key', archive))).toContain('REVOKED');
  });

  test('still takes another certificate over the key where its own is revoked already', async () => {
    const one = await issueSigner(gate.gate, 'left-over');
    const cms = await ownCms(one);
    expect((await sendCms(cms)).status).toBe(200);
    const account = await ensureSystemAccount(gate.gate.database);
    const serial = `00${one.leaf.serial.slice(2)}`;
    // As an older store may have left it: nothing issues it any more.
    await gate.gate.database.query(
      `INSERT INTO certificates (serial, issuer_key, app_id, public_key, account_id, intended_at, change)
       SELECT $1, issuer_key, app_id, public_key, $3, intended_at, change FROM certificates WHERE serial = $2`,
      [serial, one.leaf.serial, account.id],
    );
    expect((await sendCms(cms)).body.alsoRevoked).toMatchObject([{ serial, status: 'revoked' }]);
    expect((await sendCms(cms)).body.alsoRevoked).toEqual([]);
  });

  test('makes a revocation for another reason one for a compromise', async () => {
    const signer = await issueSigner(gate.gate, 'worse');
    const address = `${gate.url}/api/v1/certificates/${signer.leaf.serial}/revocation`;
    const first = await sendJson(address, 'POST', gate.operatorToken, { reason: 'superseded' });
    const { status, body } = await sendCms(await ownCms(signer));
    expect(status).toBe(200);
    expect(body.certificate).toEqual({ ...first.body.certificate, revocationReason: 'keyCompromise' });
  });

  test('works for a certificate that has expired', async () => {
    const signer = await issueSigner(gate.gate, 'expired');
    const cms = await ownCms(signer);
    const later = { ...gate.gate, now: () => new Date('2060-01-01T00:00:00Z') };
    const { certificate } = await revokeByKeyHolder(later, cms);
    expect(certificate).toMatchObject({ serial: signer.leaf.serial, revocationReason: 'keyCompromise' });
  });

  describe('is refused', () => {
    async function expectRefused(cms: unknown, spared: string): Promise<string> {
      const { status, body } = await sendCms(cms);
      expect([status, body.code]).toEqual([422, 'CMS_INVALID']);
      expect(await statusOf(spared)).toBe('valid');
      return body.detail as string;
    }

    test.each(['REVOKE', 'revoke ', ' revoke', 'revoke\n\n', 'revoke\r', 'revoked', '', 'r', 'revoke\0', 'unrevoke'])(
      'for the content %j',
      async (content) => {
        const signer = await issueSigner(gate.gate, 'wrong-content');
        expect(await expectRefused(await ownCms(signer, content), signer.leaf.serial)).toContain('"revoke"');
      },
    );

    testWith('openssl')('without its content inside, saying how to put it there', async () => {
      const signer = await issueSigner(gate.gate, 'detached');
      expect(await expectRefused(await opensslCms(signer, []), signer.leaf.serial)).toContain('-nodetach');
    });

    testWith('openssl')('in BER', async () => {
      const signer = await issueSigner(gate.gate, 'streamed');
      const cms = await opensslCms(signer, ['-nodetach', '-stream']);
      expect(await expectRefused(cms, signer.leaf.serial)).toContain('-stream');
    });

    testWith('openssl')('with SHA-1', async () => {
      const signer = await issueSigner(gate.gate, 'weak');
      await expectRefused(await opensslCms(signer, ['-nodetach', '-md', 'sha1']), signer.leaf.serial);
    });

    testWith('openssl')('with a content of another type', async () => {
      const signer = await issueSigner(gate.gate, 'typed');
      const cms = await opensslCms(signer, ['-nodetach', '-econtent_type', '1.2.3.4']);
      await expectRefused(cms, signer.leaf.serial);
    });

    testWith('openssl')('named by the key alone where it does not bring the certificate', async () => {
      const signer = await issueSigner(gate.gate, 'nameless');
      const cms = await opensslCms(signer, ['-nodetach', '-keyid', '-nocerts']);
      expect(await expectRefused(cms, signer.leaf.serial)).toContain('-nocerts');
    });

    testWith('openssl')('with two signers', async () => {
      const signer = await issueSigner(gate.gate, 'two-signers');
      const other = await issueSigner(gate.gate, 'two-signers-more');
      const second = ['-signer', 'other.crt', '-inkey', 'other.key'];
      const cms = await opensslCms(signer, ['-nodetach', ...second], 'revoke', {
        'other.crt': writePem(other.leaf.der, 'CERTIFICATE'),
        'other.key': other.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      });
      await expectRefused(cms, signer.leaf.serial);
      expect(await statusOf(other.leaf.serial)).toBe('valid');
    });

    test('from another authority, though the serial is one of ours', async () => {
      const { leaf } = await issueSigner(gate.gate, 'foreign');
      const other = gate.authority.issue('foreign', { serial: BigInt(`0x${leaf.serial}`) });
      const certificate = other.certificate;
      const stranger = { leaf: certificate, privateKey: other.keys.privateKey, chain: [] };
      await expectRefused(await ownCms(stranger), leaf.serial);
    });

    test('from a certificate that bears the name of our authority and one of our serials, with its own key', async () => {
      const genuine = await issueSigner(gate.gate, 'impostor');
      const forged = await forgeSigner(gate.gate, 'impostor', genuine.leaf.serial);
      await expectRefused(await ownCms(forged), genuine.leaf.serial);
    });

    testWith('openssl')('the same where it does not bring its certificate', async () => {
      const genuine = await issueSigner(gate.gate, 'impostor-nocerts');
      const forged = await forgeSigner(gate.gate, 'impostor-nocerts', genuine.leaf.serial);
      const cms = await opensslCms(forged, ['-nodetach', '-nocerts']);
      expect(await expectRefused(cms, genuine.leaf.serial)).toContain(genuine.leaf.serial);
    });

    testWith('openssl')('the same where it brings ours beside the signature of another key', async () => {
      const genuine = await issueSigner(gate.gate, 'impostor-brings');
      const forged = await forgeSigner(gate.gate, 'impostor-brings', genuine.leaf.serial);
      const cms = await opensslCms(forged, ['-nodetach', '-nocerts', '-certfile', 'ours.crt'], 'revoke', {
        'ours.crt': writePem(genuine.leaf.der, 'CERTIFICATE'),
      });
      await expectRefused(cms, genuine.leaf.serial);
    });

    test('from a certificate that our key signed, but that is not in the ledger', async () => {
      const { leaf } = await issueSigner(gate.gate, 'unlisted');
      await expectRefused(await ownCms(await forgeSigner(gate.gate, 'unlisted')), leaf.serial);
    });

    test('whatever bit of it is turned, or it revokes what it always did', async () => {
      const signer = await issueSigner(gate.gate, 'bit-flips');
      const bystander = await issueSigner(gate.gate, 'bit-flips');
      const der = Buffer.from((await ownCms(signer)).replace(/-----.*-----|\n/g, ''), 'base64');
      for (let round = 0; round < 150; round += 1) {
        const turned = Buffer.from(der);
        const at = (round * 7919) % der.length;
        turned[at] = (turned[at] ?? 0) ^ (1 << (round % 8));
        const { status, body } = await sendCms(writePem(turned, 'CMS'));
        if (status === 200) expect(body.certificate.serial).toBe(signer.leaf.serial);
        else expect([status, body.code]).toEqual([422, 'CMS_INVALID']);
      }
      expect(await statusOf(bystander.leaf.serial)).toBe('valid');
    });

    test.each([
      ['nothing', ''],
      ['words', 'please revoke my certificate'],
      ['an empty block', '-----BEGIN CMS-----\n-----END CMS-----\n'],
      ['half a block', '-----BEGIN CMS-----\nMIIB'],
      ['no base64', '-----BEGIN CMS-----\n****\n-----END CMS-----\n'],
      ['DER of nothing', writePem(Buffer.from('3000', 'hex'), 'CMS')],
      ['zeros', writePem(Buffer.alloc(1000), 'CMS')],
      ['nested sequences', writePem(Buffer.from('3080'.repeat(1000), 'hex'), 'CMS')],
      ['too much', writePem(Buffer.alloc(70_000, 0x30), 'CMS')],
    ])('as %s', async (_what, cms) => {
      const { status, body } = await sendCms(cms);
      expect([status, body.code]).toEqual([422, 'CMS_INVALID']);
    });

    test('as a certificate, or twice the same', async () => {
      const signer = await issueSigner(gate.gate, 'twice');
      await expectRefused(writePem(signer.leaf.der, 'CERTIFICATE'), signer.leaf.serial);
      await expectRefused((await ownCms(signer)).repeat(2), signer.leaf.serial);
    });
  });

  test.each([
    ['no cms', {}],
    ['a number', { cms: 1 }],
    ['null', { cms: null }],
    ['a list', { cms: ['x'] }],
    ['more than the message', { cms: 'x', reason: 'superseded' }],
    ['NUL', { cms: 'a\0' }],
  ])('with %s is a wrong request', async (_what, content) => {
    const { status, body } = await request(`${gate.url}/api/v1/revocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(content),
    });
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  test('with more than a message can be is not read', async () => {
    const { status, body } = await sendCms('x'.repeat(300_000));
    expect([status, body.code]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  test('of a store without an authority is not there', async () => {
    const without = await startTestGate();
    const { status, body } = await sendCms('x', without);
    await without.stop();
    expect([status, body.code]).toEqual([404, 'NO_AUTHORITY']);
  });
});

describe('a certificate of which the ledger has only the digests', () => {
  /** Issued by the store's key and written down without its bytes, as what was imported. */
  async function imported(id: string): Promise<StoreSigner> {
    const signer = await forgeSigner(gate.gate, id);
    const { serial, fingerprint, publicKeyFingerprint: publicKey, notBefore, notAfter } = signer.leaf;
    const issuerKey = signer.chain[0]?.publicKeyFingerprint ?? '';
    await inTransaction(gate.gate.database, async (tx) => {
      const change = await beginAuthorityChange(tx);
      const { id: accountId } = await ensureSystemAccount(tx);
      await ensureApp(tx, id);
      const at = { intendedAt: notBefore, requestId: null, contact: null, accountId };
      await insertIntendedCertificate(tx, change, { serial, issuerKey, appId: id, publicKey, ...at });
      await setCertificateIssued(tx, change, {
        serial,
        fingerprint,
        der: null,
        notBefore,
        notAfter,
        issuedAt: notBefore,
      });
    });
    return signer;
  }

  test('is revoked by a message that brings it', async () => {
    const signer = await imported('imported');
    const { status, body } = await sendCms(await ownCms(signer));
    expect([status, body.certificate?.serial]).toEqual([200, signer.leaf.serial]);
  });

  testWith('openssl')('is not by one that does not, and the answer says why', async () => {
    const signer = await imported('imported-nocerts');
    const { status, body } = await sendCms(await opensslCms(signer, ['-nodetach', '-nocerts']));
    expect([status, body.code]).toEqual([422, 'CMS_INVALID']);
    expect(body.detail).toContain('-nocerts');
    expect(await findCertificate(gate.gate.database, signer.leaf.serial)).toMatchObject({ revokedAt: null });
  });

  test('is not by one that brings another with its serial', async () => {
    const signer = await imported('imported-forged');
    const forged = await forgeSigner(gate.gate, 'imported-forged', signer.leaf.serial);
    expect(forged.leaf.serial).toBe(signer.leaf.serial);
    expect((await sendCms(await ownCms(forged))).body.code).toBe('CMS_INVALID');
    expect(await statusOf(signer.leaf.serial)).toBe('valid');
  });
});
