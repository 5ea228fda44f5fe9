import { randomBytes } from 'node:crypto';
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { adoptAuthority } from '../../src/authority/adopt-authority.js';
import { openAuthority, readDescription } from '../../src/authority/authority-folder.js';
import { createAuthority } from '../../src/authority/create-authority.js';
import { handOverLedger } from '../../src/authority/file-ledger.js';
import { createIssuingKeySource } from '../../src/authority/issuing-key.js';
import { issueLeaf } from '../../src/authority/issue-leaf.js';
import { revokeLeaf } from '../../src/authority/revoke-leaf.js';
import { appendToLedger, readLedger, type LedgerEvent } from '../../src/authority/ledger.js';
import { renewIntermediate } from '../../src/authority/renew-intermediate.js';
import { openRootFolder, signRootList } from '../../src/authority/root-folder.js';
import { readStoreAuthority } from '../../src/authority/store-authority.js';
import { openGate, type OpenGate } from '../../src/compose.js';
import { readConfig, type Config } from '../../src/config.js';
import { findCertificate } from '../../src/database/certificates.js';
import { listNewestRevocationLists } from '../../src/database/revocation-lists.js';
import type { Certificate } from '../../src/pki/certificate.js';
import { askLedger } from '../../src/pki/issuer-ledger.js';
import { generateKeyPair } from '../../src/pki/keys.js';
import { keySigner, type Signer } from '../../src/pki/signer.js';
import { parseRevocationList } from '../../src/pki/revocation-list.js';
import { issueSigner } from '../support/store-signer.js';
import { createTestDatabase } from '../support/test-database.js';

/** A data folder and a database, before any gate has been started on them. */
interface Store {
  readonly config: Config;
  open(changes?: NodeJS.ProcessEnv): Promise<OpenGate>;
  remove(): Promise<void>;
}

const log = pino({ level: 'silent' });
const stores: Store[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.remove();
});

async function newStore(database?: string): Promise<Store> {
  const dataDir = await mkdtemp(join(tmpdir(), 'portcullis-adopt-'));
  const own = database === undefined ? await createTestDatabase() : null;
  const environment = { DATA_DIR: dataDir, DATABASE_URL: database ?? own?.connectionString };
  const opened: OpenGate[] = [];
  const store: Store = {
    config: readConfig(environment, dataDir),
    async open(changes = {}) {
      const gate = await openGate(readConfig({ ...environment, ...changes }, dataDir), log);
      opened.push(gate);
      return gate;
    },
    async remove() {
      for (const gate of opened.splice(0)) await gate.close();
      await own?.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  stores.push(store);
  return store;
}

/** An authority as `ca init` makes it before there is a store, with two certificates, the second revoked. */
async function makeFolder({ config }: Store): Promise<readonly [Certificate, Certificate]> {
  await makeAuthority(config);
  const authority = await openAuthority(config.authorityDir);
  const keys = createIssuingKeySource(config);
  const issue = async (): Promise<Certificate> => {
    const { publicKey } = await generateKeyPair();
    return issueLeaf(authority, keys, { appId: 'calendar', publicKey, days: null, now: new Date(), randomBytes });
  };
  const certificates = [await issue(), await issue()] as const;
  // The worst that was said of it counts.
  for (const reason of ['superseded', 'keyCompromise', 'unspecified'] as const) {
    await revokeLeaf(authority, keys, certificates[1].serial, reason, new Date());
  }
  return certificates;
}

async function makeAuthority(config: Config, developersSigner: Signer | null = null): Promise<void> {
  await createAuthority({
    folder: config.authorityDir,
    trustFolder: config.trustDir,
    name: 'Before',
    keyKind: 'ec-p384',
    passphrase: config.authorityPassphrase,
    developersSigner,
    baseUrl: null,
    now: new Date(),
    randomBytes,
  });
}

test('an authority in the folder becomes the store’s with all that it issued and revoked', async () => {
  const store = await newStore();
  const [good, revoked] = await makeFolder(store);
  const { gate } = await store.open();
  expect((await readStoreAuthority(gate.database))?.root.subject).toBe('CN=Before Root');
  expect(await findCertificate(gate.database, good.serial)).toMatchObject({
    fingerprint: good.fingerprint,
    publicKey: good.publicKeyFingerprint,
    revokedAt: null,
  });
  expect(await findCertificate(gate.database, revoked.serial)).toMatchObject({ revocationReason: 'keyCompromise' });
  const [ledger] = (await gate.trust.current()).ledgers;
  if (ledger === undefined) throw new Error('There is no ledger');
  expect([askLedger(good, ledger).status, askLedger(revoked, ledger).status]).toEqual(['known', 'revoked']);
  const developers = (await listNewestRevocationLists(gate.database)).find(({ tier }) => tier === 'developers');
  expect(parseRevocationList(developers?.der ?? Buffer.alloc(0)).revoked.has(revoked.serial)).toBe(true);
});

test('what is in the folder counts no more once it is adopted, and a second start changes nothing', async () => {
  const store = await newStore();
  await makeFolder(store);
  await store.open();
  const ledger = await readFile(join(store.config.authorityDir, 'ledger.jsonl'), 'utf8');
  const authority = await openAuthority(store.config.authorityDir);
  expect(authority.ledger).toBe('store');
  const keys = createIssuingKeySource(store.config);
  const { publicKey } = await generateKeyPair();
  const leaf = { appId: 'calendar', publicKey, days: null, now: new Date(), randomBytes };
  await expect(issueLeaf(authority, keys, leaf)).rejects.toThrow(/database/);
  await store.open();
  expect(await readFile(join(store.config.authorityDir, 'ledger.jsonl'), 'utf8')).toBe(ledger);
});

test('a start that died between the database and the folder is made good by the next', async () => {
  const store = await newStore();
  const [good, revoked] = await makeFolder(store);
  const before = await readFile(join(store.config.authorityDir, 'authority.json'));
  await store.open();
  await writeFile(join(store.config.authorityDir, 'authority.json'), before);
  const { gate } = await store.open();
  expect((await openAuthority(store.config.authorityDir)).ledger).toBe('store');
  expect((await findCertificate(gate.database, good.serial))?.revokedAt).toBeNull();
  expect((await findCertificate(gate.database, revoked.serial))?.revokedAt).not.toBeNull();
});

test('an authority whose ledger is in another database stops the start', async () => {
  const store = await newStore();
  await makeFolder(store);
  await store.open();
  const other = await newStore();
  await cp(store.config.authorityDir, other.config.authorityDir, { recursive: true });
  await cp(store.config.trustDir, other.config.trustDir, { recursive: true });
  await expect(other.open()).rejects.toThrow(/another database/);
});

test('a folder with another authority than the store’s stops the start', async () => {
  const store = await newStore();
  const { connectionString, drop } = await createTestDatabase();
  try {
    const first = await newStore(connectionString);
    await first.open();
    await makeFolder(store);
    const second = await newStore(connectionString);
    await cp(store.config.authorityDir, second.config.authorityDir, { recursive: true });
    await expect(second.open()).rejects.toThrow(/another authority/);
    await first.remove();
  } finally {
    await drop();
  }
});

test('two first starts at once make one authority, and both go by it', async () => {
  const { connectionString, drop } = await createTestDatabase();
  const [one, two] = [await newStore(connectionString), await newStore(connectionString)];
  try {
    const gates = await Promise.all([one.open(), two.open()]);
    const trusts = await Promise.all(gates.map(({ gate }) => gate.trust.current()));
    const [first, second] = trusts.map(({ roots }) => roots.map(({ certificate }) => certificate.fingerprint));
    expect(first).toHaveLength(1);
    expect(second).toEqual(first);
    await one.remove();
    await two.remove();
  } finally {
    await drop();
  }
});

test('an operator who chose whom to trust gets no authority', async () => {
  const store = await newStore();
  const other = await newStore();
  await makeFolder(other);
  const { gate } = await store.open({ TRUST_DIR: other.config.trustDir });
  expect(await readStoreAuthority(gate.database)).toBeNull();
  expect((await gate.trust.current()).ledgers).toEqual([]);
});

test('what the root signs in the folder is taken over, and nothing is issued under a certificate that it revoked', async () => {
  const store = await newStore();
  await makeFolder(store);
  const { gate, tend } = await store.open();
  await issueSigner(gate, 'calendar');
  const folder = await openRootFolder(store.config.authorityDir);
  const signer = await createIssuingKeySource(store.config).root();
  if (signer === null) throw new Error('The root has no key');
  const revoke = { serial: folder.developers.serial, reason: 'cACompromise' } as const;
  await signRootList(folder, { certificate: folder.root, signer }, new Date(), revoke);
  await tend();
  await expect(issueSigner(gate, 'calendar')).rejects.toMatchObject({ code: 'ISSUER_UNAVAILABLE' });
});

test('a list of the root that forgets what it revoked is not taken over', async () => {
  const store = await newStore();
  await makeFolder(store);
  const before = await readFile(join(store.config.authorityDir, 'root.crl'));
  const { gate, tend } = await store.open();
  const folder = await openRootFolder(store.config.authorityDir);
  const signer = await createIssuingKeySource(store.config).root();
  if (signer === null) throw new Error('The root has no key');
  const authority = { certificate: folder.root, signer };
  const revoke = { serial: folder.developers.serial, reason: 'cACompromise' } as const;
  await signRootList(folder, authority, new Date(), revoke);
  await tend();
  // Another copy of the folder, which knows nothing of it.
  await writeFile(join(store.config.authorityDir, 'root.crl'), before);
  await writeFile(join(store.config.authorityDir, 'ledger.jsonl'), '');
  // Its number is higher all the same.
  for (let round = 0; round < 5; round++) await signRootList(folder, authority, new Date(), null);
  await tend();
  const newest = (await listNewestRevocationLists(gate.database)).find(({ tier }) => tier === 'root');
  expect(parseRevocationList(newest?.der ?? Buffer.alloc(0)).revoked.has(folder.developers.serial)).toBe(true);
});

describe('a folder in which lies', () => {
  const foreign = [
    ['the developers’ certificate of another authority', 'developers.crt'],
    ['the root’s certificate of another authority', 'root.crt'],
    ['the root’s list of another authority', 'root.crl'],
    ['the developers’ list of another authority', 'developers.crl'],
  ] as const;

  test.each(foreign)('%s stops the start', async (_what, file) => {
    const [store, other] = [await newStore(), await newStore()];
    await makeFolder(store);
    await makeFolder(other);
    await cp(join(other.config.authorityDir, file), join(store.config.authorityDir, file));
    await expect(store.open()).rejects.toMatchObject({ name: 'AuthorityError' });
    expect((await openAuthority(store.config.authorityDir)).ledger).toBe('file');
  });

  test('no root but a developers’ certificate in its place stops the start', async () => {
    const store = await newStore();
    await makeFolder(store);
    const place = (name: string): string => join(store.config.authorityDir, name);
    await cp(place('developers.crt'), place('root.crt'));
    await expect(store.open()).rejects.toMatchObject({ name: 'AuthorityError' });
  });

  test('the list of a developers’ key that another took the place of is adopted without that list', async () => {
    const { config } = await newStore();
    const { database, drop } = await createTestDatabase();
    try {
      await makeAuthority(config, keySigner((await generateKeyPair()).privateKey));
      const signer = await createIssuingKeySource(config).root();
      if (signer === null) throw new Error('The root has no key');
      const rootFolder = await openRootFolder(config.authorityDir);
      const { publicKey } = await generateKeyPair();
      const root = { certificate: rootFolder.root, signer };
      await renewIntermediate(rootFolder, root, { publicKey, now: new Date(), randomBytes });
      const folder = await openAuthority(config.authorityDir);
      expect(folder.certificates.developers.serial).not.toBe(rootFolder.developers.serial);
      await handOverLedger(folder, async (events) => adoptAuthority(database, folder, events, new Date()));
      expect((await listNewestRevocationLists(database)).map(({ tier }) => tier)).toEqual(['root']);
    } finally {
      await drop();
    }
  });
});

describe('while a ledger is handed over', () => {
  test('a revocation that gets into the file is taken too', async () => {
    const store = await newStore();
    const [good] = await makeFolder(store);
    const { database, drop } = await createTestDatabase();
    try {
      const folder = await openAuthority(store.config.authorityDir);
      let times = 0;
      await handOverLedger(folder, async (events) => {
        await adoptAuthority(database, folder, events, new Date());
        times += 1;
        // As a program does that had the lock before, and does not know that it lost it.
        if (times === 1) await appendToLedger(join(folder.folder, 'ledger.jsonl'), revocationOf(good.serial));
      });
      expect(await findCertificate(database, good.serial)).toMatchObject({ revocationReason: 'keyCompromise' });
      expect((await openAuthority(folder.folder)).ledger).toBe('store');
    } finally {
      await drop();
    }
  });

  test('it stays in the file where the lock on it was lost', async () => {
    const store = await newStore();
    await makeFolder(store);
    const folder = await openAuthority(store.config.authorityDir);
    const lock = join(folder.folder, 'lock');
    const losing = handOverLedger(folder, async () => {
      await rm(lock);
      await writeFile(lock, 'another one');
    });
    await expect(losing).rejects.toMatchObject({ name: 'AuthorityError' });
    expect((await openAuthority(folder.folder)).ledger).toBe('file');
    await rm(lock);
  });
});

test('what is in the database already is brought up to date, and what it says beyond the file stays', async () => {
  const store = await newStore();
  const [good, revoked] = await makeFolder(store);
  const { database, drop } = await createTestDatabase();
  try {
    const folder = await openAuthority(store.config.authorityDir);
    const events = await readLedger(join(folder.folder, 'ledger.jsonl'));
    const adopt = async (known: readonly LedgerEvent[]): Promise<void> =>
      adoptAuthority(database, folder, known, new Date());
    // A start that died when the second certificate was intended only.
    await adopt(events.filter(({ event, serial }) => serial !== revoked.serial || event === 'intended'));
    expect(await findCertificate(database, revoked.serial)).toMatchObject({ issuedAt: null, revokedAt: null });
    await adopt([...events, revocationOf(good.serial)]);
    const first = await findCertificate(database, good.serial);
    expect(first).toMatchObject({ fingerprint: good.fingerprint, revocationReason: 'keyCompromise' });
    expect(await findCertificate(database, revoked.serial)).toMatchObject({
      fingerprint: revoked.fingerprint,
      revocationReason: 'keyCompromise',
    });
    await adopt(events);
    expect(await findCertificate(database, good.serial)).toEqual(first);
  } finally {
    await drop();
  }
});

test('of a ledger that is longer than a statement takes nothing is lost', async () => {
  const store = await newStore();
  const [good] = await makeFolder(store);
  const count = 12_000;
  const at = new Date().toISOString();
  const lines = Array.from({ length: count }, (_, index): readonly LedgerEvent[] => {
    const hex = index.toString(16).toUpperCase().padStart(32, '0');
    const [serial, fingerprint] = [`02${hex}`, hex.toLowerCase().padStart(64, 'f')];
    return [
      { event: 'intended', at, serial, appId: `app-${index % 500}`, publicKeyFingerprint: fingerprint },
      { event: 'issued', at, serial, fingerprint, notAfter: '2046-01-01T00:00:00.000Z' },
      ...(index % 10 === 0 ? [{ event: 'revoked', at, serial, reason: 'superseded' } as const] : []),
    ];
  });
  const text = lines.flat().map((line) => `${JSON.stringify(line)}\n`);
  await appendFile(join(store.config.authorityDir, 'ledger.jsonl'), text.join(''));
  const { gate } = await store.open();
  const { rows } = await gate.database.query<Record<string, number>>(
    `SELECT count(*)::int AS all, count(issued_at)::int AS issued, count(revoked_at)::int AS revoked,
       count(DISTINCT app_id)::int AS apps FROM certificates`,
  );
  expect(rows).toEqual([{ all: count + 2, issued: count + 2, revoked: count / 10 + 1, apps: 501 }]);
  expect((await findCertificate(gate.database, good.serial))?.revokedAt).toBeNull();
});

test('the description of an adopted folder has a number of its own, which earlier versions refuse', async () => {
  const store = await newStore();
  await makeFolder(store);
  const file = join(store.config.authorityDir, 'authority.json');
  const said = async (): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  expect(await said()).toMatchObject({ schema: 1, ledger: 'file' });
  await store.open();
  const adopted = await said();
  expect(adopted).toMatchObject({ schema: 2, ledger: 'store' });
  await expect(readDescription(store.config.authorityDir)).resolves.toMatchObject({ ledger: 'store' });
  // Somebody who wants the old tools back does not get them by half.
  for (const wrong of [{ ledger: 'file' }, { ledger: undefined }, { schema: 3 }]) {
    await writeFile(file, JSON.stringify({ ...adopted, ...wrong }));
    await expect(readDescription(store.config.authorityDir)).rejects.toMatchObject({ name: 'AuthorityError' });
  }
});

function revocationOf(serial: string): LedgerEvent {
  return { event: 'revoked', at: new Date().toISOString(), serial, reason: 'keyCompromise' };
}
