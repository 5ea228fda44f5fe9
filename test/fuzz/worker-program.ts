// Runs a share of the fuzz cases and tells the program that started it (fuzz-program.ts) what came of them.
import { existsSync, openSync, readdirSync, readFileSync, writeSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { emptyTally, type Share, type WorkerMessage } from './share.js';
import { fuzzCase } from './cases.js';
import { checkArchive, contentsText, type CaseResult, type ClaimContext } from './claims.js';
import { seedArchives, seedTrust } from './seeds.js';
import { defaultLimits } from '../../src/archive/limits.js';
import { inspectArchive } from '../../src/inspection/inspect-archive.js';
import { JUDGED_AT } from './seeds.js';

const share = JSON.parse(process.argv[2] ?? '{}') as Share;
const seeds = await seedArchives();
const context = await contextOf(share.file);
const progress = openSync(share.progressFile, 'w');
let current = share.first;
let kept = 0;

process.on('unhandledRejection', (reason) => {
  fail(current, `unhandled rejection: ${String(reason)}`);
});
process.on('uncaughtException', (error) => {
  fail(current, `uncaught exception: ${error.stack ?? String(error)}`);
});
// Node warns of a file handle that was left to the garbage collector.
process.on('warning', ({ name, message }) => {
  if (name !== 'ExperimentalWarning') fail(current, `warning: ${message}`);
});

// What the first inspections load and compile belongs to the program, not to an archive.
for (const { bytes } of seeds.slice(0, 8)) await checkArchive(bytes, context, false);
const idleRss = process.memoryUsage.rss();
const idleHandles = openHandles();
const idleFiles = temporaryFiles();

let tally = emptyTally();
for (let number = share.first; number < share.end; number += share.step) {
  current = number;
  // Written at once, so that it can be read when this program hangs or dies.
  writeSync(progress, String(number).padEnd(16), 0);
  const { bytes, from } = fuzzCase(seeds, share.seed, number);
  const result = await checkArchive(bytes, context, number % 16 === 0);
  count(result);
  for (const failure of result.failures) fail(number, failure, from);
  if (result.sound && share.soundFolder !== null) keepSound(number, bytes, result);
  if (tally.cases >= 250) await report();
}
await report();
send({ type: 'done', idleRss, peakRss: mostRss() });
process.disconnect();

function count(result: CaseResult): void {
  tally.cases += 1;
  if (result.sound) tally.sound += 1;
  if (result.accepted) tally.accepted += 1;
  for (const code of result.codes) tally.codes[code] = (tally.codes[code] ?? 0) + 1;
}

async function report(): Promise<void> {
  send({ type: 'tally', tally });
  tally = emptyTally();
  let handles = openHandles();
  // A stream that was destroyed closes what it had open a moment later.
  for (let waits = 0; handles > idleHandles && waits < 20; waits += 1) {
    await pause(25);
    handles = openHandles();
  }
  if (handles > idleHandles) fail(current, `${handles - idleHandles} file handles more than at the start`);
  const left = temporaryFiles().filter((name) => !idleFiles.includes(name));
  if (left.length > 0) fail(current, `temporary files left: ${left.join(', ')}`);
}

function temporaryFiles(): readonly string[] {
  return readdirSync(dirname(share.file));
}

/** On Linux; elsewhere nothing is counted. */
function openHandles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

/** Linux hands maxRSS down from the program that starts another one, so there its own high-water mark is read. */
function mostRss(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return 1024 * Number(kibibytes ?? process.resourceUsage().maxRSS);
}

function keepSound(number: number, bytes: Buffer, { expected }: CaseResult): void {
  if (share.soundFolder === null || kept >= share.keepSound) return;
  kept += 1;
  writeFileSync(join(share.soundFolder, `${number}.zip`), bytes);
  writeFileSync(join(share.soundFolder, `${number}.json`), JSON.stringify(expected));
}

function fail(number: number, claim: string, from = ''): void {
  send({ type: 'failure', number, claim, from });
}

function send(message: WorkerMessage): void {
  process.send?.(message);
}

async function contextOf(file: string): Promise<ClaimContext> {
  const trust = await seedTrust();
  const signedContents = new Set<string>();
  for (const { bytes } of seeds.filter(({ name }) => name.startsWith('signed'))) {
    writeFileSync(file, bytes);
    const request = { appId: null, profile: 'app', trust, limits: defaultLimits, at: JUDGED_AT } as const;
    const inspection = await inspectArchive(file, request);
    if (inspection.signature.status === 'valid') signedContents.add(contentsText(inspection));
  }
  return { trust, file, signedContents };
}
