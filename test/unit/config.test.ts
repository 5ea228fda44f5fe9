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
