import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

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
