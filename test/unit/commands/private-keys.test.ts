import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { parseCertificates } from '../../../src/pki/certificate.js';
import { createWorkspace, type Workspace } from '../../support/workspace.js';

/* A private key in the folder of an app, on the command line. */

let work: Workspace;
let serial: string;

beforeAll(async () => {
  work = await createWorkspace();
  await work.succeed('ca', 'init');
  await work.succeed('ca', 'issue', '--app-id', 'calendar', '--new-key', 'calendar.key', '--out', 'calendar.crt');
  serial = parseCertificates(await readFile(work.path('calendar.crt')))[0]?.serial ?? '';
});
afterAll(() => work.remove());

const SIGN = ['sign', '--path', 'calendar', '--key', 'calendar.key', '--cert', 'calendar.crt'];

test('verify refuses a folder and an archive that hold the key they are signed with, and names the certificate', async () => {
  await work.app('calendar');
  await work.succeed(...SIGN);
  await work.succeed('pack', 'calendar', '--out', 'calendar.zip');
  expect(await work.verify('calendar')).toMatchObject({ exit: 0, findings: [] });
  expect(await work.verify('calendar.zip')).toMatchObject({ exit: 0, findings: [] });
  await copyFile(work.path('calendar.key'), work.path('calendar/js/notes.txt'));
  const { exit, findings } = await work.verify('calendar');
  expect(exit).toBe(1);
  expect(findings[0]).toMatchObject({ code: 'PRIVATE_KEY_IN_ARCHIVE', path: 'js/notes.txt' });
  expect(findings[0]?.message).toContain(serial);
});

test('sign and pack refuse a folder that holds a private key, and name the file', async () => {
  await work.app('second');
  const words = SIGN.with(2, 'second');
  await copyFile(work.path('calendar.key'), work.path('second/calendar.key'));
  const signed = await work.run(...words);
  expect(signed).toMatchObject({ exit: 1, out: '' });
  expect(signed.err).toContain('PRIVATE_KEY_IN_ARCHIVE  calendar.key');
  expect(signed.err).toContain(`${serial} (CN="calendar"), which this would be signed with`);
  expect(await work.run('pack', 'second', '--out', 'other.zip')).toMatchObject({ exit: 1 });
  await writeFile(work.path('second/calendar.key'), 'kept elsewhere\n');
  await work.succeed(...words);
});
