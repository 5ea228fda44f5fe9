import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testWith } from '../../support/installed.js';

const openssl = testWith('openssl');

const page = readFileSync(new URL('../../../docs/signature-format.md', import.meta.url), 'utf8');
const signatures = new URL('../../fixtures/golden/signatures/', import.meta.url).pathname;

const folder = mkdtempSync(join(tmpdir(), 'documentation-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a code block of the page on a golden signature file. */
function run(block: string, name: string): string {
  const script = new RegExp(`^\`\`\`sh ${block}\\n([^]*?)^\`\`\`$`, 'm').exec(page)?.[1];
  if (script === undefined) throw new RangeError(`the page has no block ${block}`);
  copyFileSync(join(signatures, `${name}.json`), join(folder, 'signature.json'));
  return spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' }).stdout;
}

openssl.each([
  ['format-1', 'format1-rsa2048'],
  ['format-1', 'format1-rsa4096'],
  ['format-2', 'format2-rsa2048'],
  ['format-2', 'format2-rsa4096'],
  ['format-2', 'format2-p384'],
])('what the page says about %s verifies %s with openssl alone', (block, name) => {
  expect(run(block, name)).toBe('Verified OK\n');
});

openssl.each([
  ['format-1', 'format1-tampered'],
  ['format-1', 'format1-salt-20'],
  ['format-2', 'format2-tampered'],
  ['format-2', 'format2-rsa-pkcs1'],
])('and %s refuses %s', (block, name) => {
  expect(run(block, name)).not.toContain('OK');
});
