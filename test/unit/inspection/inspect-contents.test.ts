import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits } from '../../../src/archive/limits.js';
import { inspectArchive } from '../../../src/inspection/inspect-archive.js';
import { emptyTrust } from '../../../src/pki/trust.js';
import type { Finding } from '../../../src/report/finding.js';
import { appFiles, zipOf } from '../../support/app-archive.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-contents-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What is found in a zip of an app whose files lie below `prefix`. */
async function findingsBelow(prefix: string): Promise<readonly Finding[]> {
  const file = join(folder, 'app.zip');
  const files = [...appFiles()].map(([path, data]) => [`${prefix}${path}`, data] as const);
  await writeFile(file, await zipOf(new Map(files)));
  const request = { appId: null, profile: 'app', trust: emptyTrust, limits: defaultLimits, at: new Date() } as const;
  return (await inspectArchive(file, request)).findings;
}

test('an app that was packed a level too high is told where its info.xml is, and not that it is a second one', async () => {
  expect(await findingsBelow('calendar-main/calendar/')).toMatchObject([
    { code: 'INFO_XML_MISSING', path: 'calendar/appinfo/info.xml' },
  ]);
});
