// What the walk over an archive's structure costs as a share of its inspection, and how soon hostile structures are
// refused. See bench/README.md.
import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import '../test/support/typescript.mjs';
import { fileWindow } from '../dist/archive/file-window.js';
import { defaultLimits, maxAllNamesBytes } from '../dist/archive/limits.js';
import { readDirectory } from '../dist/archive/zip-directory.js';
import { readEndRecords } from '../dist/archive/zip-end-record.js';
import { walkLocalEntries } from '../dist/archive/zip-structure.js';
import { inspectArchive } from '../dist/inspection/inspect-archive.js';
import { loadTrust } from '../dist/pki/trust.js';
import { findingList } from '../dist/report/finding-list.js';
import { median, seconds } from './figures.mjs';
import { makeAuthority, makeSampleArchive } from './sample-app.mjs';

const { hostileArchives } = await import('../test/fuzz/hostile-archives.ts');

const run = promisify(execFile);
const inspectProgram = new URL('../test/support/inspect-program.mjs', import.meta.url).pathname;
const MIB = 1024 * 1024;
const ANSWER_SECONDS = 2;

const samples = [
  { id: 'typical', files: 600, bytes: 8 * MIB, rounds: 15 },
  { id: 'many', files: 49_998, bytes: 40 * MIB, rounds: 5 },
];

const folder = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
try {
  const trustFolder = await makeAuthority(folder);
  console.log('| app | structure walk | inspection | share |\n| --- | --- | --- | --- |');
  for (const sample of samples) console.log(await measureShare(sample, trustFolder));
  console.log('\n| refused by its structure | archive | answer | within 2 s | peak memory above idle |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const hostile of hostileArchives.filter(({ byStructure }) => byStructure)) {
    console.log(await measureRefusal(hostile, trustFolder));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** One row; walk and inspection take turns, so that a slow moment of the machine meets both. */
async function measureShare({ id, files, bytes, rounds }, trustFolder) {
  const { archive } = await makeSampleArchive(folder, { id, files, bytes });
  const trust = await loadTrust(trustFolder);
  const times = { walk: [], inspection: [] };
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const walk = await timed(() => walkStructure(archive));
    const inspection = await timed(() => inspectSigned(archive, trust));
    if (round === 0) continue;
    times.walk.push(walk);
    times.inspection.push(inspection);
  }
  const shares = times.walk.map((walk, round) => walk / times.inspection[round]);
  const described = `${id} (${files + 2} entries, ${Math.round(bytes / MIB)} MiB)`;
  return `| ${described} | ${seconds(median(times.walk))} | ${seconds(median(times.inspection))} | ${(100 * median(shares)).toFixed(1)} % |`;
}

/** Everything that comes before the first byte is inflated: end records, directory, local headers. */
async function walkStructure(archive) {
  const handle = await open(archive, 'r');
  try {
    const findings = findingList();
    const window = fileWindow(handle, (await handle.stat()).size);
    const keepGoing = () => true;
    const extent = await readEndRecords(window, findings);
    const entries = await readDirectory(window, extent, {
      maxNameBytes: defaultLimits.pathBytes,
      maxAllNamesBytes: maxAllNamesBytes(defaultLimits),
      keepGoing,
      findings,
    });
    const { offset: directoryOffset, emptyRival } = extent;
    const pathOf = ({ shownName }) => shownName;
    const walk = { entries, directoryOffset, emptyRival, pathOf, keepGoing, findings };
    const offsets = await walkLocalEntries(window, walk);
    if (offsets === null || findings.all.length > 0) throw new Error(JSON.stringify(findings.all.slice(0, 3)));
  } finally {
    await handle.close();
  }
}

async function inspectSigned(archive, trust) {
  const request = { appId: null, profile: 'app', trust, limits: defaultLimits, at: new Date() };
  const { signature, findings } = await inspectArchive(archive, request);
  if (signature.status !== 'valid') throw new Error(`not valid: ${JSON.stringify(findings.slice(0, 3))}`);
}

async function measureRefusal({ name, make }, trustFolder) {
  const file = join(folder, 'hostile.zip');
  const archive = make();
  await writeFile(file, archive);
  const { stdout } = await run(process.execPath, [inspectProgram, file, trustFolder]);
  const measured = JSON.parse(stdout);
  if (measured.outcome !== 'refused') throw new Error(`${name}: ${measured.outcome}`);
  const growth = Math.round((measured.peakRss - measured.idleRss) / MIB);
  const answer = measured.seconds[0] <= ANSWER_SECONDS ? 'yes' : '**no**';
  return `| ${name} | ${(archive.length / MIB).toFixed(1)} MiB | ${seconds(measured.seconds[0])} | ${answer} | ${growth} MiB |`;
}

async function timed(work) {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}
