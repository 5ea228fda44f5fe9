import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../src/report/report.js';
import { writeAppFolder } from './app-folder.js';
import type { AppArchiveOptions } from './app-archive.js';
import { commandLine } from './run-command-line.js';
import type { CommandLineOptions, CommandLineResult } from './run-command-line.js';

/** A developer's folder: commands run in it, and everything they make lies in it. */
export interface Workspace {
  readonly folder: string;
  path(name: string): string;
  run(...argv: string[]): Promise<CommandLineResult>;
  runWith(options: CommandLineOptions, ...argv: string[]): Promise<CommandLineResult>;
  /** Like `run`, for what must go well. */
  succeed(...argv: string[]): Promise<CommandLineResult>;
  /** `verify --json` of one path. */
  verify(path: string, ...options: string[]): Promise<Report & { readonly input: string; readonly exit: number }>;
  /** Writes an app's files into a folder of this name. */
  app(name: string, options?: AppArchiveOptions): Promise<string>;
  remove(): Promise<void>;
}

export async function createWorkspace(): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-workspace-'));
  const runWith = (options: CommandLineOptions, ...argv: string[]): Promise<CommandLineResult> =>
    commandLine(argv, { workingFolder: folder, ...options });
  const run = (...argv: string[]): Promise<CommandLineResult> => runWith({}, ...argv);
  return {
    folder,
    path: (name) => join(folder, name),
    run,
    runWith,
    async succeed(...argv) {
      const result = await run(...argv);
      if (result.exit !== 0) throw new Error(`portcullis ${argv.join(' ')}: exit ${result.exit}, ${result.err}`);
      return result;
    },
    async verify(path, ...options) {
      const { exit, out, err } = await run('verify', path, '--json', ...options);
      if (out === '') throw new Error(`portcullis verify ${path}: exit ${exit}, ${err}`);
      return { ...(JSON.parse(out) as Report & { input: string }), exit };
    },
    app: (name, options = {}) => writeAppFolder(join(folder, name), options),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
