import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { commandLine } from '../support/run-command-line.js';

/** The temporary folders of demos; another test file's demo is none of ours, so that we look for what is new. */
async function demoFolders(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('portcullis-demo-'));
}

describe('portcullis demo', () => {
  test('every verdict comes out as told, and nothing is left behind', async () => {
    const before = await demoFolders();
    const { exit, out } = await commandLine(['demo']);
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
    expect(await demoFolders()).toEqual(before);
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
    const before = await demoFolders();
    const running = commandLine(['demo']);
    while ((await demoFolders()).length === before.length) await pause(20);
    // As Node tells it that the terminal sent it; a real signal would end the tests as well.
    process.emit('SIGINT', 'SIGINT');
    const { exit, out } = await running;
    expect(exit).toBe(3);
    expect(out).not.toContain('as told');
    expect(await demoFolders()).toEqual(before);
  });
});
