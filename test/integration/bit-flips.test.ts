import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits } from '../../src/archive/limits.js';
import { inspectArchive } from '../../src/inspection/inspect-archive.js';
import type { Inspection } from '../../src/inspection/inspection.js';
import { outcomeOf } from '../../src/report/report.js';
import { createTestAuthority, type TestAuthority } from '../support/test-authority.js';
import { signedApp } from '../support/signed-app.js';

let folder: string;
let authority: TestAuthority;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-bits-'));
  authority = createTestAuthority();
});
afterAll(() => rm(folder, { recursive: true }));

async function inspect(archive: Buffer, name: string): Promise<Inspection> {
  const file = join(folder, name);
  await writeFile(file, archive);
  return inspectArchive(file, {
    appId: 'calendar',
    profile: 'app',
    trust: authority.trust(),
    limits: defaultLimits,
    at: new Date('2026-11-22T00:00:00Z'),
  });
}

/** What a server would install. */
function installed({ files }: Inspection): string {
  return JSON.stringify([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('whichever bit of a signed archive is flipped: it is never accepted as signed with other contents', async () => {
  // Small, so that every bit gets its turn: two files and the signature.
  const archive = await signedApp(authority, {
    files: { 'appinfo/app.php': null, 'css/style.css': null, 'img/app.svg': null, 'js/script.js': null },
  });
  const untouched = await inspect(archive, 'untouched.zip');
  expect([untouched.signature.status, outcomeOf(untouched.findings)]).toEqual(['valid', 'accepted']);
  const original = installed(untouched);

  let refused = 0;
  for (let bit = 0; bit < archive.length * 8; bit++) {
    const flipped = Buffer.from(archive);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    const inspection = await inspect(flipped, 'flipped.zip');
    if (outcomeOf(inspection.findings) === 'refused') {
      refused++;
    } else {
      // Bits that mean nothing to anybody may flip: a timestamp, say. The content may not, nor may the signature go.
      expect({ bit, status: inspection.signature.status, same: installed(inspection) === original }).toEqual({
        bit,
        status: 'valid',
        same: true,
      });
    }
  }
  expect(refused).toBeGreaterThan(archive.length * 8 * 0.9);
}, 300_000);
