import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether a program is on this machine. */
export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A test that runs where a program is, and elsewhere says in its title why it doesn't. */
export function testWith(program: string): jest.It {
  const skipped = ((name: string, ...rest: [jest.ProvidesCallback?, number?]) => {
    test.skip(`${name} (skipped: ${program} is not installed)`, ...rest);
  }) as jest.It;
  return isInstalled(program) ? test : skipped;
}

/** The file that a shell script writes as `out`, in a folder of its own. */
export async function fileFrom(script: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-keys-'));
  try {
    // A program that asks something gets no answer, and waits for none.
    await run('sh', ['-ec', `exec </dev/null; ${script}`], {
      cwd: folder,
      env: { ...process.env, GNUPGHOME: folder },
      timeout: 60_000,
    });
    return await readFile(join(folder, 'out'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
