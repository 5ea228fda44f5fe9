import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openAuthority } from '../../src/authority/authority-folder.js';
import { createAuthority } from '../../src/authority/create-authority.js';
import { createIssuingKeySource } from '../../src/authority/issuing-key.js';
import { issueLeaf } from '../../src/authority/issue-leaf.js';
import { revokeLeaf } from '../../src/authority/revoke-leaf.js';
import { openRootFolder, signRootList } from '../../src/authority/root-folder.js';
import { readStoreAuthority } from '../../src/authority/store-authority.js';
import { openGate, type OpenGate } from '../../src/compose.js';
import { readConfig, type Config } from '../../src/config.js';
import { findCertificate } from '../../src/database/certificates.js';
import { listNewestRevocationLists } from '../../src/database/revocation-lists.js';
import type { Certificate } from '../../src/pki/certificate.js';
import { askLedger } from '../../src/pki/issuer-ledger.js';
import { generateKeyPair } from '../../src/pki/keys.js';
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
  await createAuthority({
    folder: config.authorityDir,
    trustFolder: config.trustDir,
    name: 'Before',
    keyKind: 'ec-p384',
    passphrase: config.authorityPassphrase,
    developersSigner: null,
    baseUrl: null,
    now: new Date(),
    randomBytes,
  });
  const authority = await openAuthority(config.authorityDir);
  const keys = createIssuingKeySource(config);
  const issue = async (): Promise<Certificate> => {
    const { publicKey } = await generateKeyPair();
    return issueLeaf(authority, keys, { appId: 'calendar', publicKey, days: null, now: new Date(), randomBytes });
  };
  const certificates = [await issue(), await issue()] as const;
  await revokeLeaf(authority, keys, certificates[1].serial, 'keyCompromise', new Date());
  return certificates;
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

test('an authority whose ledger is in another database does not issue here', async () => {
  const store = await newStore();
  await makeFolder(store);
  await store.open();
  const other = await newStore();
  await cp(store.config.authorityDir, other.config.authorityDir, { recursive: true });
  await cp(store.config.trustDir, other.config.trustDir, { recursive: true });
  const { gate } = await other.open();
  expect(await readStoreAuthority(gate.database)).toBeNull();
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
