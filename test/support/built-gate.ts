import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CommandLineResult } from './run-command-line.js';

const SERVER = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const COMMAND_LINE = fileURLToPath(new URL('../../bin/portcullis', import.meta.url));

/** The built server as a program of its own, from its first moment to its last. */
export interface ServerProgram {
  readonly program: ChildProcess;
  /** What it has written so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Resolves with what it has written once that matches; rejects where it ends without. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts `node dist/main.js`; nothing of the tests' own environment is seen. */
export function runServer(environment: NodeJS.ProcessEnv): ServerProgram {
  requireBuild();
  const program = spawn(process.execPath, [SERVER], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  program.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  program.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  let hasEnded = false;
  const ended = once(program, 'close').then(([code]) => {
    hasEnded = true;
    return code as number | null;
  });
  return {
    program,
    out: () => out,
    err: () => err,
    ended,
    async says(pattern) {
      for (;;) {
        const said = pattern.exec(out);
        if (said !== null) return said;
        if (hasEnded) throw new Error(`The server ended without saying ${String(pattern)}:\n${out}${err}`);
        await Promise.race([ended, pause(20)]);
      }
    },
  };
}

/** Runs the words after `portcullis` in a program of their own, as a shell would. */
export async function runPortcullis(
  argv: readonly string[],
  { environment, workingFolder }: { readonly environment: NodeJS.ProcessEnv; readonly workingFolder: string },
): Promise<CommandLineResult> {
  requireBuild();
  const program = spawn(COMMAND_LINE, [...argv], {
    cwd: workingFolder,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[exit], out, err] = await Promise.all([
    once(program, 'close') as Promise<[number | null]>,
    text(program.stdout),
    text(program.stderr),
  ]);
  return { exit: exit ?? -1, out, err };
}

/** What a test may want to be otherwise. */
export interface BuiltGateOptions {
  /** An earlier gate's; a new one by default. */
  readonly dataDir?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** The built server on a data folder of its own, with the embedded Postgres, and a developer's folder beside it. */
export interface BuiltGate extends ServerProgram {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly dataDir: string;
  /** Commands run in it, and everything they make lies in it. */
  readonly workspace: string;
  path(...names: string[]): string;
  operatorToken(): Promise<string>;
  /** A new token, made by the operator's command on the same data folder; good for uploading the app. */
  token(appId: string): Promise<string>;
  /** Runs a command as somebody who has this token, or none, in the workspace, with the gate's DATA_DIR. */
  run(argv: readonly string[], token?: string): Promise<CommandLineResult>;
  /** Like `run`, for what must go well. */
  succeed(argv: readonly string[], token?: string): Promise<CommandLineResult>;
  /** Ends it with SIGTERM, if it hasn't ended, and waits: its exit code. */
  stop(): Promise<number | null>;
  /** Stops it and removes every file. */
  remove(): Promise<void>;
}

/** Starts the built server and waits until it listens. */
export async function startBuiltGate({ dataDir, environment = {} }: BuiltGateOptions = {}): Promise<BuiltGate> {
  const folder = dataDir ?? (await newDataFolder());
  // The apps of tests declare screenshots at places that aren't there.
  const server = runServer({ DATA_DIR: folder, SCREENSHOTS: 'off', ...environment });
  const [, url = ''] = await server.says(/"address":"([^"]+)","msg":"listening"/);
  const workspace = join(folder, 'test-workspace');
  await mkdir(workspace, { recursive: true });

  const run = (argv: readonly string[], token?: string): Promise<CommandLineResult> =>
    runPortcullis(argv, {
      workingFolder: workspace,
      environment: { DATA_DIR: folder, PORTCULLIS_URL: url, ...(token !== undefined && { PORTCULLIS_TOKEN: token }) },
    });
  const succeed = async (argv: readonly string[], token?: string): Promise<CommandLineResult> => {
    const result = await run(argv, token);
    if (result.exit === 0) return result;
    throw new Error(`portcullis ${argv.join(' ')}: exit ${result.exit}\n${result.out}${result.err}`);
  };
  const stop = async (): Promise<number | null> => {
    if (server.program.exitCode === null && server.program.signalCode === null) server.program.kill('SIGTERM');
    return server.ended;
  };
  return {
    ...server,
    url,
    dataDir: folder,
    workspace,
    path: (...names) => join(workspace, ...names),
    operatorToken: async () => (await readFile(join(folder, 'operator-token'), 'utf8')).trim(),
    token: async (appId) => (await succeed(['token', 'create', '--app', appId])).out.trim(),
    run,
    succeed,
    stop,
    async remove() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A folder that a gate has not seen yet. */
export async function newDataFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'portcullis-built-'));
}

/** The process id of the embedded Postgres of a data folder, null where none runs. */
export async function postgresOf(dataDir: string): Promise<number | null> {
  const lock = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(lock.split('\n', 1)[0]);
  return pid > 1 && existsSync(`/proc/${pid}`) ? pid : null;
}

/** What lies in the folder for uploads under way. */
export async function uploadsUnderWay(dataDir: string): Promise<readonly string[]> {
  return readdir(join(dataDir, 'tmp'), { recursive: true });
}

function requireBuild(): void {
  if (!existsSync(SERVER)) throw new Error('These tests run the built server: npm run build');
}
