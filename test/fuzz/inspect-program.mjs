// Inspects one archive with the built gate and prints {idleRss, peakRss, seconds, outcome, status, codes} as JSON:
//   node inspect-program.mjs ARCHIVE TRUST-FOLDER
import { existsSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { defaultLimits } from '../../dist/archive/limits.js';
import { inspectArchive } from '../../dist/inspection/inspect-archive.js';
import { loadTrust } from '../../dist/pki/trust.js';
import { outcomeOf } from '../../dist/report/report.js';

const [file, trustFolder] = process.argv.slice(2);
const trust = await loadTrust(trustFolder);
const request = { appId: null, profile: 'app', trust, limits: defaultLimits, at: new Date('2026-11-22T00:00:00Z') };
// What it has now, not the most it ever had: what importing took for a while must not hide what inspecting takes.
const idleRss = process.memoryUsage.rss();
const started = performance.now();
const { findings, signature } = await inspectArchive(file, request);
const seconds = (performance.now() - started) / 1_000;
const codes = [...new Set(findings.filter(({ severity }) => severity === 'error').map(({ code }) => code))].sort();
const peakRss = mostRss();
console.log(
  JSON.stringify({
    idleRss,
    peakRss,
    seconds,
    outcome: outcomeOf(findings),
    status: signature.status,
    codes,
    findings: findings.length,
  }),
);

/** Linux hands maxRSS down from the program that starts another one, so there its own high-water mark is read. */
function mostRss() {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return 1024 * Number(kibibytes ?? process.resourceUsage().maxRSS);
}
