import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendJson, upload } from '../support/api.js';
import { appArchive, type AppArchiveOptions } from '../support/app-archive.js';
import { writeAppFolder } from '../support/app-folder.js';
import { commandLine, type CommandLineResult } from '../support/run-command-line.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let folder: string;
let app: string;
const servers: Server[] = [];

const before: AppArchiveOptions = {
  version: '1.0.0',
  files: { 'js/app.js': 'one', 'js/gone.js': 'gone', ['__proto__']: 'a name like any other' },
};
const now: AppArchiveOptions = {
  version: '1.1.0',
  files: { 'js/app.js': 'two', 'js/new.js': 'new', ['__proto__']: 'a name like any other' },
};

async function publish(options: AppArchiveOptions): Promise<void> {
  const { status, body } = await upload(gate.url, await gate.token('calendar'), 'calendar', await appArchive(options));
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
}

beforeAll(async () => {
  gate = await startTestGate();
  for (const options of [before, now, { ...now, version: '1.2.0' }, { ...now, version: '1.3.0' }])
    await publish(options);
  for (const [version, status] of [
    ['1.2.0', 'withdrawn'],
    ['1.3.0', 'quarantined'],
  ]) {
    const path = `${gate.url}/api/v1/apps/calendar/releases/${version}/status`;
    const changed = await sendJson(path, 'PUT', gate.operatorToken, { status, reason: 'It deletes calendars.' });
    expect(changed.status).toBe(200);
  }
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-installed-'));
  app = await writeAppFolder(join(folder, 'calendar'), now);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

afterAll(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  await gate.stop();
});

async function verify(...words: string[]): Promise<CommandLineResult> {
  return commandLine(['verify', 'calendar', '--release', 'calendar@1.1.0', '--store', gate.url, ...words], {
    workingFolder: folder,
  });
}

async function findings(...words: string[]): Promise<readonly string[]> {
  const { exit, out } = await verify('--json', ...words);
  const said = JSON.parse(out);
  expect(said.unchanged).toBe(said.findings.length === 0);
  expect(exit).toBe(said.findings.length === 0 ? 0 : 1);
  return said.findings.map(({ code, path }: { code: string; path: string }) => `${code} ${path}`).sort();
}

describe('portcullis verify --release', () => {
  test('an app that is as the store published it is exit 0', async () => {
    expect(await findings()).toEqual([]);
    const { exit, out, err } = await verify();
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^UNCHANGED {2}calendar\n/);
    expect(out).toContain('calendar 1.1.0, published');
    expect(out).not.toContain('Technical information');
  });

  test('every file that was changed, removed or added is told in the layout of ownCloud', async () => {
    await writeFile(join(app, 'js/app.js'), 'evil');
    await rm(join(app, 'js/new.js'));
    await writeFile(join(app, 'js/shell.php'), '<?php');
    expect(await findings()).toEqual(['EXTRA_FILE js/shell.php', 'FILE_MISSING js/new.js', 'INVALID_HASH js/app.js']);
    const { exit, out } = await verify();
    expect(exit).toBe(1);
    expect(out).toMatch(/^CHANGED {2}calendar\n/);
    expect(out).toContain(`Results
=======
- calendar
\t- INVALID_HASH
\t\t- js/app.js
\t- FILE_MISSING
\t\t- js/new.js
\t- EXTRA_FILE
\t\t- js/shell.php
`);
    expect(out).toContain('Array\n(\n    [calendar] => Array\n');
  });

  test('a file of the release is missed whatever its name', async () => {
    await rm(join(app, '__proto__'));
    expect(await findings()).toEqual(['FILE_MISSING __proto__']);
  });

  test('what servers leave out when they check is no extra file, and a name like it is', async () => {
    await writeFile(join(app, 'js/.DS_Store'), 'x');
    await writeFile(join(app, 'Thumbs.db'), 'x');
    await writeFile(join(app, 'appinfo/signature.json'), '{}');
    expect(await findings()).toEqual([]);
    await writeFile(join(app, 'js/.DS_Store.php'), 'x');
    await mkdir(join(app, '.git'));
    await writeFile(join(app, '.git/config'), 'x');
    expect(await findings()).toEqual(['EXTRA_FILE .git/config', 'EXTRA_FILE js/.DS_Store.php']);
  });

  test('links are not followed: neither in the place of a file nor beside it', async () => {
    await rename(join(app, 'js/app.js'), join(folder, 'elsewhere.js'));
    await symlink(join(folder, 'elsewhere.js'), join(app, 'js/app.js'));
    await symlink('/etc', join(app, 'lib'));
    expect(await findings()).toEqual(['EXTRA_FILE js/app.js', 'EXTRA_FILE lib', 'FILE_MISSING js/app.js']);
  });

  test('a name that is no UTF-8 hides nothing', async () => {
    await writeFile(Buffer.concat([Buffer.from(`${app}/`), Buffer.from([0xff]), Buffer.from('.php')]), 'x');
    expect(await findings()).toEqual(['EXTRA_FILE ÿ.php']);
  });

  test('files deeper than an archive may have them are found, too', async () => {
    const deep = join(app, ...Array.from({ length: 40 }, () => 'd'));
    await mkdir(deep, { recursive: true });
    await writeFile(join(deep, 'shell.php'), 'x');
    expect(await findings()).toEqual([`EXTRA_FILE ${'d/'.repeat(40)}shell.php`]);
  });

  test.each([
    ['1.2.0', 'withdrawn'],
    ['1.3.0', 'quarantined'],
  ])('a release that does not stand is exit 1, with the reason (%s)', async (version, status) => {
    await writeAppFolder(app, { ...now, version });
    const said = await verify('--release', `calendar@${version}`);
    expect(said.exit).toBe(1);
    expect(said.out).toMatch(/^UNCHANGED/);
    expect(said.out).toContain(`calendar ${version}, ${status}\n             It deletes calendars. (`);
    const { release } = JSON.parse((await verify('--release', `calendar@${version}`, '--json')).out);
    expect(release).toMatchObject({ app: 'calendar', version, status, statusReason: 'It deletes calendars.' });
  });
});

describe('the words of it', () => {
  test('name the codes that occur, and how it is mended', async () => {
    await rm(join(app, 'css/style.css'));
    const { out } = await verify();
    expect(out).toContain(
      '  FILE_MISSING  a file of the release is not there\n\n  To mend it: install the release anew',
    );
    expect(out).not.toMatch(/INVALID_HASH|EXTRA_FILE|Installed/);
  });

  test.each(['withdrawn', 'quarantined'])('send nobody back to a release that is %s', async (status) => {
    const version = status === 'withdrawn' ? '1.2.0' : '1.3.0';
    await writeAppFolder(app, { ...now, version });
    await writeFile(join(app, 'js/app.js'), 'changed');
    const { out } = await verify('--release', `calendar@${version}`);
    expect(out).toContain(`install a release that is published; this one is ${status}.`);
    expect(out).not.toContain('anew');
  });

  test.each([
    ['version', { ...now, version: '1.0.0' }, 'calendar 1.0.0', '--release calendar@1.0.0'],
    ['app', { ...now, id: 'notes' }, 'notes 1.1.0', '--release notes@1.1.0'],
  ])('begin with it where the folder is of another %s', async (_what, options, name, advice) => {
    await writeAppFolder(app, options);
    const { exit, out } = await verify();
    expect(exit).toBe(1);
    expect(out.split('\n')[2]).toContain(`Installed  ${name}, as its info.xml says: another one`);
    expect(out).toContain(`To compare it with what it says it is: ${advice}\n`);
    const [app_, version] = name.split(' ');
    expect(JSON.parse((await verify('--json')).out).another).toEqual({ app: app_, version });
  });

  test('an info.xml that is none says nothing', async () => {
    for (const xml of [
      '<info/>',
      '<info><id>\u001b[2J</id><name>x</name><version>1</version></info>',
      'x'.repeat(200_000),
    ]) {
      await writeFile(join(app, 'appinfo/info.xml'), xml);
      expect(JSON.parse((await verify('--json')).out).another).toBeNull();
    }
  });

  test('of a store that is not there name the option that sets its address', async () => {
    const { exit, err } = await verify('--store', 'http://127.0.0.1:1');
    expect([exit, err]).toEqual([3, expect.stringContaining('set with --store or PORTCULLIS_URL')]);
  });
});

describe('with --from', () => {
  test('an upgrade that was done is said to be', async () => {
    const { exit, out } = await verify('--from', '1.0.0');
    expect(exit).toBe(0);
    expect(out).toContain('Upgrade    from 1.0.0: nothing left behind, everything replaced');
  });

  test('what it left behind, did not replace and did not add is named', async () => {
    await writeAppFolder(app, before);
    await rm(join(app, 'js/new.js'));
    await writeFile(join(app, 'js/own.js'), 'the owner’s');
    const { exit, out } = await verify('--from', '1.0.0', '--json');
    expect(exit).toBe(1);
    expect(JSON.parse(out).upgrade).toEqual({
      from: '1.0.0',
      leftBehind: ['js/gone.js'],
      notReplaced: expect.arrayContaining(['appinfo/info.xml', 'js/app.js']),
      notAdded: ['js/new.js'],
    });
    expect((await verify('--from', '1.0.0')).out).toContain('left behind: js/gone.js\n');
  });

  test('a release before that is none is exit 2', async () => {
    const { exit, out, err } = await verify('--from', '0.9.0');
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain('has no release calendar 0.9.0');
  });
});

describe('what can not be told', () => {
  test.each<[string, number, string[]]>([
    ['no such release', 1, ['--release', 'calendar@9.9.9']],
    ['no such app', 1, ['--release', 'nosuchapp@1.0.0']],
    ['a version that would lead elsewhere', 3, ['--release', 'calendar@..']],
    ['no version', 2, ['--release', 'calendar']],
    ['the server itself', 2, ['--release', 'core@10.15.0']],
    ['a trust folder, which nobody asks for', 2, ['--trust', 'x']],
    ['two folders', 2, ['other']],
    ['an address that is none', 2, ['--store', 'ftp://example.org']],
    ['a store that is not there', 3, ['--store', 'http://127.0.0.1:1']],
  ])('%s is exit %i', async (_what, exit, words) => {
    const result = await verify(...words);
    expect([result.exit, result.out]).toEqual([exit, '']);
    expect(result.err).not.toBe('');
  });

  test('at an address of the store that is wrong is exit 3: no release is there, and no catalogue', async () => {
    const { exit, out, err } = await verify('--store', `${gate.url}/wrong/path`);
    expect([exit, out]).toEqual([3, '']);
    expect(err).not.toContain('has no release');
    // One where everything else is answered, by somebody else.
    const elsewhere = await listen((request, response) => {
      const isAsked = request.url?.includes('/releases/') === true;
      response.statusCode = isAsked ? 404 : 200;
      response.setHeader('content-type', isAsked ? 'application/problem+json' : 'text/html');
      response.end(isAsked ? JSON.stringify({ detail: 'Nothing.', code: 'NOT_FOUND' }) : '<h1>Welcome</h1>');
    });
    expect(await verify('--store', elsewhere)).toMatchObject({ exit: 3, out: '' });
  });

  test('a folder that is not there is exit 3, a file is exit 2', async () => {
    const words = ['--release', 'calendar@1.1.0', '--store', gate.url];
    const options = { workingFolder: folder };
    expect((await commandLine(['verify', 'nosuch', ...words], options)).exit).toBe(3);
    expect((await commandLine(['verify', 'calendar/js/app.js', ...words], options)).exit).toBe(2);
  });

  test('--store and --from say nothing without --release', async () => {
    expect((await commandLine(['verify', app, '--store', gate.url])).exit).toBe(2);
    expect((await commandLine(['verify', app, '--from', '1.0.0'])).exit).toBe(2);
  });

  test.each<[string, object]>([
    ['another release', { appId: 'calendar', version: '1.0.0', files: {} }],
    ['another app', { appId: 'notes', version: '1.1.0', files: {} }],
    ['no digests', { appId: 'calendar', version: '1.1.0', files: { a: { bytes: 1, sha512: 'x' } } }],
    ['no files', { appId: 'calendar', version: '1.1.0' }],
    ['a list of files', { appId: 'calendar', version: '1.1.0', files: [] }],
  ])('a store that answers with the manifest of %s is exit 3', async (_what, manifest) => {
    const url = await storeWith(manifest);
    expect(await verify('--store', url)).toMatchObject({ exit: 3, out: '' });
  });

  test('what a store says steers no terminal, in JSON neither', async () => {
    const sha512 = 'a'.repeat(128);
    const files = { 'a\u001b[2J\u009b2J\u202e.js': { bytes: 1, sha512 } };
    const url = await storeWith({ appId: 'calendar', version: '1.1.0', files });
    await mkdir(join(app, 'x'));
    for (const words of [['--json'], [], ['--json', '--from', '1.1.0']]) {
      const { out, err } = await verify('--store', url, ...words);
      for (const sign of ['\u001b', '\u009b', '\u202e']) expect(out + err).not.toContain(sign);
      expect(out).toContain('u{9b}2J');
    }
  });
});

/** A store that answers as ours does about the release, and has this manifest for every version. */
async function storeWith(manifest: object): Promise<string> {
  const release = await (await fetch(`${gate.url}/api/v1/apps/calendar/releases/1.1.0`)).text();
  return listen((request, response) => {
    const isManifest = request.url?.endsWith('/manifest') === true;
    response.setHeader('content-type', 'application/json');
    response.end(isManifest ? JSON.stringify(manifest) : release);
  });
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
