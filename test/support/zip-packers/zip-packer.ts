import { execFile, execFileSync } from 'node:child_process';
import type { FindingCode } from '../../../src/report/catalogue.js';

/** One way to make a zip of a folder. */
export interface ZipPacker {
  /** In lower case with hyphens, good as part of a file's name. */
  readonly name: string;
  /** The program that must be installed; `node` for the libraries among our dependencies. */
  readonly tool: string;
  isInstalled(): boolean;
  /**
   * Packs the folder `topLevel` of `folder`, so that every name in the archive begins with `topLevel/`. Changes nothing in
   * `folder`.
   *
   * @param out path of the archive, outside of `folder`, where nothing is yet
   * @throws where the tool ends with an error
   */
  pack(folder: string, topLevel: string, out: string): Promise<void>;
}

/** A packer whose archives are refused by design. */
export interface RefusedZipPacker extends ZipPacker {
  /** What the gate says of them, sorted. */
  readonly codes: readonly FindingCode[];
}

const asked = new Map<string, boolean>();

/** Whether a shell command ends well; asked once. */
export function succeeds(command: string): boolean {
  const known = asked.get(command);
  if (known !== undefined) return known;
  let answer = true;
  try {
    execFileSync('sh', ['-c', command], { stdio: 'ignore' });
  } catch {
    answer = false;
  }
  asked.set(command, answer);
  return answer;
}

/**
 * Runs a program in a UTF-8 locale, without a shell.
 *
 * @throws with what it printed where it fails
 */
export function run(
  tool: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<void> {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', ...options.env };
  return new Promise((resolve, reject) => {
    execFile(tool, args, { cwd: options.cwd, env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`${tool} failed: ${error.message}\n${stdout}${stderr}`));
    });
  });
}
