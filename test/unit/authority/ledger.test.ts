import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendToLedger, readLedger, type LedgerEvent } from '../../../src/authority/ledger.js';
import { testWith } from '../../support/installed.js';

let folder: string;
let ledger: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-ledger-'));
  ledger = join(folder, 'ledger.jsonl');
});
afterEach(async () => rm(folder, { recursive: true }));

const revoked = (serial: string): LedgerEvent => ({
  event: 'revoked',
  at: '2026-11-22T10:00:00.000Z',
  serial,
  reason: 'superseded',
});

test('what was appended is read, in its order', async () => {
  expect(await readLedger(ledger)).toEqual([]);
  await appendToLedger(ledger, revoked('01'));
  await appendToLedger(ledger, revoked('02'));
  expect(await readLedger(ledger)).toEqual([revoked('01'), revoked('02')]);
  expect(await readFile(ledger, 'utf8')).toMatch(/^[^\n]+\n[^\n]+\n$/);
});

test('a last line without its end counts where it is whole, and the next one begins behind it', async () => {
  await writeFile(ledger, JSON.stringify(revoked('01')));
  await appendToLedger(ledger, revoked('02'));
  expect(await readLedger(ledger)).toEqual([revoked('01'), revoked('02')]);
});

test('a last line that broke off is not guessed at, and what to do is said; of another line it is not', async () => {
  await appendToLedger(ledger, revoked('01'));
  await appendFile(ledger, JSON.stringify(revoked('02')).slice(0, 30));
  await expect(readLedger(ledger)).rejects.toThrow(
    `${ledger}:2: this line of the ledger can not be read. It is the last`,
  );
  await appendFile(ledger, '\n');
  await expect(readLedger(ledger)).rejects.toThrow(/can not be read\.$/);
});

testWith('bash')('a write that breaks off leaves the ledger as it was', async () => {
  const line = `${JSON.stringify(revoked('01'))}\n`;
  // A file may have 1 KiB, and so the next line fits in part.
  await writeFile(ledger, line.repeat(Math.floor(1024 / line.length)));
  const before = await readFile(ledger);
  const script = `import { appendToLedger } from './src/authority/ledger.ts';
    appendToLedger(process.argv[1], ${JSON.stringify(revoked('02'))})
      .then(() => console.log('written'), ({ code }) => console.log(code));`;
  const node = `exec "$0" --import ./test/support/typescript.mjs --input-type=module -e "$1" "$2"`;
  const words = ['-c', `trap '' XFSZ; ulimit -f 1; ${node}`, process.execPath, script, ledger];
  expect(execFileSync('bash', words, { encoding: 'utf8' }).trim()).toBe('EFBIG');
  expect(await readFile(ledger)).toEqual(before);
});
