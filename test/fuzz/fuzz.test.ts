import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LOADER = new URL('../support/typescript.mjs', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('fuzz-program.ts', import.meta.url));

test('5,000 mutated archives: no crash, no hang, nothing leaked, and whatever is sound is the same archive to every reader', () => {
  const run = spawnSync(process.execPath, ['--import', LOADER, PROGRAM, '--cases', '5000', '--readers', '100'], {
    // Without jest's own options; compilers of other languages want a home.
    env: { ...process.env, NODE_OPTIONS: '' },
    encoding: 'utf8',
  });
  // What it prints of a failure says how to repeat it.
  expect({
    failures: run.stdout.match(/^FAILURE .*/gm),
    status: run.status,
    err: run.status === 0 ? '' : run.stderr,
  }).toEqual({
    failures: null,
    status: 0,
    err: '',
  });
  expect(run.stdout).toMatch(/^5000 cases from \d+ seeds/);
}, 300_000);
