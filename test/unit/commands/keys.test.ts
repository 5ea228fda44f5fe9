import { readFile, stat, writeFile } from 'node:fs/promises';
import { openssl, opensslText } from '../../support/openssl.js';
import { createWorkspace } from '../../support/workspace.js';
import type { Workspace } from '../../support/workspace.js';
import { testWith } from '../../support/installed.js';

const opensslTest = testWith('openssl');

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
});

afterAll(async () => work.remove());

describe('keygen', () => {
  opensslTest.each([
    ['EC P-384', [], '(384 bit)'],
    ['RSA 2048', ['--type', 'rsa', '--bits', '2048'], '(2048 bit'],
    ['RSA 3072', ['--type', 'rsa', '--bits', '3072'], '(3072 bit'],
  ])('makes an %s key that openssl reads, and only its owner', async (name, words, described) => {
    const file = `${name}.key`;
    await work.succeed('keygen', ...words, '--out', file);
    const key = await readFile(work.path(file));
    expect(await opensslText(['pkey', '-in', 'key', '-noout', '-text', '-check'], { key })).toContain(described);
    expect((await stat(work.path(file))).mode & 0o777).toBe(0o600);
  });

  test('never overwrites, unless --force says so', async () => {
    await writeFile(work.path('kept.key'), 'the only copy');
    expect(await work.run('keygen', '--out', 'kept.key')).toMatchObject({ exit: 3 });
    expect(await readFile(work.path('kept.key'), 'utf8')).toBe('the only copy');
    await work.succeed('keygen', '--out', 'kept.key', '--force');
    expect(await readFile(work.path('kept.key'), 'utf8')).toContain('PRIVATE KEY');
    expect((await stat(work.path('kept.key'))).mode & 0o777).toBe(0o600);
  });

  test.each([
    [['--out', 'x', '--type', 'dsa']],
    [['--out', 'x', '--bits', '256']],
    [['--out', 'x', '--type', 'rsa', '--bits', '1024']],
    [[]],
  ])('%j is not understood', async (words) => {
    expect(await work.run('keygen', ...words)).toMatchObject({ exit: 2, out: '' });
  });
});

describe('csr', () => {
  opensslTest.each([
    ['EC', []],
    ['RSA', ['--type', 'rsa', '--bits', '2048']],
  ])('makes a request with an %s key that openssl verifies, for the app and nothing else', async (name, words) => {
    await work.succeed('keygen', ...words, '--out', `csr-${name}.key`);
    const { out } = await work.succeed('csr', '--key', `csr-${name}.key`, '--app-id', 'calendar');
    const verified = await openssl(['req', '-in', 'csr', '-noout', '-verify', '-subject'], { csr: out });
    expect(verified.status).toBe(0);
    expect(verified.output).toMatch(/subject=\s*CN\s*=\s*calendar\n/);
  });

  test.each([[['--key', 'x']], [['--app-id', 'calendar']], [['--key', 'x', '--app-id', 'Calendar!']]])(
    '%j is not understood',
    async (words) => {
      expect(await work.run('csr', ...words)).toMatchObject({ exit: 2, out: '' });
    },
  );
});
