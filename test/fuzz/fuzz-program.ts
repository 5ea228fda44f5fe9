// Inspects mutated archives, the same ones for the same seed, and checks what must hold of every archive (claims.ts):
//   npm run fuzz -- [--cases N] [--seed S] [--jobs N] [--readers N] [--keep DIR]
//   npm run fuzz -- --only N [--seed S]     repeats one case and keeps its archive
// --readers N has N of the archives that are sound unpacked by every other reader that is installed.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { askReaders } from './ask-readers.js';
import { fuzzCase } from './cases.js';
import { runShare } from './run-share.js';
import { seedArchives } from './seeds.js';
import { addTally, emptyTally } from './share.js';

const MIB = 1024 * 1024;
const MAX_GROWTH = 128 * MIB;
const LINE_EVERY_MS = 2_000;
/** Beyond these a mistake is made clear enough. */
const MAX_KEPT = 100;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    readers: { type: 'string', default: '0' },
    keep: { type: 'string' },
  },
});
const seed = wholeNumber('seed');
const first = values.only === undefined ? 0 : wholeNumber('only');
const end = values.only === undefined ? wholeNumber('cases') : first + 1;
const jobs = Math.max(1, Math.min(wholeNumber('jobs'), end - first));

const seeds = await seedArchives();
const started = performance.now();
const tally = emptyTally();
const failures: string[] = [];
const failed = new Set<number>();
const folder = await mkdtemp(join(tmpdir(), 'portcullis-fuzz-'));
const keep = values.keep ?? `${folder}-failures`;
try {
  await run();
} finally {
  await rm(folder, { recursive: true, force: true });
}
for (const failure of failures) console.log(`FAILURE ${failure}`);
if (values.only !== undefined) failed.add(first);
if (failed.size > 0) await keepCases();
if (failures.length > 0) process.exitCode = 1;

function wholeNumber(option: 'seed' | 'only' | 'cases' | 'jobs' | 'readers'): number {
  const value = values[option] ?? '';
  if (/^[0-9]{1,15}$/.test(value)) return Number(value);
  console.error(`--${option} takes a whole number, not "${value}"; see CONTRIBUTING.md.`);
  process.exit(2);
}

async function run(): Promise<void> {
  const soundFolder = join(folder, 'sound');
  await mkdir(soundFolder);
  const keepSound = Math.ceil(wholeNumber('readers') / jobs);
  const listener = { tally: progressLine(), failure: addFailure };
  const memory = await Promise.all(
    Array.from({ length: jobs }, (_, job) =>
      runShare(
        { seed, first: first + job, end, step: jobs, soundFolder, keepSound },
        join(folder, String(job)),
        listener,
      ),
    ),
  );
  const growth = Math.max(...memory.map(({ idleRss, peakRss }) => peakRss - idleRss));
  if (growth > MAX_GROWTH) failures.push(`memory: ${Math.round(growth / MIB)} MiB above idle`);
  const seconds = (performance.now() - started) / 1_000;
  console.log(
    `${tally.cases} cases from ${seeds.length} seeds (seed ${seed}) by ${jobs} programs in ${seconds.toFixed(1)} s`,
  );
  console.log(`${tally.accepted} accepted, ${tally.cases - tally.accepted} refused; ${tally.sound} sound as archives`);
  console.log(`memory: ${Math.round(growth / MIB)} MiB above idle`);
  console.log(`refused by: ${mostFrequentCodes()}`);
  if (keepSound === 0) return;
  const answer = await askReaders(soundFolder);
  console.log(`${answer.archives} sound archives read by ${answer.readers.join(', ')}`);
  for (const { number, claim } of answer.disagreements) addFailure(number, claim, '');
}

function progressLine(): (more: typeof tally) => void {
  let last = performance.now();
  return (more) => {
    addTally(tally, more);
    if (performance.now() - last < LINE_EVERY_MS) return;
    last = performance.now();
    console.error(`${tally.cases} of ${end - first} cases, ${tally.sound} sound, ${failures.length} failures`);
  };
}

function addFailure(number: number, claim: string, from: string): void {
  failures.push(`case ${number} (seed ${seed}${from === '' ? '' : `, from "${from}"`}): ${claim}`);
  failed.add(number);
}

function mostFrequentCodes(): string {
  const codes = Object.entries(tally.codes).sort(([, a], [, b]) => b - a);
  return codes.map(([code, count]) => `${code} ${count}`).join(', ');
}

async function keepCases(): Promise<void> {
  await mkdir(keep, { recursive: true });
  for (const number of [...failed].slice(0, MAX_KEPT)) {
    await writeFile(join(keep, `seed-${seed}-case-${number}.zip`), fuzzCase(seeds, seed, number).bytes);
  }
  console.log(`Archives are kept in ${keep}; repeat one with: npm run fuzz -- --seed ${seed} --only N`);
}
