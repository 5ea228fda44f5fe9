import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const compiler = join(root, 'node_modules/typescript/bin/tsc');

let project: string;
let server: Server;
let url: string;

/** A project of somebody else, with the package as npm would put it there, and nothing that it depends on. */
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'portcullis-package-'));
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], {
    cwd: root,
  });
  const [{ filename }] = JSON.parse(stdout);
  const place = join(project, 'node_modules/portcullis');
  await mkdir(place, { recursive: true });
  await run('tar', ['-xzf', join(project, filename), '-C', place, '--strip-components=1']);
  await writeFile(join(project, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ apps: [], next: null }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(project, { recursive: true });
});

test('plain JavaScript asks a store with what was packed', async () => {
  await writeFile(
    join(project, 'ask.js'),
    `import { createClient, listApps, pagesOf } from 'portcullis/client';
const client = createClient({ baseUrl: process.argv[2] });
for await (const { apps } of pagesOf((start) => listApps(client, { query: start }))) console.log(JSON.stringify(apps));
`,
  );
  const { stdout } = await run(process.execPath, ['ask.js', url], { cwd: project });
  expect(stdout).toBe('[]\n');
});

const TYPED = `import { createClient, listApps, readRelease, type Schema } from 'portcullis/client';
const client = createClient({ baseUrl: 'https://store.example.org' });
const answer = await readRelease(client, { path: { appId: 'calendar', version: '1.0.0' } });
export const release: Schema<'Release'> | null = answer.ok && answer.status === 200 ? answer.data : null;
export const words: string = answer.ok ? '' : answer.problem.detail;
// @ts-expect-error: what fails has no data
export const data = answer.ok ? null : answer.data;
// @ts-expect-error: no such parameter
await listApps(client, { query: { colour: 'red' } });
`;

const page = { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [] };
const program = {
  module: 'nodenext',
  lib: ['es2022'],
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
};

test.each([
  ['a page that a bundler makes', page],
  ['a program with strict settings', { ...program, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }],
])('the types tell %s what is what', async (_what, settings) => {
  const compilerOptions = { strict: true, noEmit: true, target: 'es2022', ...settings };
  await writeFile(join(project, 'typed.ts'), TYPED);
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.ts'] }));
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, [compiler, '-p', '.'], { cwd: project }, (_error, out, err) => resolve(out + err));
  });
  expect(said).toBe('');
});

test('no module of it does anything when it is loaded, or needs another package', async () => {
  // So that a bundler keeps only the functions that are called.
  const folder = join(project, 'node_modules/portcullis/dist/client');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'));
  expect(names).toContain('index.js');
  for (const name of names) {
    const source = await readFile(join(folder, name), 'utf8');
    const statements = source.split('\n').filter((line) => /^\S/.test(line) && !/^[}\])]/.test(line));
    for (const line of statements) {
      expect(line).toMatch(
        /^(?:\/[/*]|(?:export )?(?:async )?(?:function|class)\b|export \{|export \* from '\.|import .* from '\.|const [A-Z_]+ = [\d_]+;|async function)/,
      );
    }
  }
  expect((await stat(join(folder, 'client.js'))).size).toBeLessThan(12_000);
});
