import { X509Certificate, sign as nodeSign } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addOwner, appendAppEvent, removeOwner } from '../../src/database/apps.js';
import { beginAuthorityChange } from '../../src/database/authority-state.js';
import { findAccount } from '../../src/database/accounts.js';
import { insertIntendedCertificate, listCertificates } from '../../src/database/certificates.js';
import { inTransaction } from '../../src/database/connect.js';
import { findSigningRequest } from '../../src/database/signing-requests.js';
import { request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { testWith } from '../support/installed.js';
import { fileFrom } from '../support/key-tools.js';
import { openssl } from '../support/openssl.js';
import { signedApp } from '../support/signed-app.js';
import { act, ask, csrFor, hookedKey, newKeys } from '../support/signing-requests.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let moderator: string;
beforeAll(async () => {
  gate = await startTestGate({ ownAuthority: true });
  moderator = await gate.token(null, { account: 'mod', scopes: ['moderate'] });
});
afterAll(async () => {
  await gate.stop();
});

const reason = 'known to us';

/** The code of a refusal; 'STATUS' of what is none. */
function codeOf({ status, body }: ApiAnswer): string {
  return typeof body === 'object' && 'code' in body ? (body.code as string) : String(status);
}

/** Asks for a certificate over a new key; fails where that is not taken. */
async function asked(token: string, appId: string, wish: Record<string, unknown> = {}): Promise<any> {
  const answer = await ask(gate, token, appId, { csr: await csrFor(appId), ...wish });
  expect(answer.status).toBe(201);
  return answer.body;
}

/** An app of its own owner, with a certificate. */
async function certified(appId: string, csr?: string): Promise<{ owner: string; serial: string; certificate: any }> {
  const owner = await gate.token(null, { account: `owner-of-${appId}`, scopes: ['upload', 'manage'] });
  const { id } = await asked(owner, appId, csr === undefined ? {} : { csr });
  const { status, body } = await act(gate, moderator, id, 'approval', { reason });
  expect(status).toBe(200);
  return { owner, serial: body.certificate.serial, certificate: body.certificate };
}

async function read(token: string, id: string): Promise<ApiAnswer> {
  return request(`${gate.url}/api/v1/signing-requests/${id}`, { token });
}

async function ledgerOf(appId: string) {
  return listCertificates(gate.gate.database, { appId, after: null, limit: 100 });
}

async function accountId(name: string): Promise<number> {
  const account = await findAccount(gate.gate.database, name);
  if (account === null) throw new Error(`There is no account ${name}`);
  return account.id;
}

async function setOwner(appId: string, account: string, owns: boolean): Promise<void> {
  const id = await accountId(account);
  await inTransaction(gate.gate.database, (tx) => (owns ? addOwner : removeOwner)(tx, appId, id));
}

describe('from the request to the certificate', () => {
  test('the review of a decided request says who decided and why; the applicant is told why, and not by whom', async () => {
    const developer = await gate.token('told');
    const asked = await ask(gate, developer, 'told', { csr: await csrFor('told') });
    await act(gate, moderator, asked.body.id, 'approval', { reason });
    const reviews = await request(`${gate.url}/api/v1/reviews?app=told&state=closed`, { token: moderator });
    const review = await request(`${gate.url}/api/v1/reviews/${reviews.body.reviews[0].id}`, { token: moderator });
    expect(review.body).toMatchObject({ verdict: 'approved', decidedBy: 'mod', reason });
    const events = async (token: string) =>
      (await request(`${gate.url}/api/v1/signing-requests/${asked.body.id}`, { token })).body.events;
    expect(await events(developer)).toMatchObject([
      { kind: 'requested', account: 'told' },
      { kind: 'approved', account: 'a moderator', text: reason },
    ]);
    expect((await events(moderator))[1]).toMatchObject({ account: 'mod' });
    const record = await request(`${gate.url}/api/v1/apps/told/events`, { token: developer });
    expect(record.body.events.map(({ account }: { account: string }) => account)).not.toContain('mod');
  });

  testWith('openssl')(
    'what openssl makes by the documented command is taken, and openssl verifies the certificate',
    async () => {
      const csr = await fileFrom(
        'openssl req -nodes -newkey rsa:2048 -keyout contacts.key -out contacts.csr -subj "/CN=contacts"; cp contacts.csr out',
      );
      const developer = await gate.token('contacts');
      const first = await ask(gate, developer, 'contacts', { csr: csr.toString(), note: 'please' });
      expect(first.status).toBe(201);
      expect(first.headers.get('location')).toBe(`/api/v1/signing-requests/${first.body.id}`);
      expect(first.body).toMatchObject({
        appId: 'contacts',
        state: 'pending',
        purpose: 'new',
        key: { kind: 'RSA 2048' },
        requestedBy: 'contacts',
        certificate: null,
        signCommand: null,
        events: [{ kind: 'requested', account: 'contacts', text: 'please' }],
      });

      const approved = await act(gate, moderator, first.body.id, 'approval', { reason });
      expect(approved.status).toBe(200);
      const { certificate, signCommand, request: approvedRequest } = approved.body;
      expect(signCommand).toBe('portcullis sign --path contacts --key contacts.key --cert contacts.crt');
      expect(approvedRequest).toMatchObject({ id: first.body.id, state: 'approved', serial: certificate.serial });

      const root = await request(`${gate.url}/api/v1/certificates/${certificate.serial}`);
      expect(root.status).toBe(200);
      const { status, output } = await openssl(['verify', '-partial_chain', '-trusted', 'chain.crt', 'leaf.crt'], {
        'chain.crt': certificate.chain.join(''),
        'leaf.crt': certificate.leaf,
      });
      expect([status, output.trim()]).toEqual([0, 'leaf.crt: OK']);
      const leaf = new X509Certificate(certificate.leaf);
      expect([leaf.subject, leaf.serialNumber]).toEqual(['CN=contacts', certificate.serial]);
      expect(leaf.fingerprint256.replace(/:/g, '').toLowerCase()).toBe(certificate.fingerprint);

      const seen = await read(developer, first.body.id);
      expect(seen.body).toMatchObject({ state: 'approved', signCommand, certificate: { leaf: certificate.leaf } });
      expect(seen.body.events.map(({ kind, account }: any) => [kind, account])).toEqual([
        ['requested', 'contacts'],
        ['approved', 'a moderator'],
      ]);
    },
  );

  test('a free app id belongs to the applicant from the first certificate on', async () => {
    const ann = await gate.token(null, { account: 'ann', scopes: ['upload', 'manage'] });
    const { id } = await asked(ann, 'claimed-app');
    expect((await act(gate, moderator, id, 'approval', { reason })).status).toBe(200);
    const owners = await request(`${gate.url}/api/v1/apps/claimed-app/owners`, { token: ann });
    expect(owners.body.owners).toEqual(['ann']);
    const { body } = await request(`${gate.url}/api/v1/apps/claimed-app/events`, { token: ann });
    expect(body.events.map(({ kind }: any) => kind)).toEqual([
      'claimed',
      'certificate-issued',
      'certificate-requested',
    ]);
  });

  test('the purpose is the first certificate or the next one, by what the ledger has', async () => {
    const keys = newKeys();
    const { owner } = await certified('purposes', await csrFor('purposes', { keys }));
    const renewal = await asked(owner, 'purposes', { csr: await csrFor('purposes', { keys }) });
    expect(renewal.purpose).toBe('renewal');
    expect((await asked(owner, 'purposes', { purpose: 'additional' })).purpose).toBe('additional');
    const again = await ask(gate, owner, 'purposes', { csr: await csrFor('purposes'), purpose: 'new' });
    expect(codeOf(again)).toBe('INVALID_REQUEST');
  });

  test('the same request again is the first one, while it is open', async () => {
    const owner = await gate.token('repeated');
    const csr = await csrFor('repeated');
    const first = await ask(gate, owner, 'repeated', { csr });
    const second = await ask(gate, owner, 'repeated', { csr });
    expect([first.status, second.status, second.body.id]).toEqual([201, 200, first.body.id]);
    expect((await act(gate, owner, first.body.id, 'withdrawal')).body.state).toBe('withdrawn');
    const third = await ask(gate, owner, 'repeated', { csr });
    expect(third.status).toBe(201);
    expect(third.body.id).not.toBe(first.body.id);
  });

  test('a signing request of somebody else for the same free app is not answered with theirs', async () => {
    const [ann, ben] = await Promise.all(['ann', 'ben'].map((account) => gate.token(null, { account })));
    const csr = await csrFor('copied-csr');
    expect((await ask(gate, ann ?? '', 'copied-csr', { csr })).status).toBe(201);
    expect(codeOf(await ask(gate, ben ?? '', 'copied-csr', { csr }))).toBe('KEY_REFUSED');
  });

  test('a store without an authority takes no requests', async () => {
    const other = await startTestGate();
    try {
      const token = await other.token('nothing-here');
      expect(codeOf(await ask(other, token, 'nothing-here', { csr: await csrFor('nothing-here') }))).toBe(
        'NO_AUTHORITY',
      );
    } finally {
      await other.stop();
    }
  });
});

describe('signing requests that are refused', () => {
  const make = (command: string): string => `${command} 2>/dev/null; cp a.csr out`;
  const req = 'openssl req -nodes -keyout a.key -out a.csr -subj "/CN=bad-csr"';
  const byOpenssl: readonly (readonly [string, string, string])[] = [
    ['an EC key on P-256', make(`${req} -newkey ec -pkeyopt ec_paramgen_curve:P-256`), 'KEY_REFUSED'],
    ['an EC key on P-521', make(`${req} -newkey ec -pkeyopt ec_paramgen_curve:P-521`), 'KEY_REFUSED'],
    ['an EC key on secp256k1', make(`${req} -newkey ec -pkeyopt ec_paramgen_curve:secp256k1`), 'KEY_REFUSED'],
    [
      'an EC key with its curve spelt out',
      make(`${req} -newkey ec -pkeyopt ec_paramgen_curve:P-384 -pkeyopt ec_param_enc:explicit`),
      'CSR_INVALID',
    ],
    ['an Ed25519 key', make(`${req} -newkey ed25519`), 'KEY_REFUSED'],
    [
      'a DSA key',
      make(
        `openssl dsaparam -genkey -out d.key 1024 2>/dev/null; openssl req -new -key d.key -out a.csr -subj "/CN=bad-csr"`,
      ),
      'KEY_REFUSED',
    ],
    ['an RSA key of 1024 bits', make(`${req} -newkey rsa:1024`), 'KEY_REFUSED'],
    ['an RSA key with the exponent 3', make(`${req} -newkey rsa:2048 -pkeyopt rsa_keygen_pubexp:3`), 'KEY_REFUSED'],
    ['a key for RSA-PSS alone', make(`${req} -newkey rsa-pss -pkeyopt rsa_keygen_bits:2048`), 'KEY_REFUSED'],
    ['a signature with SHA-1', make(`${req} -newkey rsa:2048 -sha1`), 'CSR_INVALID'],
    ['a signature with MD5', make(`${req} -newkey rsa:2048 -md5`), 'CSR_INVALID'],
    ['no CN', make('openssl req -nodes -newkey rsa:2048 -keyout a.key -out a.csr -subj "/O=bad-csr"'), 'CSR_INVALID'],
    [
      'another CN',
      make('openssl req -nodes -newkey rsa:2048 -keyout a.key -out a.csr -subj "/CN=good-csr"'),
      'CSR_INVALID',
    ],
    [
      'the CN in capitals',
      make('openssl req -nodes -newkey rsa:2048 -keyout a.key -out a.csr -subj "/CN=Bad-csr"'),
      'CSR_INVALID',
    ],
    [
      'two CNs',
      make('openssl req -nodes -newkey rsa:2048 -keyout a.key -out a.csr -subj "/CN=bad-csr/CN=bad-csr"'),
      'CSR_INVALID',
    ],
    [
      'a certificate in its place',
      make('openssl req -x509 -nodes -newkey rsa:2048 -keyout a.key -out a.csr -subj "/CN=bad-csr"'),
      'CSR_INVALID',
    ],
    ['the private key beside it', make(`${req} -newkey rsa:2048; cat a.key >> a.csr`), 'CSR_INVALID'],
    ['two of them', make(`${req} -newkey rsa:2048; cp a.csr b.csr; cat b.csr >> a.csr`), 'CSR_INVALID'],
    ['its DER in base64', make(`${req} -newkey rsa:2048; sed -i /-----/d a.csr`), 'CSR_INVALID'],
    ['half of it', make(`${req} -newkey rsa:2048; head -n 5 a.csr > b.csr; mv b.csr a.csr`), 'CSR_INVALID'],
  ];
  testWith('openssl').each(byOpenssl)('%s', async (_name, script, code) => {
    const csr = (await fileFrom(script)).toString();
    expect(csr).not.toBe('');
    const answer = await ask(gate, await gate.token('bad-csr'), 'bad-csr', { csr });
    expect(codeOf(answer)).toBe(code);
    expect((await ledgerOf('bad-csr')).length).toBe(0);
  });

  const keys = newKeys();
  const others = newKeys();
  const byHand: readonly (readonly [string, () => Promise<string>, string])[] = [
    ['a CN with NUL and more', () => csrFor('bad-csr', { commonNames: ['bad-csr\0.evil'] }), 'CSR_INVALID'],
    ['a CN with a space behind it', () => csrFor('bad-csr', { commonNames: ['bad-csr '] }), 'CSR_INVALID'],
    ['a CN that looks like it', () => csrFor('bad-csr', { commonNames: ['bаd-csr'] }), 'CSR_INVALID'],
    ['the right CN and a wrong one', () => csrFor('bad-csr', { commonNames: ['bad-csr', 'core'] }), 'CSR_INVALID'],
    [
      'a key of somebody else',
      () =>
        csrFor('bad-csr', {
          signer: { publicKey: others.publicKey, sign: async (hash, message) => sign(hash, message) },
        }),
      'CSR_INVALID',
    ],
    [
      'a bit flipped',
      async () => {
        const lines = (await csrFor('bad-csr')).split('\n');
        const der = Buffer.from(lines.slice(1, -2).join(''), 'base64');
        // In the CN, so that the request is still well-formed.
        der[der.indexOf('bad-csr')] = 'c'.charCodeAt(0);
        return [
          '-----BEGIN CERTIFICATE REQUEST-----',
          der.toString('base64'),
          '-----END CERTIFICATE REQUEST-----',
        ].join('\n');
      },
      'CSR_INVALID',
    ],
    ['text', async () => 'please', 'CSR_INVALID'],
    [
      'binary',
      async () => Buffer.from(Array.from({ length: 300 }, (_, n) => (n % 255) + 1)).toString('latin1'),
      'CSR_INVALID',
    ],
    [
      'PEM of nothing',
      async () => '-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----',
      'CSR_INVALID',
    ],
    ['PEM without an end', async () => '-----BEGIN CERTIFICATE REQUEST-----\nMAAA', 'CSR_INVALID'],
    [
      'an empty sequence',
      async () => '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----',
      'CSR_INVALID',
    ],
    ['nothing', async () => '', 'INVALID_REQUEST'],
    ['more than 64 KiB', async () => `${await csrFor('bad-csr')}${'\n'.repeat(65_536)}`, 'INVALID_REQUEST'],
    ['a NUL in the text', async () => `${await csrFor('bad-csr')}\0`, 'INVALID_REQUEST'],
  ];
  function sign(hash: string, message: Buffer): Buffer {
    return nodeSign(hash, message, keys.privateKey);
  }
  test.each(byHand)('%s', async (_name, csr, code) => {
    const answer = await ask(gate, await gate.token('bad-csr'), 'bad-csr', { csr: await csr() });
    expect(codeOf(answer)).toBe(code);
  });

  testWith('openssl')('every fault is named at once', async () => {
    const csr = await fileFrom(
      make('openssl req -nodes -newkey rsa:1024 -sha1 -keyout a.key -out a.csr -subj "/CN=other"'),
    );
    const { status, body } = await ask(gate, await gate.token('bad-csr'), 'bad-csr', { csr: csr.toString() });
    expect([status, body.code]).toEqual([422, 'CSR_INVALID']);
    expect(body.errors.map(({ kind }: any) => kind)).toEqual(['weak-signature', 'common-name', 'weak-key']);
  });

  const bodies: readonly (readonly [string, unknown])[] = [
    ['no signing request', {}],
    ['a number for it', { csr: 1 }],
    ['a member that nobody knows', { csr: 'x', days: 9999 }],
    ['another purpose', { csr: 'x', purpose: 'forever' }],
    ['a contact that is no address', { csr: 'x', contact: 'a@b\r\nbcc: c@d' }],
    ['no list of the lost', { csr: 'x', purpose: 'lost', lost: [] }],
    ['a serial that is none', { csr: 'x', purpose: 'lost', lost: ["'; DROP TABLE apps; --"] }],
    ['a time that is none', { csr: 'x', purpose: 'lost', compromisedSince: '2026-02-30T00:00:00Z' }],
    ['a long note', { csr: 'x', note: 'x'.repeat(2_001) }],
    ['a text for the whole', 'x'],
    ['null', null],
  ];
  test.each(bodies)('a body with %s', async (_name, body) => {
    const token = await gate.token('bad-body');
    const answer = await sendJson(`${gate.url}/api/v1/apps/bad-body/signing-requests`, 'POST', token, body);
    expect(answer.status).toBe(400);
  });

  test.each([
    'http://example.org/x',
    'https://127.0.0.1/',
    'https://localhost/',
    'ftp://example.org',
    'https://github.com/owner',
    'https://user:pw@example.org/',
    'nothing',
  ])('a declared URL that can prove nothing: %s', async (declaredUrl) => {
    const answer = await ask(gate, await gate.token('bad-url'), 'bad-url', {
      csr: await csrFor('bad-url'),
      declaredUrl,
    });
    expect(codeOf(answer)).toBe('INVALID_REQUEST');
  });
});

describe('keys that are known', () => {
  test('a key of another app is refused, whatever became of its request', async () => {
    const keys = newKeys();
    const ann = await gate.token(null, { account: 'ann' });
    const { id } = await asked(ann, 'first-of-key', { csr: await csrFor('first-of-key', { keys }) });
    const csr = await csrFor('second-of-key', { keys });
    expect(codeOf(await ask(gate, ann, 'second-of-key', { csr }))).toBe('KEY_REFUSED');
    expect((await act(gate, moderator, id, 'decline', { reason })).status).toBe(200);
    expect(codeOf(await ask(gate, ann, 'second-of-key', { csr }))).toBe('KEY_REFUSED');
  });

  testWith('openssl')('a key is recognised however its point is encoded', async () => {
    const make = async (appId: string, form: string, key: Buffer | null): Promise<[string, Buffer]> => {
      const given =
        key === null
          ? 'openssl ecparam -name secp384r1 -genkey -noout -out k'
          : `echo ${key.toString('base64')} | base64 -d > k`;
      const both = await fileFrom(
        `${given}; openssl ec -in k -conv_form ${form} -out f 2>/dev/null; openssl req -new -key f -subj /CN=${appId} -out c; cat c > out; echo === >> out; cat k >> out`,
      );
      const [csr = '', kept = ''] = both.toString().split('===\n');
      return [csr, Buffer.from(kept)];
    };
    const [csr, key] = await make('uncompressed', 'uncompressed', null);
    const [compressed] = await make('compressed', 'compressed', key);
    const ann = await gate.token(null, { account: 'ann' });
    expect((await ask(gate, ann, 'uncompressed', { csr })).status).toBe(201);
    expect(codeOf(await ask(gate, ann, 'compressed', { csr: compressed }))).toBe('KEY_REFUSED');
  });

  test('a key that was revoked because it was compromised is refused for good, for its own app too', async () => {
    const keys = newKeys();
    const { owner, serial } = await certified('compromised', await csrFor('compromised', { keys }));
    const revocation = { reason: 'keyCompromise', note: 'stolen' };
    expect(
      (await sendJson(`${gate.url}/api/v1/certificates/${serial}/revocation`, 'POST', moderator, revocation)).status,
    ).toBe(200);
    for (const appId of ['compromised', 'uncompromised']) {
      expect(codeOf(await ask(gate, owner, appId, { csr: await csrFor(appId, { keys }) }))).toBe('KEY_REFUSED');
    }
  });

  test('a key whose private half was in an upload is refused, for whatever app; an unproven claim binds its own app alone', async () => {
    const [proven, claimed] = [newKeys(), newKeys()];
    const ann = await gate.token(null, { account: 'ann' });
    const taken = await asked(ann, 'exposed-app', { csr: await csrFor('exposed-app', { keys: proven }) });
    const other = await asked(ann, 'claimed-of', { csr: await csrFor('claimed-of', { keys: claimed }) });
    const accountOfAnn = await accountId('ann');
    await inTransaction(gate.gate.database, async (tx) => {
      const event = { kind: 'key-exposed', accountId: accountOfAnn, reason: '' } as const;
      const detail = { serial: '01', commonName: 'x', archive: 'x', submission: 'x', uploadedFor: 'x' };
      await appendAppEvent(tx, {
        ...event,
        appId: 'claimed-of',
        detail: { ...detail, key: taken.key.fingerprint, proven: 'yes' },
      });
      await appendAppEvent(tx, {
        ...event,
        appId: 'exposed-app',
        detail: { ...detail, key: other.key.fingerprint, proven: 'no' },
      });
    });
    // What became known after the request keeps it from being granted.
    expect(codeOf(await act(gate, moderator, taken.id, 'approval', { reason }))).toBe('KEY_REFUSED');
    expect((await act(gate, moderator, other.id, 'approval', { reason })).status).toBe(200);
  });

  test('a key that an outside certificate signed another app with is refused, and the app itself may have its own', async () => {
    for (const [path, contents] of Object.entries(gate.authority.files())) {
      await mkdir(dirname(join(gate.config.trustDir, path)), { recursive: true });
      await writeFile(join(gate.config.trustDir, path), contents);
    }
    const leaf = gate.authority.issue('signed-elsewhere', { keys: newKeys() });
    const archive = await signedApp(gate.authority, { id: 'signed-elsewhere', leaf });
    const owner = await gate.token(null, { account: 'outsider', scopes: ['upload', 'manage'] });
    expect((await upload(gate.url, owner, 'signed-elsewhere', archive)).status).toBe(201);
    const { keys } = leaf;
    expect(codeOf(await ask(gate, owner, 'signed-here', { csr: await csrFor('signed-here', { keys }) }))).toBe(
      'KEY_REFUSED',
    );
    const own = await ask(gate, owner, 'signed-elsewhere', { csr: await csrFor('signed-elsewhere', { keys }) });
    expect([own.status, own.body.purpose]).toEqual([201, 'new']);
  });

  test("the authority's own key is refused", async () => {
    const signer = await gate.gate.issuingKey.signer();
    if (signer === null) throw new Error('The gate has no issuing key');
    const token = await gate.token('authority-key');
    const csr = await csrFor('authority-key', { signer });
    expect(codeOf(await ask(gate, token, 'authority-key', { csr }))).toBe('KEY_REFUSED');
  });

  test('of two apps that come with one key at the same moment, one gets through', async () => {
    for (let round = 0; round < 10; round += 1) {
      const keys = newKeys();
      const tokens = await Promise.all(['ann', 'ben'].map((account) => gate.token(null, { account })));
      const answers = await Promise.all(
        tokens.map(async (token, index) => {
          const appId = `key-race-${round}-${index}`;
          return ask(gate, token, appId, { csr: await csrFor(appId, { keys }) });
        }),
      );
      expect(answers.map(codeOf).sort()).toEqual(['201', 'KEY_REFUSED']);
      const taken = answers.find(({ status }) => status === 201);
      await act(gate, moderator, taken?.body.id, 'decline', { reason });
    }
  });

  test('the same request many times at once is one request', async () => {
    const token = await gate.token('many-at-once');
    const csr = await csrFor('many-at-once');
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(gate, token, 'many-at-once', { csr })));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(7).fill(200), 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });
});

describe('how many may wait', () => {
  test('three for a free app id, ten for an own app, and twenty of an account, at once too', async () => {
    const { owner: token } = await certified('busy-one');
    const answersFor = async (appId: string, count: number): Promise<readonly string[]> => {
      const csrs = await Promise.all(Array.from({ length: count }, () => csrFor(appId)));
      return (await Promise.all(csrs.map((csr) => ask(gate, token, appId, { csr })))).map(codeOf).sort();
    };
    expect(await answersFor('busy-one', 12)).toEqual([
      ...Array<string>(10).fill('201'),
      'TOO_MANY_OPEN',
      'TOO_MANY_OPEN',
    ]);
    for (const appId of ['busy-two', 'busy-three', 'busy-four']) {
      expect(await answersFor(appId, 4)).toEqual([...Array<string>(3).fill('201'), 'TOO_MANY_OPEN']);
    }
    const [fifth, sixth] = await Promise.all(['busy-five', 'busy-six'].map((appId) => answersFor(appId, 1)));
    expect([fifth, sixth].flat().sort()).toEqual(['201', 'TOO_MANY_OPEN']);
    const { body } = await request(`${gate.url}/api/v1/apps/busy-one/signing-requests`, { token });
    expect((await act(gate, token, body.signingRequests[0].id, 'withdrawal')).status).toBe(200);
    expect(await answersFor('busy-one', 1)).toEqual(['201']);
  });
});

test('an account makes a hundred requests a day, however many it takes back; operators make as many as there are apps', async () => {
  const token = await gate.token(null, { account: 'restless' });
  await gate.gate.database.query(
    `INSERT INTO signing_requests (id, app_id, csr, public_key, key_kind, purpose, account_id, token_id, requested_at, state)
     SELECT gen_random_uuid(), 'busy-one', '', repeat('0', 64), 'none', 'new', accounts.id, gen_random_uuid(), $1, 'withdrawn'
     FROM accounts, generate_series(1, 100) WHERE accounts.name IN ('restless', 'operator')`,
    [gate.gate.now()],
  );
  const csr = await csrFor('restless-app');
  expect(codeOf(await ask(gate, token, 'restless-app', { csr }))).toBe('TOO_MANY_OPEN');
  expect(codeOf(await ask(gate, gate.operatorToken, 'restless-app', { csr }))).toBe('201');
});

describe('lost certificates', () => {
  test('are revoked when the new one is issued, and not before', async () => {
    const { owner, serial } = await certified('lost-one');
    const { id, lost, lostAll, purpose } = await asked(owner, 'lost-one', { purpose: 'lost' });
    expect([purpose, lost, lostAll]).toEqual(['lost', [], true]);
    const before = await request(`${gate.url}/api/v1/certificates/${serial}`);
    expect(before.body.status).toBe('valid');
    expect((await act(gate, moderator, id, 'approval', { reason })).status).toBe(200);
    const after = await request(`${gate.url}/api/v1/certificates/${serial}`);
    expect(after.body).toMatchObject({ status: 'revoked', revocationReason: 'superseded', invalidityDate: null });
  });

  test('that were in wrong hands are revoked as such, since the time that was said', async () => {
    const { owner, serial } = await certified('lost-two');
    const compromisedSince = new Date(Date.now() - 3_600_000).toISOString();
    const wish = { purpose: 'lost', lost: [serial.toLowerCase()], compromisedSince };
    const { id, lost, lostAll } = await asked(owner, 'lost-two', wish);
    expect([lost, lostAll]).toEqual([[serial], false]);
    expect((await act(gate, moderator, id, 'approval', { reason: 'x'.repeat(2_000) })).status).toBe(200);
    const { body } = await request(`${gate.url}/api/v1/certificates/${serial}`);
    expect(body).toMatchObject({
      status: 'revoked',
      revocationReason: 'keyCompromise',
      invalidityDate: compromisedSince,
    });
  });

  test('leave the others as they are where they are named', async () => {
    const { owner, serial } = await certified('lost-three');
    const { id } = await asked(owner, 'lost-three', { purpose: 'additional' });
    const { body: beside } = await act(gate, moderator, id, 'approval', { reason });
    const lost = await asked(owner, 'lost-three', { purpose: 'lost', lost: [serial] });
    expect((await act(gate, moderator, lost.id, 'approval', { reason })).status).toBe(200);
    const states = (await ledgerOf('lost-three')).map((row) => [
      row.serial === beside.certificate.serial,
      row.serial === serial,
      row.revokedAt !== null,
    ]);
    expect(states).toEqual([
      [false, false, false],
      [true, false, false],
      [false, true, true],
    ]);
  });

  test('are only certificates of the app that count', async () => {
    const { owner, serial } = await certified('lost-four');
    const { serial: foreign } = await certified('lost-five');
    const csr = await csrFor('lost-four');
    const future = new Date(Date.now() + 3_600_000).toISOString();
    const wishes = [
      { purpose: 'lost', lost: [foreign] },
      { purpose: 'lost', lost: ['00'] },
      { purpose: 'renewal', lost: [serial] },
      { lost: [serial] },
      { purpose: 'renewal', compromisedSince: '2026-01-01T00:00:00Z' },
      { purpose: 'lost', compromisedSince: future },
      { purpose: 'lost', compromisedSince: '0001-01-01T00:00:00Z' },
    ];
    for (const wish of wishes) {
      expect([wish, codeOf(await ask(gate, owner, 'lost-four', { csr, ...wish }))]).toEqual([wish, 'INVALID_REQUEST']);
    }
    const fresh = await gate.token('never-certified');
    const none = await ask(gate, fresh, 'never-certified', { csr: await csrFor('never-certified'), purpose: 'lost' });
    expect(codeOf(none)).toBe('INVALID_REQUEST');
  });

  test('don’t get a new certificate over the key that was in wrong hands', async () => {
    const keys = newKeys();
    const { owner } = await certified('lost-six', await csrFor('lost-six', { keys }));
    const compromisedSince = new Date(Date.now() - 1000).toISOString();
    const wish = { csr: await csrFor('lost-six', { keys }), purpose: 'lost', compromisedSince };
    expect(codeOf(await ask(gate, owner, 'lost-six', wish))).toBe('KEY_REFUSED');
  });
});

describe('what moderators and applicants say', () => {
  test('a question, an answer and a refusal stand in the record, and then nothing more happens', async () => {
    const applicant = await gate.token('talked-about');
    const { id } = await asked(applicant, 'talked-about');
    expect(codeOf(await act(gate, applicant, id, 'answer', { text: 'unasked' }))).toBe('INVALID_REQUEST');
    expect((await act(gate, moderator, id, 'question', { reason: 'who are you?' })).body.state).toBe('questioned');
    expect((await act(gate, applicant, id, 'answer', { text: 'me' })).body.state).toBe('pending');
    expect((await act(gate, moderator, id, 'decline', { reason: 'no' })).body.state).toBe('declined');
    const { body } = await read(applicant, id);
    expect(body.events.map(({ kind, account, text }: any) => [kind, account, text])).toEqual([
      ['requested', 'talked-about', ''],
      ['questioned', 'a moderator', 'who are you?'],
      ['answered', 'talked-about', 'me'],
      ['declined', 'a moderator', 'no'],
    ]);
    for (const what of ['approval', 'question', 'decline']) {
      expect(codeOf(await act(gate, moderator, id, what, { reason }))).toBe('REQUEST_DECIDED');
    }
    expect(codeOf(await act(gate, applicant, id, 'answer', { text: 'but' }))).toBe('REQUEST_DECIDED');
    for (const what of ['withdrawal', 'challenge', 'challenge/check']) {
      expect(codeOf(await act(gate, applicant, id, what))).toBe('REQUEST_DECIDED');
    }
    expect(await ledgerOf('talked-about')).toEqual([]);
  });

  test('a question needs no answer before the verdict', async () => {
    const { id } = await asked(await gate.token('asked-and-approved'), 'asked-and-approved');
    await act(gate, moderator, id, 'question', { reason: 'really?' });
    expect((await act(gate, moderator, id, 'approval', { reason })).status).toBe(200);
    expect(codeOf(await act(gate, moderator, id, 'approval', { reason }))).toBe('REQUEST_DECIDED');
  });

  test.each(['approval', 'question', 'decline'])('%s needs a reason', async (what) => {
    const { id } = await asked(await gate.token(`reason-${what}`), `reason-${what}`);
    for (const body of [{}, { reason: ' ' }, { reason: 'x'.repeat(2_001) }, { reason, serial: '01' }]) {
      expect(codeOf(await act(gate, moderator, id, what, body))).toBe('INVALID_REQUEST');
    }
  });
});

describe('a moderator’s own request', () => {
  test('is for others to grant, to refuse and to ask about, and an administrator’s is not', async () => {
    const judge = await gate.token(null, { account: 'judge', scopes: ['upload', 'manage', 'moderate'] });
    const { id } = await asked(judge, 'judges-app');
    const { owner } = await certified('co-judged');
    await setOwner('co-judged', 'judge', true);
    const { id: ofAnother } = await asked(owner, 'co-judged');
    for (const open of [id, ofAnother]) {
      for (const what of ['question', 'decline', 'approval']) {
        const answer = await act(gate, judge, open, what, { reason });
        expect([answer.status, answer.body.code]).toEqual([403, 'OWN_CASE']);
      }
      expect((await read(judge, open)).body.state).toBe('pending');
      expect((await act(gate, moderator, open, 'approval', { reason })).status).toBe(200);
    }
    expect(await ledgerOf('judges-app')).toHaveLength(1);
    const { id: operators } = await asked(gate.operatorToken, 'operators-app');
    expect((await act(gate, gate.operatorToken, operators, 'approval', { reason })).status).toBe(200);
  });
});

describe('who owns the app when it counts', () => {
  test('a request of somebody who does not own the app any more is not granted', async () => {
    const { owner } = await certified('sold-app');
    const { id } = await asked(owner, 'sold-app');
    await gate.token(null, { account: 'buyer' });
    await setOwner('sold-app', 'buyer', true);
    await setOwner('sold-app', 'owner-of-sold-app', false);
    expect(codeOf(await act(gate, moderator, id, 'approval', { reason }))).toBe('NOT_OWNER');
    expect((await read(moderator, id)).body.state).toBe('pending');
  });

  test('of two who ask for a free id the one that is granted has it, and the other may not any more', async () => {
    const [ann, ben] = await Promise.all(['ann', 'ben'].map((account) => gate.token(null, { account })));
    const requests = [await asked(ann ?? '', 'wanted-by-two'), await asked(ben ?? '', 'wanted-by-two')];
    const answers = await Promise.all(requests.map(({ id }) => act(gate, moderator, id, 'approval', { reason })));
    expect(answers.map(codeOf).sort()).toEqual(['200', 'NOT_OWNER']);
    expect((await ledgerOf('wanted-by-two')).filter((row) => row.revokedAt === null)).toHaveLength(1);
  });

  test('an id that was reserved meanwhile is not granted', async () => {
    const { id } = await asked(await gate.token('reserved-later'), 'reserved-later');
    const stricter = await startTestGate({
      replicaOf: gate,
      gate: { ...authorityOf(), reservedAppIds: new Set(['reserved-later']) },
    });
    try {
      expect(codeOf(await act(stricter, moderator, id, 'approval', { reason }))).toBe('APP_ID_RESERVED');
    } finally {
      await stricter.stop();
    }
  });

  test('a reserved id and somebody else’s app are for operators alone', async () => {
    const csr = await csrFor('core');
    expect(codeOf(await ask(gate, await gate.token(null, { account: 'ann' }), 'core', { csr }))).toBe(
      'APP_ID_RESERVED',
    );
    const taken = await ask(gate, gate.operatorToken, 'core', { csr });
    expect(taken.status).toBe(201);
    expect((await act(gate, moderator, taken.body.id, 'approval', { reason })).status).toBe(200);
    const owners = await request(`${gate.url}/api/v1/apps/core/owners`, { token: gate.operatorToken });
    expect(owners.body.owners).toEqual([]);

    await certified('somebodys');
    const ann = await gate.token(null, { account: 'ann', scopes: ['upload', 'manage'] });
    expect(codeOf(await ask(gate, ann, 'somebodys', { csr: await csrFor('somebodys') }))).toBe('NOT_OWNER');
    const byOperator = await ask(gate, gate.operatorToken, 'somebodys', { csr: await csrFor('somebodys') });
    expect((await act(gate, moderator, byOperator.body.id, 'approval', { reason })).status).toBe(200);
  });
});

/** The key and the address of the gate, for replicas, which have neither. */
function authorityOf() {
  const { issuingKey, baseUrl } = gate.gate;
  return { issuingKey, baseUrl };
}

/** A replica on which something happens whenever the authority's key is about to sign. */
async function replicaThat(beforeSigning: () => Promise<void>): Promise<TestGate> {
  return startTestGate({
    replicaOf: gate,
    gate: { ...authorityOf(), issuingKey: hookedKey(gate.gate, beforeSigning) },
  });
}

describe('what happens while the certificate is issued', () => {
  test('a second moderator, on this replica or another, gets no second certificate', async () => {
    for (let round = 0; round < 5; round += 1) {
      const appId = `two-moderators-${round}`;
      const { id } = await asked(await gate.token(appId), appId);
      const answers = await Promise.all([1, 2, 3].map(() => act(gate, moderator, id, 'approval', { reason })));
      expect(answers.map(codeOf).sort()).toEqual(['200', 'REQUEST_DECIDED', 'REQUEST_DECIDED']);
      expect(await ledgerOf(appId)).toHaveLength(1);
    }
    const { id } = await asked(await gate.token('two-replicas'), 'two-replicas');
    let second: ApiAnswer | null = null;
    const replica = await replicaThat(async () => {
      second ??= await act(gate, moderator, id, 'approval', { reason });
    });
    try {
      expect((await act(replica, moderator, id, 'approval', { reason })).status).toBe(200);
      expect(second && codeOf(second)).toBe('REQUEST_DECIDED');
      expect(await ledgerOf('two-replicas')).toHaveLength(1);
    } finally {
      await replica.stop();
    }
  });

  const changes: readonly (readonly [string, string, (id: string, appId: string) => Promise<unknown>])[] = [
    [
      'the applicant takes it back',
      'REQUEST_DECIDED',
      async (id, appId) => act(gate, await gate.token(appId), id, 'withdrawal'),
    ],
    ['another moderator declines', 'REQUEST_DECIDED', (id) => act(gate, moderator, id, 'decline', { reason })],
    [
      'the app gets another owner',
      'NOT_OWNER',
      async (_id, appId) => {
        await gate.token(null, { account: 'buyer' });
        await setOwner(appId, 'buyer', true);
      },
    ],
    [
      'the moderator’s token is revoked',
      'UNAUTHENTICATED',
      () =>
        gate.gate.database.query(
          "UPDATE tokens SET revoked_at = now() WHERE label = 'test' AND 'moderate' = ANY (scopes) AND account_id = (SELECT id FROM accounts WHERE name = 'hasty')",
        ),
    ],
  ];
  test.each(changes)('where %s, no certificate comes of it', async (what, code, change) => {
    const appId = `meanwhile-${changes.findIndex(([name]) => name === what)}`;
    const hasty = await gate.token(null, { account: 'hasty', scopes: ['moderate'] });
    const { id } = await asked(await gate.token(appId), appId);
    const replica = await replicaThat(async () => {
      await change(id, appId);
    });
    try {
      expect(codeOf(await act(replica, hasty, id, 'approval', { reason }))).toBe(code);
    } finally {
      await replica.stop();
    }
    const ledger = await ledgerOf(appId);
    expect(ledger.map(({ issuedAt, revokedAt }) => [issuedAt, revokedAt !== null])).toEqual([[null, true]]);
    expect((await findSigningRequest(gate.gate.database, id))?.serial).toBeNull();
  });

  test('where the key turns out to be compromised, no certificate comes of it', async () => {
    const keys = newKeys();
    const csr = await csrFor('compromised-meanwhile', { keys });
    const { owner, serial } = await certified('compromised-meanwhile', csr);
    const { id } = await asked(owner, 'compromised-meanwhile', { csr });
    const replica = await replicaThat(async () => {
      const revocation = { reason: 'keyCompromise', note: 'stolen' };
      await sendJson(`${gate.url}/api/v1/certificates/${serial}/revocation`, 'POST', moderator, revocation);
    });
    try {
      expect(codeOf(await act(replica, moderator, id, 'approval', { reason }))).toBe('KEY_REFUSED');
    } finally {
      await replica.stop();
    }
    expect((await ledgerOf('compromised-meanwhile')).filter(({ revokedAt }) => revokedAt === null)).toEqual([]);
  });

  test('a key that fails leaves the request open and the intent in the ledger; then it is granted', async () => {
    const { id } = await asked(await gate.token('failing-key'), 'failing-key');
    const replica = await replicaThat(() => Promise.reject(new Error('the key service is on fire')));
    try {
      const answer = await act(replica, moderator, id, 'approval', { reason });
      expect([answer.status, answer.body.code]).toEqual([503, 'ISSUER_UNAVAILABLE']);
      expect(JSON.stringify(answer.body)).not.toContain('fire');
    } finally {
      await replica.stop();
    }
    expect((await read(moderator, id)).body.state).toBe('pending');
    expect((await ledgerOf('failing-key')).map(({ requestId, issuedAt }) => [requestId, issuedAt])).toEqual([
      [id, null],
    ]);
    expect((await act(gate, moderator, id, 'approval', { reason })).status).toBe(200);
    expect((await ledgerOf('failing-key')).filter(({ issuedAt }) => issuedAt !== null)).toHaveLength(1);
  });

  test('an intent of a gate that crashed stands in the way for a minute only', async () => {
    const asking = await asked(await gate.token('crashed'), 'crashed');
    const issuerKey = (await ledgerOf('failing-key'))[0]?.issuerKey ?? '';
    const operator = await accountId('operator');
    await inTransaction(gate.gate.database, async (tx) => {
      const change = await beginAuthorityChange(tx);
      await insertIntendedCertificate(tx, change, {
        serial: `01${'AB'.repeat(16)}`,
        issuerKey,
        appId: 'crashed',
        publicKey: asking.key.fingerprint,
        requestId: asking.id,
        contact: null,
        intendedAt: gate.gate.now(),
        accountId: operator,
      });
    });
    expect(codeOf(await act(gate, moderator, asking.id, 'approval', { reason }))).toBe('REQUEST_DECIDED');
    const later = await startTestGate({
      replicaOf: gate,
      gate: { ...authorityOf(), now: () => new Date(Date.now() + 61_000) },
    });
    try {
      expect((await act(later, moderator, asking.id, 'approval', { reason })).status).toBe(200);
    } finally {
      await later.stop();
    }
    const intents = (await ledgerOf('crashed')).filter(({ issuedAt }) => issuedAt === null);
    expect(intents.map(({ serial }) => serial)).toEqual([`01${'AB'.repeat(16)}`]);
  });
});

describe('renewal by owners', () => {
  let renewing: TestGate;
  beforeAll(async () => {
    renewing = await startTestGate({ replicaOf: gate, gate: { ...authorityOf(), selfRenewal: true } });
  });
  afterAll(async () => {
    await renewing.stop();
  });

  test('is granted at once to a token that manages the app, where the store allows it', async () => {
    const { owner, serial } = await certified('renewed');
    const { status, body } = await ask(renewing, owner, 'renewed', { csr: await csrFor('renewed') });
    expect([status, body.state]).toEqual([201, 'approved']);
    expect(body.certificate.leaf).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(body.certificate.serial).not.toBe(serial);
    expect(body.signCommand).toBe('portcullis sign --path renewed --key renewed.key --cert renewed.crt');
    expect(body.events.map(({ kind, account }: any) => [kind, account])).toEqual([
      ['requested', 'owner-of-renewed'],
      ['approved', 'portcullis'],
    ]);
    // The earlier one stays: it signs until the new one is in place.
    expect((await request(`${gate.url}/api/v1/certificates/${serial}`)).body.status).toBe('valid');
  });

  const waiting: readonly (readonly [
    string,
    (appId: string) => Promise<readonly [string, Record<string, unknown>]>,
  ])[] = [
    [
      'a token that may only upload',
      async (appId) => [await gate.token(null, { account: (await certified(appId), `owner-of-${appId}`) }), {}],
    ],
    ['an additional certificate', async (appId) => [(await certified(appId)).owner, { purpose: 'additional' }]],
    ['a lost certificate', async (appId) => [(await certified(appId)).owner, { purpose: 'lost' }]],
    [
      'an app without a certificate',
      async (appId) => {
        const token = await gate.token(null, { account: 'ann', scopes: ['upload', 'manage'] });
        await asked(token, appId);
        await setOwner(appId, 'ann', true);
        return [token, { purpose: 'renewal' }];
      },
    ],
    [
      'an app whose certificates are revoked',
      async (appId) => {
        const { owner, serial } = await certified(appId);
        await sendJson(`${gate.url}/api/v1/certificates/${serial}/revocation`, 'POST', moderator, {
          reason: 'superseded',
          note: 'x',
        });
        return [owner, { purpose: 'renewal' }];
      },
    ],
    ['an operator who does not own the app', async (appId) => (await certified(appId), [gate.operatorToken, {}])],
  ];
  test.each(waiting)('waits for a moderator: %s', async (what, prepare) => {
    const appId = `waiting-${waiting.findIndex(([name]) => name === what)}`;
    const [token, wish] = await prepare(appId);
    const { status, body } = await ask(renewing, token, appId, { csr: await csrFor(appId), ...wish });
    expect([status, body.state, body.certificate]).toEqual([201, 'pending', null]);
  });

  test('is not granted where the store does not allow it', async () => {
    const { owner } = await certified('not-renewed');
    expect((await asked(owner, 'not-renewed')).state).toBe('pending');
  });

  test('is not granted once the certificate that it renews is revoked, be it while the key signs', async () => {
    const { owner, serial } = await certified('revoked-meanwhile');
    const revoke = async (): Promise<void> => {
      const url = `${gate.url}/api/v1/certificates/${serial}/revocation`;
      expect((await sendJson(url, 'POST', moderator, { reason: 'superseded', note: 'x' })).status).toBe(200);
    };
    const replica = await startTestGate({
      replicaOf: gate,
      gate: { ...authorityOf(), selfRenewal: true, issuingKey: hookedKey(gate.gate, revoke) },
    });
    try {
      const { body } = await ask(replica, owner, 'revoked-meanwhile', { csr: await csrFor('revoked-meanwhile') });
      expect([body.state, body.certificate]).toEqual(['pending', null]);
      expect((await ledgerOf('revoked-meanwhile')).filter(({ revokedAt }) => revokedAt === null)).toEqual([]);
    } finally {
      await replica.stop();
    }
  });

  test('past a question of a moderator is not granted by asking again', async () => {
    const { owner } = await certified('questioned-renewal');
    const csr = await csrFor('questioned-renewal');
    const { id } = await asked(owner, 'questioned-renewal', { csr });
    await act(gate, moderator, id, 'question', { reason: 'why?' });
    const { status, body } = await ask(renewing, owner, 'questioned-renewal', { csr });
    expect([status, body.state]).toEqual([200, 'questioned']);
  });

  test('that fails waits, and is granted when it is asked for again', async () => {
    const { owner } = await certified('renewed-later');
    const csr = await csrFor('renewed-later');
    const failing = await startTestGate({
      replicaOf: gate,
      gate: {
        ...authorityOf(),
        selfRenewal: true,
        issuingKey: hookedKey(gate.gate, () => Promise.reject(new Error('no'))),
      },
    });
    try {
      const first = await ask(failing, owner, 'renewed-later', { csr });
      expect([first.status, first.body.state]).toEqual([201, 'pending']);
      const second = await ask(renewing, owner, 'renewed-later', { csr });
      expect([second.status, second.body.state, second.body.id]).toEqual([200, 'approved', first.body.id]);
    } finally {
      await failing.stop();
    }
  });

  test('with ten certificates that count somebody looks at it', async () => {
    const { owner } = await certified('renewing-much');
    const states: string[] = [];
    for (let count = 0; count < 10; count += 1) {
      const { body } = await ask(renewing, owner, 'renewing-much', { csr: await csrFor('renewing-much') });
      states.push(body.state as string);
    }
    expect(states).toEqual([...Array<string>(9).fill('approved'), 'pending']);
  });
});

describe('who may see and do what', () => {
  test('a request is there for its applicant, the owners and moderators, and for nobody else', async () => {
    const { owner } = await certified('private-requests');
    const { id } = await asked(owner, 'private-requests');
    const upload = await gate.token(null, { account: 'owner-of-private-requests' });
    const elsewhere = await gate.token(['other-app'], {
      account: 'owner-of-private-requests',
      scopes: ['upload', 'manage'],
    });
    const stranger = await gate.token(null, { account: 'stranger', scopes: ['upload', 'manage'] });
    for (const token of [owner, upload, moderator, gate.operatorToken])
      expect((await read(token, id)).status).toBe(200);
    for (const token of [elsewhere, stranger]) {
      expect(codeOf(await read(token, id))).toBe('NOT_FOUND');
      for (const what of ['withdrawal', 'challenge', 'challenge/check']) {
        expect(codeOf(await act(gate, token, id, what))).toBe('NOT_FOUND');
      }
    }
    const list = (token: string) => request(`${gate.url}/api/v1/apps/private-requests/signing-requests`, { token });
    expect((await list(owner)).body.signingRequests).toHaveLength(2);
    expect((await list(moderator)).body.signingRequests).toHaveLength(2);
    expect((await list(stranger)).body.signingRequests).toEqual([]);
    expect(codeOf(await list(elsewhere))).toBe('SCOPE_INSUFFICIENT');
    expect((await request(`${gate.url}/api/v1/signing-requests/${id}`)).status).toBe(401);
  });

  test('another owner reads a request, and does not act on it', async () => {
    const { owner } = await certified('co-owned');
    const { id } = await asked(owner, 'co-owned');
    const partner = await gate.token(null, { account: 'partner', scopes: ['upload', 'manage'] });
    await setOwner('co-owned', 'partner', true);
    expect((await act(gate, owner, id, 'challenge', { declaredUrl: 'https://example.org/co-owned' })).status).toBe(201);
    const { body } = await read(partner, id);
    expect([body.challenges[0].value, body.challenges[0].text]).toEqual([null, null]);
    for (const what of ['withdrawal', 'challenge', 'challenge/check']) {
      expect(codeOf(await act(gate, partner, id, what))).toBe('NOT_OWNER');
    }
    expect(codeOf(await act(gate, partner, id, 'answer', { text: 'x' }))).toBe('NOT_OWNER');
  });

  const unknown = '00000000-0000-4000-8000-000000000000';
  test('ids that are none are not found, or no ids at all', async () => {
    for (const what of ['approval', 'question', 'decline']) {
      expect(codeOf(await act(gate, moderator, unknown, what, { reason }))).toBe('NOT_FOUND');
      expect(codeOf(await act(gate, moderator, 'x', what, { reason }))).toBe('INVALID_REQUEST');
    }
    for (const what of ['withdrawal', 'challenge', 'challenge/check']) {
      expect(codeOf(await act(gate, moderator, unknown, what))).toBe('NOT_FOUND');
    }
    expect(codeOf(await act(gate, moderator, unknown, 'answer', { text: 'x' }))).toBe('NOT_FOUND');
    expect(codeOf(await read(moderator, unknown))).toBe('NOT_FOUND');
    expect(codeOf(await request(`${gate.url}/api/v1/apps/A/signing-requests`, { token: moderator }))).toBe(
      'APP_ID_INVALID',
    );
    expect(codeOf(await ask(gate, gate.operatorToken, 'A', { csr: await csrFor('A') }))).toBe('APP_ID_INVALID');
  });

  /** What each scope of the applicant's own account may do: the code of the answer. */
  const scopeTable = {
    upload: {
      ask: '201',
      read: '200',
      list: '200',
      queue: 'SCOPE_INSUFFICIENT',
      verdict: 'SCOPE_INSUFFICIENT',
      act: '200',
    },
    manage: {
      ask: '201',
      read: '200',
      list: '200',
      queue: 'SCOPE_INSUFFICIENT',
      verdict: 'SCOPE_INSUFFICIENT',
      act: '200',
    },
    moderate: {
      ask: 'SCOPE_INSUFFICIENT',
      read: '200',
      list: '200',
      queue: '200',
      // It is their own request.
      verdict: 'OWN_CASE',
      act: 'SCOPE_INSUFFICIENT',
    },
    operate: { ask: '201', read: '200', list: '200', queue: '200', verdict: '200', act: '200' },
  } as const;
  test.each(Object.entries(scopeTable))('what a token with the scope %s may do', async (scope, may) => {
    const appId = `scope-${scope}`;
    const account = `scoped-${scope}`;
    const token = await gate.token(null, { account, scopes: [scope as keyof typeof scopeTable] });
    const uploader = await gate.token(null, { account });
    const own = async (): Promise<string> => (await asked(uploader, appId)).id as string;
    expect(codeOf(await ask(gate, token, appId, { csr: await csrFor(appId) }))).toBe(may.ask);
    const id = await own();
    expect(codeOf(await read(token, id))).toBe(may.read);
    expect(codeOf(await request(`${gate.url}/api/v1/apps/${appId}/signing-requests`, { token }))).toBe(may.list);
    expect(codeOf(await request(`${gate.url}/api/v1/signing-requests`, { token }))).toBe(may.queue);
    expect(codeOf(await act(gate, token, id, 'question', { reason }))).toBe(may.verdict);
    if (may.verdict !== '200') await act(gate, moderator, id, 'question', { reason });
    expect(codeOf(await act(gate, token, id, 'answer', { text: 'x' }))).toBe(may.act);
    const challenge = codeOf(await act(gate, token, id, 'challenge', { declaredUrl: 'https://example.org/x' }));
    expect(challenge).toBe(may.act === '200' ? '201' : may.act);
    expect(codeOf(await act(gate, token, id, 'withdrawal'))).toBe(may.act);
    expect(codeOf(await act(gate, token, await own(), 'decline', { reason }))).toBe(may.verdict);
    expect(codeOf(await act(gate, token, await own(), 'approval', { reason }))).toBe(may.verdict);
  });

  test('the queue comes by pages, the oldest first, and by states', async () => {
    const requests: string[] = [];
    for (const n of [1, 2, 3]) requests.push((await asked(await gate.token(`queued-${n}`), `queued-${n}`)).id);
    await act(gate, moderator, requests[1] ?? '', 'question', { reason });
    const all = async (query: string): Promise<readonly string[]> => {
      const ids: string[] = [];
      for (let next: string | null = ''; next !== null;) {
        const after = next === '' ? '' : `&after=${next}`;
        const { status, body } = await request(`${gate.url}/api/v1/signing-requests?limit=7&${query}${after}`, {
          token: moderator,
        });
        expect(status).toBe(200);
        ids.push(...body.signingRequests.map(({ id }: any) => id));
        next = body.next;
      }
      expect(new Set(ids).size).toBe(ids.length);
      return ids;
    };
    const ours = (ids: readonly string[]) => ids.filter((id) => requests.includes(id));
    expect(ours(await all('state=open'))).toEqual(requests);
    expect(ours(await all(''))).toEqual(requests);
    expect(ours(await all('state=questioned'))).toEqual([requests[1]]);
    expect(ours(await all('state=approved'))).toEqual([]);
    for (const query of ['state=all', 'limit=0', 'limit=101', 'after=x']) {
      expect(codeOf(await request(`${gate.url}/api/v1/signing-requests?${query}`, { token: moderator }))).toBe(
        'INVALID_REQUEST',
      );
    }
  });

  test("an app's requests come by pages, the newest first", async () => {
    const token = await gate.token('paged');
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.unshift((await asked(token, 'paged')).id);
    const url = `${gate.url}/api/v1/apps/paged/signing-requests?limit=2`;
    const first = await request(url, { token });
    const second = await request(`${url}&after=${first.body.next}`, { token });
    const listed = [...first.body.signingRequests, ...second.body.signingRequests].map(({ id }: any) => id);
    expect([listed, second.body.next]).toEqual([ids, null]);
  });
});
