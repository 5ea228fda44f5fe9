// What the whole inspection costs, beside the least that a shell could do over the same content. See bench/README.md.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median, seconds } from './figures.mjs';
import { makeAuthority, makeSampleArchive } from './sample-app.mjs';

const run = promisify(execFile);
const portcullis = new URL('../bin/portcullis', import.meta.url).pathname;
const inspectProgram = new URL('../test/support/inspect-program.mjs', import.meta.url).pathname;
const MIB = 1024 * 1024;

const samples = [
  { id: 'typical', files: 600, bytes: 8 * MIB, rounds: 7 },
  { id: 'large', files: 5_000, bytes: 200 * MIB, rounds: 5 },
];

const folder = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
try {
  const trust = await makeAuthority(folder);
  console.log(
    '| app | inspection (warm) | verify (cold) | openssl dgst -sha512 | unzip -tq | warm ÷ openssl | warm ÷ unzip | cold ÷ (openssl + unzip) | peak memory |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const sample of samples) console.log(await measure(sample, trust));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** One row of the table; the competitors take turns, so that a slow moment of the machine meets all of them. */
async function measure({ id, files, bytes, rounds }, trust) {
  const { app, archive, inflated } = await makeSampleArchive(folder, { id, files, bytes });
  const environment = { ...process.env, MAX_ARCHIVE_BYTES: String(1024 * MIB), MAX_INFLATED_BYTES: String(1024 * MIB) };

  const times = { warm: [], cold: [], openssl: [], unzip: [] };
  let memory = { idleRss: 0, peakRss: 0 };
  for (let round = 0; round < rounds; round++) {
    // The first inspection of a process warms it up and is not counted.
    const words = [inspectProgram, archive, trust, '--rounds', '2', '--mebibytes', '1024'];
    const measured = JSON.parse((await run(process.execPath, words)).stdout);
    if (measured.status !== 'valid') throw new Error(`not valid: ${measured.codes.join(', ')}`);
    times.warm.push(measured.seconds[1]);
    if (measured.peakRss > memory.peakRss) memory = measured;
    times.cold.push(timed(portcullis, ['verify', archive, '--trust', trust, '--json'], { env: environment }));
    times.openssl.push(
      timed('sh', ['-c', `find "$0" -type f -print0 | xargs -0 openssl dgst -sha512 >/dev/null`, app]),
    );
    times.unzip.push(timed('unzip', ['-tq', archive]));
  }
  const [warm, cold, openssl, unzip] = [times.warm, times.cold, times.openssl, times.unzip].map(median);
  const size = `${files} files, ${Math.round(inflated / MIB)} MiB, zip ${((await stat(archive)).size / MIB).toFixed(1)} MiB`;
  const ratios = [warm / openssl, warm / unzip, cold / (openssl + unzip)].map((ratio) => ratio.toFixed(2));
  const peak = `${Math.round(memory.peakRss / MIB)} MiB (${Math.round((memory.peakRss - memory.idleRss) / MIB)} above idle)`;
  return `| ${id} (${size}) | ${[warm, cold, openssl, unzip].map(seconds).join(' | ')} | ${ratios.join(' | ')} | ${peak} |`;
}

/** Seconds that a command takes as a whole process. */
function timed(command, words, options = {}) {
  const started = process.hrtime.bigint();
  execFileSync(command, words, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
  return Number(process.hrtime.bigint() - started) / 1e9;
}
