// Inspects one archive a few times in this process and prints {seconds, idleRss, peakRss} as JSON. Run by the benchmarks.
import { defaultLimits } from '../dist/archive/limits.js';
import { inspectArchive } from '../dist/inspection/inspect-archive.js';
import { loadTrust } from '../dist/pki/trust.js';

const [file, trustFolder, rounds] = process.argv.slice(2);
const trust = await loadTrust(trustFolder);
const MIB = 1024 * 1024;
// The large sample is larger than a store accepts by default.
const limits = { ...defaultLimits, archiveBytes: 1024 * MIB, inflatedBytes: 1024 * MIB };
const idleRss = process.resourceUsage().maxRSS * 1024;
const seconds = [];
for (let round = 0; round < Number(rounds); round++) {
  const started = process.hrtime.bigint();
  const inspection = await inspectArchive(file, { appId: null, profile: 'app', trust, limits, at: new Date() });
  seconds.push(Number(process.hrtime.bigint() - started) / 1e9);
  if (inspection.signature.status !== 'valid')
    throw new Error(`not valid: ${JSON.stringify(inspection.findings.slice(0, 3))}`);
}
console.log(JSON.stringify({ seconds, idleRss, peakRss: process.resourceUsage().maxRSS * 1024 }));
