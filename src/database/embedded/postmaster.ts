import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { link, lstat, open, readFile, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { Binaries } from './binaries.js';
import type { Cluster, Credentials } from './cluster.js';
import { embeddedPostgresError } from './embedded-postgres-error.js';
import { codeOfError } from '../../error-words.js';
import { serverEnvironment, workingDirectory } from './run-program.js';

/** A running server's main program, as its own lock file (`postmaster.pid`) describes it. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Whether it takes connections. */
  readonly ready: boolean;
}

export interface LaunchOptions {
  readonly durable: boolean;
  readonly logFile: string;
}

/** A log longer than this is put aside when the server starts; the one before it goes. */
const longLog = 5 * 1024 * 1024;

/** Of what a server wrote before it ended, the last so many bytes are passed on. */
const longComplaint = 2_000;

/** How a server is asked to stop, and how many milliseconds it has to follow. */
const stopSignals = [
  ['SIGINT', 20_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const;

/** Small, for one gate on one machine: a gate's pool, a few commands, and our own sessions fit in 60 connections. */
const settings: readonly string[] = [
  'listen_addresses=127.0.0.1',
  // TCP with a password works wherever Node does; sockets have path limits and don't work on every mounted folder.
  'unix_socket_directories=',
  'max_connections=60',
  'shared_buffers=64MB',
  'max_wal_size=256MB',
  'password_encryption=scram-sha-256',
  'log_timezone=UTC',
  'timezone=UTC',
  'log_line_prefix=%m [%p] %u@%d ',
  'log_checkpoints=off',
  'jit=off',
  // Programs that a small server has no use for.
  'io_method=sync',
  'max_logical_replication_workers=0',
];

/** A database that may be lost, for tests. */
const volatileSettings: readonly string[] = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** The server running on `cluster`, or null. A lock file that a killed server has left behind counts for nothing. */
export async function findPostmaster(cluster: Cluster, { clusterName }: Credentials): Promise<Postmaster | null> {
  const { pid, port, status } = parseLock(await readLock(cluster));
  if (pid === null || !isAlive(pid) || (await commandIsOther(pid, clusterName))) return null;
  return { pid, port, ready: status === 'ready' };
}

/**
 * Starts a server on `cluster`, at the port of the last time if that is free, and waits until it takes connections or has ended:
 * it does end, for one, where another program's server is faster. Resolves with '' or with what it wrote to its log.
 *
 * @throws EmbeddedPostgresError where it can't be run at all
 */
export async function launchPostmaster(
  cluster: Cluster,
  credentials: Credentials,
  binaries: Binaries,
  options: LaunchOptions,
): Promise<string> {
  await removeRecycledLock(cluster, credentials);
  const values = [
    ...settings,
    ...(options.durable ? [] : volatileSettings),
    `cluster_name=${credentials.clusterName}`,
    `port=${await freePort(await lastPort(cluster))}`,
  ];
  const log = await openLog(options.logFile);
  const logged = (await log.stat()).size;
  try {
    const server = spawn(binaries.postgres, ['-D', workingDirectory, ...values.flatMap((value) => ['-c', value])], {
      cwd: cluster.folder,
      env: serverEnvironment(),
      stdio: ['ignore', log.fd, log.fd],
      // A process group of its own: the terminal's Ctrl-C is for the gate, which still needs its database to finish.
      detached: true,
      windowsHide: true,
      ...cluster.user,
    });
    server.unref();
    if (await comesUp(server, cluster, credentials)) return '';
    const { size } = await log.stat();
    const { buffer, bytesRead } = await log.read({ position: Math.max(logged, size - longComplaint) });
    return buffer.toString('utf8', 0, bytesRead).trim() || 'It ended without a word.';
  } catch (error) {
    throw cannotRun(binaries.postgres, error);
  } finally {
    await log.close();
  }
}

/** Waits until the server takes connections: true, or has ended: false. Rejects with Node's error if it could not be started. */
async function comesUp(server: ChildProcess, cluster: Cluster, credentials: Credentials): Promise<boolean> {
  let ended = false;
  const end = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => {
      ended = true;
      resolve();
    });
  });
  for (;;) {
    await Promise.race([end, pause(10)]);
    if (ended) return false;
    const postmaster = await findPostmaster(cluster, credentials);
    if (postmaster !== null && postmaster.pid === server.pid && postmaster.ready) return true;
  }
}

/** Why `program` could not be started at all, and what to do about it. */
export function cannotRun(program: string, error: unknown): Error {
  const code = codeOfError(error);
  const reason =
    code === 'ENOENT'
      ? 'the C library it needs is missing: it is made for glibc, and systems like Alpine have musl'
      : code === 'EPERM' || code === 'EINVAL'
        ? 'we are root, and not allowed to run it as another user, which it insists on: start as an unprivileged user'
        : `the system says ${code}`;
  return embeddedPostgresError(`${program} can't be run: ${reason}.`, error);
}

/**
 * Stops a server and waits for its end: politely, undoing what is under way (SIGINT); where it doesn't listen, at once, which the
 * next start recovers from (SIGQUIT).
 */
export async function stopPostmaster(
  { pid }: Postmaster,
  cluster: Cluster,
  { clusterName }: Credentials,
): Promise<void> {
  for (const [signal, patienceMs] of stopSignals) {
    const deadline = performance.now() + patienceMs;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (codeOfError(error) === 'ESRCH') return;
      throw embeddedPostgresError(`The server of ${cluster.folder} (process ${pid}) can't be stopped.`, error);
    }
    while (performance.now() < deadline) {
      if (!isAlive(pid) || (await commandIsOther(pid, clusterName))) return;
      await pause(10);
    }
  }
}

async function readLock(cluster: Cluster): Promise<string> {
  return readFile(lockFile(cluster), 'utf8').catch(() => '');
}

function lockFile(cluster: Cluster): string {
  return join(cluster.folder, 'postmaster.pid');
}

/** Reads a lock file; the order of its lines is Postgres' own (its utils/pidfile.h): 1 pid, 4 port, 8 status. */
function parseLock(text: string): { pid: number | null; port: number; status: string } {
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  return { pid: Number.isSafeInteger(pid) && pid > 1 ? pid : null, port: Number(lines[3]), status: lines[7] ?? '' };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another account.
    return codeOfError(error) === 'EPERM';
  }
}

/**
 * Whether `pid` is known not to be the server named `clusterName`: after a crash, or a restart of the machine or the container,
 * the number in a lock file left behind may have become any program's. False where the system doesn't show command lines; then the attempt to
 * connect decides. A server that has ended, but whose parent hasn't taken note, has no command line any more.
 */
async function commandIsOther(pid: number, clusterName: string): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  return command !== null && !command.includes(clusterName);
}

/**
 * Takes away the lock file of a server that is gone, if its number has become another program's: Postgres sees to other leftovers
 * itself, but would take that program for a server, and refuse to start for ever.
 */
async function removeRecycledLock(cluster: Cluster, { clusterName }: Credentials): Promise<void> {
  const judged = await readLock(cluster);
  const { pid } = parseLock(judged);
  if (pid === null || !isAlive(pid) || !(await commandIsOther(pid, clusterName))) return;
  const aside = `${lockFile(cluster)}.${randomBytes(6).toString('hex')}`;
  await rename(lockFile(cluster), aside).catch(() => {});
  // If a server has started in between, the file is its own, and goes back.
  const taken = await readFile(aside, 'utf8').catch(() => judged);
  if (taken !== judged) await link(aside, lockFile(cluster)).catch(() => {});
  await rm(aside, { force: true });
}

/** Opens the log for appending, putting a long one aside first. Links aren't followed: somebody else may own the folder. */
async function openLog(logFile: string): Promise<FileHandle> {
  const status = await lstat(logFile).catch(() => null);
  if (status !== null && status.size > longLog) await rename(logFile, `${logFile}.1`);
  return open(logFile, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
}

/** The port on the last server's command line, which Postgres keeps a record of; 0 if there was none. */
async function lastPort(cluster: Cluster): Promise<number> {
  const record = await readFile(join(cluster.folder, 'postmaster.opts'), 'utf8').catch(() => '');
  return Number(/"port=(\d+)"/.exec(record)?.[1] ?? 0);
}

/** A port that is free on 127.0.0.1 just now: the wanted one if it is. */
async function freePort(wanted: number): Promise<number> {
  const server = createServer();
  server.listen(wanted, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if (wanted === 0) throw error;
    return freePort(0);
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
