import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Terminal } from '../../src/commands/command.js';
import { play } from '../../src/commands/demo/play.js';
import type { Attempt, Expected } from '../../src/commands/demo/story.js';
import { startThrowAwayGate } from '../../src/commands/demo/throw-away-gate.js';
import { commandLine, commandLineProgram } from '../support/run-command-line.js';

/** The folder for temporary files of the demos that are started here. */
let temporary: string;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'portcullis-demos-'));
  // Where we are root, Postgres is somebody else, who must get to its data.
  await chmod(temporary, 0o755);
});

afterAll(async () => rm(temporary, { recursive: true, force: true }));

async function demoFolders(): Promise<readonly string[]> {
  return (await readdir(temporary)).filter((name) => name.startsWith('portcullis-demo-'));
}

describe('portcullis demo', () => {
  test('every verdict comes out as told, and nothing is left behind', async () => {
    const { exit, out } = await commandLineProgram(['demo'], { environment: { TMPDIR: temporary } }).result;
    expect(exit).toBe(0);
    const verdicts = [...out.matchAll(/^ {4}(ACCEPTED|REFUSED)(?: {2}(\S+))?(?: {2}(\S+))?$/gm)].map((found) =>
      found.slice(1),
    );
    expect(verdicts).toEqual([
      ['ACCEPTED', undefined, undefined],
      ['REFUSED', 'OFFICIAL_APP_UNSIGNED', undefined],
      ['ACCEPTED', undefined, undefined],
      ['REFUSED', 'INVALID_HASH', 'js/app.js'],
      ['REFUSED', 'CN_MISMATCH', undefined],
      ['ACCEPTED', undefined, undefined],
      ['REFUSED', 'SIGNATURE_DROPPED', undefined],
    ]);
    expect(await demoFolders()).toEqual([]);
  });

  test.each<[string, Expected]>([
    ['accepted instead of refused', { code: 'SIGNATURE_DROPPED' }],
    ['accepted as told', 'accepted'],
  ])('a verdict is held against the story: %s', async (_what, expected) => {
    const gate = await startThrowAwayGate();
    let out = '';
    const terminal: Terminal = {
      out: (text) => (out += text),
      err: () => undefined,
      isInteractive: false,
      environment: {},
      workingFolder: gate.folder,
      now: () => new Date(),
    };
    const app = { id: 'calendar', version: '1.0.0', signer: null };
    const steps: Attempt[] = [{ kind: 'upload', told: 'A new app', app, expected }];
    const surprises = await play(steps, gate, terminal, new AbortController().signal).finally(() => gate.close());
    expect(surprises).toBe(expected === 'accepted' ? 0 : 1);
    expect(out.includes('not as told')).toBe(expected !== 'accepted');
  });

  test('settings of the environment do not change it', async () => {
    const environment = {
      REQUIRE_SIGNATURE: 'true',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:9/nothing',
      PORTCULLIS_URL: 'http://127.0.0.1:9',
    };
    expect((await commandLine(['demo'], { environment })).exit).toBe(0);
  });

  test('Ctrl-C in the middle stops it, and nothing is left behind', async () => {
    const { program, result } = commandLineProgram(['demo'], { environment: { TMPDIR: temporary } });
    while ((await demoFolders()).length === 0) await pause(20);
    program.kill('SIGINT');
    // The second one, which npm adds.
    program.kill('SIGINT');
    const { exit, out } = await result;
    expect(exit).toBe(3);
    expect(out).not.toContain('as told');
    expect(await demoFolders()).toEqual([]);
  });
});
