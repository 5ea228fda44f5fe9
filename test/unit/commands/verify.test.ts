import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import type { Report } from '../../../src/report/report.js';
import { appArchive } from '../../support/app-archive.js';
import { createWorkspace } from '../../support/workspace.js';
import type { Workspace } from '../../support/workspace.js';

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
  await work.succeed('ca', 'init');
  await work.succeed('ca', 'issue', '--app-id', 'calendar', '--new-key', 'calendar.key');
  await work.app('calendar');
  await work.succeed('sign', '--path', 'calendar', '--key', 'calendar.key', '--cert', 'calendar.crt');
  await work.succeed('pack', 'calendar', '--out', 'signed.zip');
  await writeFile(work.path('unsigned.zip'), await appArchive());
});

afterAll(async () => work.remove());

function codes({ findings }: Report): readonly string[] {
  return findings.map(({ code }) => code);
}

describe('what it recognises by its content', () => {
  test.each([
    ['signed.zip', 'signed.zip'],
    ['calendar', 'a folder'],
    ['calendar/appinfo/signature.json', 'a signature file'],
  ])('%s is accepted as signed', async (path) => {
    const report = await work.verify(path);
    expect(report).toMatchObject({ exit: 0, input: path, outcome: 'accepted', findings: [] });
    expect(report.signature).toMatchObject({ status: 'valid', format: 2, signer: { commonName: 'calendar' } });
  });

  test('a zip by another name is an archive, and a signature file by another name a signature file', async () => {
    await cp(work.path('signed.zip'), work.path('zip.json'));
    await cp(work.path('calendar/appinfo/signature.json'), work.path('signature.txt'));
    expect((await work.verify('zip.json')).archive).not.toBeNull();
    expect((await work.verify('signature.txt')).archive).toBeNull();
  });

  test('a file that is neither is refused as no archive', async () => {
    await writeFile(work.path('page.zip'), '<html>not found</html>');
    expect(await work.verify('page.zip')).toMatchObject({ exit: 1, findings: [{ code: 'ARCHIVE_NOT_ZIP' }] });
  });

  test.each(['', 'TODO', '[]', '{', '{"hashes": 1}'])('the text %j in signature.json is malformed', async (text) => {
    await mkdir(work.path('broken'), { recursive: true });
    await writeFile(work.path('broken/signature.json'), text);
    const report = await work.verify('broken/signature.json');
    expect(report).toMatchObject({ exit: 1, outcome: 'refused', signature: { status: 'invalid' } });
    expect(codes(report)).toContain('SIGNATURE_FILE_MALFORMED');
  });
});

describe('unsigned apps', () => {
  test('are accepted, with and without a trust folder', async () => {
    const alone = await createWorkspace();
    await cp(work.path('unsigned.zip'), alone.path('unsigned.zip'));
    for (const report of [await work.verify('unsigned.zip'), await alone.verify('unsigned.zip')]) {
      expect(report).toMatchObject({ exit: 0, outcome: 'accepted', signature: { status: 'absent' } });
    }
    await alone.remove();
  });

  test('are refused with --signed', async () => {
    const report = await work.verify('unsigned.zip', '--signed');
    expect(report).toMatchObject({ exit: 1, outcome: 'refused' });
    expect(codes(report)).toEqual(['MISSING_SIGNATURE']);
  });
});

describe('tampered apps', () => {
  test('a changed, an added and a missing file are named', async () => {
    await cp(work.path('calendar'), work.path('tampered'), { recursive: true });
    await writeFile(work.path('tampered/js/script.js'), 'evil()');
    await writeFile(work.path('tampered/added.php'), '<?php evil();');
    execFileSync('rm', [work.path('tampered/css/style.css')]);
    const report = await work.verify('tampered');
    expect(report.exit).toBe(1);
    expect(report.findings.map(({ code, path }) => `${code} ${path ?? ''}`).sort()).toEqual([
      'EXTRA_FILE added.php',
      'FILE_MISSING css/style.css',
      'INVALID_HASH js/script.js',
    ]);
    const { out, exit } = await work.run('verify', 'tampered');
    expect(exit).toBe(1);
    expect(out.startsWith('REFUSED')).toBe(true);
    expect(out).toContain('\t- INVALID_HASH\n\t\t- js/script.js\n');
  });

  test('a link in a folder is refused', async () => {
    await cp(work.path('calendar'), work.path('linked'), { recursive: true });
    await symlink('/etc/passwd', work.path('linked/passwd'));
    expect(codes(await work.verify('linked'))).toContain('ARCHIVE_SYMLINK');
  });
});

describe('whom it believes', () => {
  test('without any trust folder a signature is refused, and --trust explained', async () => {
    const alone = await createWorkspace();
    await cp(work.path('signed.zip'), alone.path('signed.zip'));
    const { exit, out, err } = await alone.run('verify', 'signed.zip', '--json');
    expect(exit).toBe(1);
    expect(codes(JSON.parse(out) as Report)).toEqual(['BAD_CHAIN']);
    expect(err).toContain('--trust');
    expect(await alone.verify('signed.zip', '--trust', work.path('data/trust'))).toMatchObject({ exit: 0 });
    await alone.remove();
  });

  test('a trust folder that is named must be usable', async () => {
    const { exit, out } = await work.run('verify', 'unsigned.zip', '--trust', 'nowhere');
    expect({ exit, out }).toEqual({ exit: 3, out: '' });
  });

  test('a certificate of another gate whose authority has the same name is told apart', async () => {
    const other = await createWorkspace();
    await other.succeed('ca', 'init');
    const report = await work.verify('signed.zip', '--trust', other.path('data/trust'));
    expect(report).toMatchObject({
      exit: 1,
      findings: [
        {
          code: 'BAD_CHAIN',
          cause: expect.stringContaining('of the same name') as string,
          fix: expect.stringContaining('portcullis ca issue') as string,
        },
      ],
    });
    await other.remove();
  });

  test('TRUST_DIR is believed', async () => {
    const elsewhere = { workingFolder: '/', environment: { TRUST_DIR: work.path('data/trust') } };
    expect(await work.runWith(elsewhere, 'verify', work.path('signed.zip'))).toMatchObject({ exit: 0 });
  });

  test.each([
    ['data/trust', {}],
    ['.env', { '.env': 'TRUST_DIR=keys\n' }],
  ])('an app that brings its own %s along does not vouch for itself', async (_what, files) => {
    const evil = await createWorkspace();
    // Not in the app, which would not be signed then.
    const elsewhere = await createWorkspace();
    const [authority, key, crt] = [elsewhere.path('authority'), elsewhere.path('key'), elsewhere.path('crt')];
    const isSetByFile = '.env' in files;
    await evil.succeed('ca', 'init', '--trust', isSetByFile ? 'keys' : 'data/trust', '--out', authority);
    await evil.app('.');
    const issued = ['--new-key', key, '--out', crt, '--ca', authority];
    await evil.succeed('ca', 'issue', '--app-id', 'calendar', ...issued);
    for (const [name, content] of Object.entries(files)) await writeFile(evil.path(name), content);
    await evil.succeed('sign', '--path', '.', '--key', key, '--cert', crt);
    const { exit, out, err } = await evil.run('verify', '.', '--json');
    expect(exit).toBe(1);
    expect(codes(JSON.parse(out) as Report)).toContain('BAD_CHAIN');
    expect(err).toContain('--trust');
    // The same with whom to trust said by the caller, so that it is this that made the difference.
    const trust = isSetByFile ? 'keys' : 'data/trust';
    expect(codes(await evil.verify('.', '--trust', trust))).not.toContain('BAD_CHAIN');
    await evil.remove();
    await elsewhere.remove();
  });

  test('--at judges at another time', async () => {
    const year = new Date().getUTCFullYear();
    expect(codes(await work.verify('signed.zip', '--at', `${year + 5}-01-01`))).toContain('BAD_CHAIN');
    expect(codes(await work.verify('signed.zip', '--at', '2001-01-01T00:00:00Z'))).toContain('BAD_CHAIN');
  });
});

describe('which app it must be', () => {
  test('--app-id is compared with folder, info.xml and certificate', async () => {
    const report = await work.verify('signed.zip', '--app-id', 'contacts');
    expect(report.exit).toBe(1);
    expect(codes(report)).toEqual(expect.arrayContaining(['APP_ID_MISMATCH', 'CN_MISMATCH']));
    const fixes = report.findings.filter(({ code }) => code === 'APP_ID_MISMATCH').map(({ fix }) => fix);
    expect(fixes).toEqual([
      'Once <id> is "contacts", portcullis pack DIR names the folder so.',
      expect.stringContaining('Otherwise set <id> to "contacts"'),
    ]);
  });

  test('--app-id may have capitals, as old apps have', async () => {
    const report = await work.verify('calendar/appinfo/signature.json', '--app-id', 'SomeApp');
    expect(report).toMatchObject({
      exit: 1,
      findings: [{ code: 'CN_MISMATCH', expected: 'SomeApp', actual: 'calendar' }],
    });
  });

  test('a folder that is called otherwise is what differs, not the id in info.xml', async () => {
    await writeFile(work.path('versioned.zip'), await appArchive({ topLevelFolder: 'calendar-1.0.0' }));
    expect(await work.verify('versioned.zip')).toMatchObject({
      exit: 1,
      findings: [{ code: 'APP_ID_MISMATCH', path: 'calendar-1.0.0/', expected: 'calendar', actual: 'calendar-1.0.0' }],
    });
  });

  test('a signature file alone is checked against --app-id, or taken at its word', async () => {
    expect(await work.verify('calendar/appinfo/signature.json', '--app-id', 'calendar')).toMatchObject({ exit: 0 });
    expect(await work.verify('calendar/appinfo/signature.json', '--core')).toMatchObject({ exit: 1 });
  });

  test('of a signature file alone it is said that the files were not checked, and of nothing else', async () => {
    expect((await work.run('verify', 'calendar/appinfo/signature.json')).out).toContain('not checked');
    expect((await work.run('verify', 'calendar')).out).not.toContain('not checked');
    expect((await work.run('verify', 'signed.zip')).out).not.toContain('not checked');
  });

  test.each([
    [['x', '--core', '--app-id', 'calendar']],
    [['x', '--json', '--text']],
    [['x', '--at', 'yesterday']],
    [['x', '--at', '2026-05-01T12:00:00']],
    [['x', '--app-id', '']],
    [['']],
    [[]],
  ])('%j is not understood', async (words) => {
    expect(await work.run('verify', ...words)).toMatchObject({ exit: 2, out: '' });
  });
});

describe('several paths', () => {
  test('--json prints one report a line, each with its input', async () => {
    const paths = ['unsigned.zip', 'calendar', 'signed.zip'];
    const { exit, out } = await work.run('verify', ...paths, '--json');
    const reports = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { input: string });
    expect(exit).toBe(0);
    expect(reports.map(({ input }) => input)).toEqual(paths);
  });

  test('one that is refused makes it 1, one that can not be read 3, and the others are still reported', async () => {
    expect(await work.run('verify', 'unsigned.zip', 'signed.zip', '--signed')).toMatchObject({ exit: 1 });
    const { exit, out, err } = await work.run('verify', 'nowhere', 'unsigned.zip', 'signed.zip', '--signed', '--json');
    expect(exit).toBe(3);
    expect(out.trimEnd().split('\n')).toHaveLength(2);
    expect(err).toContain('nowhere');
  });
});

test('nothing in an app moves the cursor of the terminal', async () => {
  const name = 'Calendar \u001b[2J\u202e';
  await writeFile(work.path('escape.zip'), await appArchive({ name, files: { 'js/\u001b]0;x\u0007.js': 'x' } }));
  const { out } = await work.run('verify', 'escape.zip');
  expect([...out].filter((letter) => letter === '\u202e' || (letter < ' ' && !'\n\t'.includes(letter)))).toEqual([]);
});

test('the report is what the gate would write', async () => {
  const { out } = await work.run('verify', 'signed.zip', '--json');
  const report = JSON.parse(out) as Report;
  expect(Object.keys(report).sort()).toEqual(
    [
      'app',
      'archive',
      'findings',
      'gate',
      'input',
      'inspectedAt',
      'omittedFindings',
      'outcome',
      'schema',
      'signature',
    ].sort(),
  );
  expect(report.archive?.bytes).toBe((await readFile(work.path('signed.zip'))).length);
});
