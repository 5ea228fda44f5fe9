import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the openssl command line said, both streams together, and its exit status. */
export interface OpensslAnswer {
  readonly status: number;
  readonly output: string;
}

/** Runs the openssl command line, an oracle that shares no code of ours, with files under the given names beside it. */
export async function openssl(
  args: readonly string[],
  files: Readonly<Record<string, string | Buffer>> = {},
): Promise<OpensslAnswer> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-openssl-'));
  try {
    for (const [name, contents] of Object.entries(files)) await writeFile(join(folder, name), contents);
    return await new Promise((resolve, reject) => {
      execFile('openssl', [...args], { cwd: folder }, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') {
          reject(new Error('openssl could not be run.', { cause: error }));
          return;
        }
        resolve({ status: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
      });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What openssl printed for a run that succeeded. Rejects when it failed. */
export async function opensslText(
  args: readonly string[],
  files: Readonly<Record<string, string | Buffer>> = {},
): Promise<string> {
  const { status, output } = await openssl(args, files);
  if (status !== 0) throw new Error(`openssl ${args.join(' ')} failed: ${output}`);
  return output;
}
