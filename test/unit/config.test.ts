import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { ConfigError, readConfig, settingNames } from '../../src/config.js';
import { configurableCodes } from '../../src/policy/rules.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const example = readFileSync('.env.example', 'utf8');

test('.env.example names every setting and no other', () => {
  expect(Object.keys(parse(example)).sort()).toEqual([...settingNames].sort());
});

test('.env.example and docs/policy.md name every code that a store may weigh', () => {
  const policy = readFileSync('docs/policy.md', 'utf8');
  for (const text of [example, policy]) {
    expect(configurableCodes.filter((code) => !text.includes(code))).toEqual([]);
  }
});

test('.env.example holds the defaults', () => {
  const defaults = readConfig({}, folder);
  writeFileSync(join(folder, '.env'), example);
  expect(readConfig({}, folder)).toEqual(defaults);
});

test('the environment wins over .env, and an empty value is as good as none', () => {
  writeFileSync(join(folder, '.env'), 'PORT=1234\nHOST=0.0.0.0\n');
  const config = readConfig({ PORT: '4321', HOST: '' }, folder);
  expect([config.port, config.host]).toEqual([4321, '127.0.0.1']);
});

test('all mistakes are reported at once, by name', () => {
  const wrong = {
    PORT: 'eighty',
    DATABASE_URL: 'mysql://secret@host/db',
    RULES: 'SIGNATURE_DROPPED=off',
    LOG_LEVEL: 'loud',
  };
  try {
    readConfig(wrong, folder);
    throw new Error('accepted');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { mistakes } = error as ConfigError;
    expect(mistakes.map((mistake) => mistake.split(':')[0]).sort()).toEqual([
      'DATABASE_URL',
      'LOG_LEVEL',
      'PORT',
      'RULES',
    ]);
    expect(String(error)).not.toContain('secret');
  }
});

test('a rule is weighed once', () => {
  expect(() => readConfig({ RULES: 'JUNK_FILES=refuse,JUNK_FILES=off' }, folder)).toThrow(ConfigError);
});

test('core is reserved whatever the settings say', () => {
  expect([...readConfig({ RESERVED_APP_IDS: 'news' }, folder).reservedAppIds]).toEqual(['core', 'news']);
  expect(readConfig({ RESERVED_APP_IDS: '' }, folder).reservedAppIds.has('core')).toBe(true);
});

test('rules are read as CODE=mode', () => {
  const { rules } = readConfig(
    { RULES: 'SIGNER_CHANGED=hold, VERSION_NOT_NEWER=off', REQUIRE_SIGNATURE: 'true' },
    folder,
  );
  expect(rules).toEqual({ requireSignature: true, modes: { SIGNER_CHANGED: 'hold', VERSION_NOT_NEWER: 'off' } });
});

/** The names of the settings that are wrong; and what is secret is not among the words. */
function wrongOnes(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(environment, folder);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).not.toMatch(/hunter2/);
    return (error as ConfigError).mistakes.map((mistake) => mistake.split(':')[0] ?? '').sort();
  }
}

const vault = { VAULT_TRANSIT_KEY: 'store', VAULT_ADDR: 'https://vault.example:8200/', VAULT_TOKEN: 'hvs.hunter2' };
const mail = { SMTP_URL: 'smtps://store:hunter2@mail.example:465', MAIL_FROM: 'store@example.org' };

test('the authority lies in the data folder, and its passphrase too, unless they are elsewhere', () => {
  const inData = readConfig({ DATA_DIR: 'd' }, folder);
  expect(inData).toMatchObject({
    authorityDir: join(folder, 'd/authority'),
    authorityPassphrase: { file: join(folder, 'd/authority-passphrase'), isChosen: false },
    vault: null,
    mail: null,
  });
  const elsewhere = readConfig({ AUTHORITY_DIR: 'a', AUTHORITY_PASSPHRASE_FILE: '/run/secrets/p' }, folder);
  expect(elsewhere).toMatchObject({
    authorityDir: join(folder, 'a'),
    authorityPassphrase: { file: '/run/secrets/p', isChosen: true },
  });
  expect(readConfig({ AUTHORITY_PASSPHRASE: ' p ' }, folder).authorityPassphrase).toEqual({ value: ' p ' });
});

test('a passphrase comes from one place', () => {
  expect(wrongOnes({ AUTHORITY_PASSPHRASE: 'hunter2', AUTHORITY_PASSPHRASE_FILE: 'f' })).toEqual([
    'AUTHORITY_PASSPHRASE_FILE',
  ]);
});

test('Vault is used where a key of it is named', () => {
  expect(readConfig(vault, folder).vault).toEqual({
    address: 'https://vault.example:8200',
    token: { value: 'hvs.hunter2' },
    namespace: null,
    transitMount: 'transit',
    transitKey: 'store',
  });
  const { VAULT_TOKEN: _token, ...rest } = vault;
  const withFile = { ...rest, VAULT_TOKEN_FILE: 'token', VAULT_NAMESPACE: 'a/b', VAULT_TRANSIT_MOUNT: 'team/transit' };
  expect(readConfig(withFile, folder).vault).toMatchObject({
    token: { file: join(folder, 'token') },
    namespace: 'a/b',
    transitMount: 'team/transit',
  });
});

test('what Vault’s own programs go by is none of our business without a key of ours', () => {
  expect(readConfig({ VAULT_ADDR: 'http://vault:8200', VAULT_TOKEN: 'two words' }, folder).vault).toBeNull();
});

test.each<[readonly string[], NodeJS.ProcessEnv]>([
  [['VAULT_ADDR', 'VAULT_TOKEN'], { VAULT_TRANSIT_KEY: 'store' }],
  [['VAULT_TOKEN_FILE'], { ...vault, VAULT_TOKEN_FILE: 'f' }],
  [['VAULT_TOKEN'], { ...vault, VAULT_TOKEN: 'hunter2\nX-Evil: 1' }],
  [['VAULT_ADDR'], { ...vault, VAULT_ADDR: 'http://vault.example:8200' }],
  [['VAULT_ADDR'], { ...vault, VAULT_ADDR: 'http://localhost.example' }],
  [['VAULT_ADDR'], { ...vault, VAULT_ADDR: 'https://me:hunter2@vault.example' }],
  [['VAULT_ADDR'], { ...vault, VAULT_ADDR: 'https://vault.example?token=hunter2' }],
  [['VAULT_TRANSIT_KEY'], { ...vault, VAULT_TRANSIT_KEY: '../sys/seal' }],
  [['VAULT_TRANSIT_KEY'], { ...vault, VAULT_TRANSIT_KEY: 'a/b' }],
  [['VAULT_TRANSIT_MOUNT'], { ...vault, VAULT_TRANSIT_MOUNT: 'transit/..' }],
  [['VAULT_NAMESPACE'], { ...vault, VAULT_NAMESPACE: 'a b' }],
])('of a Vault that can not be used these are wrong: %j', (expected, environment) => {
  expect(wrongOnes(environment)).toEqual(expected);
});

test.each(['http://127.0.0.1:8200', 'http://[::1]:8200', 'http://localhost:8200', 'https://vault.example/behind'])(
  'Vault is reached over https, or on this machine: %s',
  (address) => {
    expect(readConfig({ ...vault, VAULT_ADDR: address }, folder).vault).toMatchObject({ address });
  },
);

test('mail is sent where its server and its sender are named', () => {
  expect(readConfig({ ...mail, MAIL_TO: 'a@example.org, b@example.org' }, folder).mail).toEqual({
    smtpUrl: mail.SMTP_URL,
    from: mail.MAIL_FROM,
    to: ['a@example.org', 'b@example.org'],
  });
});

test.each<[readonly string[], NodeJS.ProcessEnv]>([
  [['MAIL_FROM'], { SMTP_URL: mail.SMTP_URL }],
  [['SMTP_URL'], { MAIL_FROM: mail.MAIL_FROM }],
  [['SMTP_URL'], { MAIL_TO: 'a@example.org' }],
  [['SMTP_URL'], { ...mail, SMTP_URL: 'https://store:hunter2@mail.example' }],
  [['MAIL_FROM'], { ...mail, MAIL_FROM: 'Store <store@example.org>' }],
  [['MAIL_FROM'], { ...mail, MAIL_FROM: 'store@example.org\r\nBcc: all@example.org' }],
  [['MAIL_TO'], { ...mail, MAIL_TO: 'a@example.org,nobody' }],
  [['MAIL_FROM', 'MAIL_TO'], { ...mail, MAIL_FROM: '@', MAIL_TO: 'a b@example.org' }],
])('of mail that can not be sent these are wrong: %j', (expected, environment) => {
  expect(wrongOnes(environment)).toEqual(expected);
});

test('as many operators are told by mail as one mail goes to', () => {
  const addresses = (count: number): string => Array.from({ length: count }, (_, n) => `a${n}@example.org`).join();
  expect(readConfig({ ...mail, MAIL_TO: addresses(20) }, folder).mail?.to).toHaveLength(20);
  expect(wrongOnes({ ...mail, MAIL_TO: addresses(21) })).toEqual(['MAIL_TO']);
});

test.each([
  'smtp://user:hunter2%pass@mail.example.org',
  'smtp://us%er:hunter2@mail.example.org',
  'smtp:mail.example.org:587',
  'smtp:///mail.example.org',
  'smtp://user:hunter2@',
  'smtp://mäil.example.org',
])('no mail server is named by %s', (address) => {
  expect(wrongOnes({ ...mail, SMTP_URL: address })).toEqual(['SMTP_URL']);
});

test.each([
  ['HTTP://Store.Example', 'http://store.example'],
  ['https://store.example:443/Apps//', 'https://store.example/Apps'],
  ['https://läden.example/ä', 'https://xn--lden-loa.example/%C3%A4'],
  ['http://[::1]:8080', 'http://[::1]:8080'],
])('the address %s has one spelling', (given, expected) => {
  expect(readConfig({ BASE_URL: given }, folder).baseUrl).toBe(expected);
});

test.each([
  'https://me:hunter2@store.example',
  'https://@store.example',
  'https://store.example?x=1',
  'https://store.example/#',
  'https://store.example/a b',
  'https:store.example',
  'https:\\\\store.example',
  'https:///store.example',
  'https://',
  'ftp://store.example',
])('no gate is reached under %s', (address) => {
  expect(wrongOnes({ BASE_URL: address })).toEqual(['BASE_URL']);
});

test('a host that fits into no address needs one beside it', () => {
  expect(wrongOnes({ HOST: 'fe80::1%eth0' })).toEqual(['BASE_URL']);
  expect(readConfig({ HOST: 'fe80::1%eth0', BASE_URL: 'http://store' }, folder).baseUrl).toBe('http://store');
  expect(readConfig({ HOST: '::1', PORT: '80' }, folder).baseUrl).toBe('http://[::1]:80');
});

test('revocation lists are fetched over https', () => {
  const urls = 'https://a.example/a.crl, https://b.example/b.crl,';
  const config = readConfig({ CRL_URLS: urls, CRL_MAX_AGE_DAYS: '7' }, folder);
  expect(config.revocationListUrls).toEqual(['https://a.example/a.crl', 'https://b.example/b.crl']);
  expect(config.revocationListMaxAgeDays).toBe(7);
  for (const wrong of [
    'http://a.example',
    'https://me:hunter2@a.example',
    'https://a.example,https://a.example',
    'a',
  ]) {
    expect(wrongOnes({ CRL_URLS: wrong })).toEqual(['CRL_URLS']);
  }
});

test('mistakes between settings are reported beside those in them', () => {
  const wrong = { PORT: 'x', CRL_MAX_AGE_DAYS: '0', EXPIRY_NOTICE_DAYS: '3651', QUARANTINE_ON_REVOCATION: 'some' };
  expect(wrongOnes({ ...wrong, SELF_RENEWAL: 'maybe', MAIL_FROM: mail.MAIL_FROM })).toEqual(
    [...Object.keys(wrong), 'SELF_RENEWAL', 'SMTP_URL'].sort(),
  );
});
