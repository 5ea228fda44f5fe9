// Inspects one archive with the built gate and prints {idleRss, peakRss, seconds, outcome, status, codes} as JSON, with the
// seconds of each round:
//   node inspect-program.mjs ARCHIVE TRUST-FOLDER [--rounds N] [--mebibytes N] [--at TIME]
// The limits are those of a store by default, but for the sizes where --mebibytes names another one.
import { existsSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { defaultLimits } from '../../dist/archive/limits.js';
import { inspectArchive } from '../../dist/inspection/inspect-archive.js';
import { loadTrust } from '../../dist/pki/trust.js';
import { outcomeOf } from '../../dist/report/report.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '1' }, mebibytes: { type: 'string' }, at: { type: 'string' } },
});
const [file, trustFolder] = positionals;
const bytes = values.mebibytes === undefined ? null : Number(values.mebibytes) * 1024 * 1024;
const limits = { ...defaultLimits, ...(bytes !== null && { archiveBytes: bytes, inflatedBytes: bytes }) };
const at = values.at === undefined ? new Date() : new Date(values.at);
const request = { appId: null, profile: 'app', trust: await loadTrust(trustFolder), limits, at };
// What it has now, not the most it ever had: what importing took for a while must not hide what inspecting takes.
const idleRss = process.memoryUsage.rss();
const seconds = [];
let inspection;
for (let round = 0; round < Number(values.rounds); round++) {
  const started = performance.now();
  inspection = await inspectArchive(file, request);
  seconds.push((performance.now() - started) / 1_000);
}
const { findings, signature } = inspection;
const codes = [...new Set(findings.filter(({ severity }) => severity === 'error').map(({ code }) => code))].sort();
const outcome = outcomeOf(findings);
console.log(JSON.stringify({ idleRss, peakRss: mostRss(), seconds, outcome, status: signature.status, codes }));

/** Linux hands maxRSS down from the program that starts another one, so there its own high-water mark is read. */
function mostRss() {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return 1024 * Number(kibibytes ?? process.resourceUsage().maxRSS);
}
