import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { provideBinaries } from './embedded/binaries.js';
import type { Binaries } from './embedded/binaries.js';
import { provideCluster, syncCluster } from './embedded/create-cluster.js';
import { readCredentials } from './embedded/cluster.js';
import type { Cluster, Credentials } from './embedded/cluster.js';
import { embeddedPostgresError } from './embedded/embedded-postgres-error.js';
import { codeOfError } from '../error-words.js';
import { findPostmaster, launchPostmaster, stopPostmaster } from './embedded/postmaster.js';
import type { LaunchOptions } from './embedded/postmaster.js';
import { gateUser, giveShareBack, takeShare } from './embedded/share.js';
import type { Share } from './embedded/share.js';
import { chooseSystemUser } from './embedded/system-user.js';

export { EmbeddedPostgresError } from './embedded/embedded-postgres-error.js';

/** A share in the Postgres of a data folder: it runs until the last share is given back. */
export interface EmbeddedPostgres {
  /** Of the gate's own database, with its password. */
  readonly connectionString: string;
  /** Gives the share back, and stops the server if it was the last. Calling it again changes nothing. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** The gate's data folder; made if it isn't there. The cluster goes to `postgres` in it, the log to `postgres.log`. */
  readonly dataDir: string;
  /** False only where data may be lost, in tests: then nothing waits for the disk. */
  readonly durable?: boolean;
  /** Told, in a sentence, what is out of the ordinary. */
  readonly log?: (line: string) => void;
}

/** Everything about the Postgres of one data folder that doesn't change while it is used. */
interface Installation {
  readonly cluster: Cluster;
  readonly binaries: Binaries;
  readonly credentials: Credentials;
  readonly options: LaunchOptions;
  /** Whether its cluster was made just now. */
  readonly isNew: boolean;
}

/** How long a server may take to start: after a crash it first replays what was under way. */
const startPatienceMs = 60_000;

/** How often in a row it may fail to start, with ever longer pauses; some 6 s altogether. */
const maxFailures = 6;

/** Between attempts at a server that doesn't come back while the gate runs. */
const restartPauseMs = 5_000;

/**
 * Starts the Postgres that came with npm on `dataDir`, making its database the first time, or joins the one that already runs
 * there: a gate and operator commands share it, and the last to leave stops it. One left running by a gate that was killed is
 * joined likewise. While the share is held, a server that dies is started again, at the same port if it can be.
 *
 * @throws EmbeddedPostgresError where that can't be done, saying what to change or set
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log = () => {}, durable = true } = options;
  const installation = await install(path.resolve(options.dataDir), durable);
  const stopped = new AbortController();
  const share = await join(installation, stopped.signal);
  const keeping = keepShare(share, installation, stopped.signal, log);
  const syncing = installation.isNew && durable ? syncCluster(installation.cluster, installation.binaries) : undefined;
  syncing?.catch((error: unknown) => {
    log(`The new database could not be synced to disk: ${String(error)}`);
  });
  return {
    connectionString: `postgres://${gateUser}:${installation.credentials.password}@127.0.0.1:${share.postmaster.port}/${gateUser}?sslmode=disable`,
    stop: async () => {
      stopped.abort();
      await Promise.allSettled([syncing]);
      await keeping;
    },
  };
}

async function install(dataDir: string, durable: boolean): Promise<Installation> {
  const folder = path.join(dataDir, 'postgres');
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw embeddedPostgresError(
      `The data folder ${dataDir} can't be made (${codeOfError(error)}): set DATA_DIR to a folder that this user may write to.`,
      error,
    );
  }
  const cluster: Cluster = { folder, user: await chooseSystemUser(dataDir, folder) };
  const binaries = await provideBinaries(dataDir, cluster.user);
  const options: LaunchOptions = { durable, logFile: path.join(dataDir, 'postgres.log') };
  const isNew = await provideCluster(cluster, binaries, options);
  return { cluster, binaries, options, isNew, credentials: await readCredentials(cluster) };
}

/**
 * Starts the server or finds it running, and takes a share in it. Once `stopped`, no server is started any more; one that was
 * is still joined, or nobody would stop it.
 */
async function join({ cluster, binaries, credentials, options }: Installation, stopped: AbortSignal): Promise<Share> {
  const deadline = performance.now() + startPatienceMs;
  let launched = false;
  let complaint = '';
  for (let failures = 0; failures < maxFailures && performance.now() < deadline;) {
    const postmaster = await findPostmaster(cluster, credentials);
    if (postmaster === null) {
      stopped.throwIfAborted();
      complaint = await launchPostmaster(cluster, credentials, binaries, options);
      launched = complaint === '';
      // Another program's server may have come first, or a crashed one's memory not be freed yet: then we look again.
      if (!launched) await pause(100 * 2 ** failures++);
    } else if (postmaster.ready) {
      try {
        const share = await takeShare(postmaster, credentials);
        if (share !== null) return share;
      } catch (error) {
        // One that we started and can't use must not stay behind.
        if (launched) await stopPostmaster(postmaster, cluster, credentials);
        throw error;
      }
    }
    await pause(10);
  }
  throw embeddedPostgresError(`The database server of ${cluster.folder} can't be started or reached. ${complaint}`);
}

/** Holds a share until `stopped`, then gives it back; in between, takes another one whenever the server goes away. */
async function keepShare(
  first: Share,
  installation: Installation,
  stopped: AbortSignal,
  log: (line: string) => void,
): Promise<void> {
  const whenStopped = once(stopped, 'abort');
  let share: Share | null = first;
  while (!stopped.aborted) {
    await Promise.race([share === null ? pause(restartPauseMs, undefined, { ref: false }) : share.lost, whenStopped]);
    if (stopped.aborted) break;
    log('The embedded Postgres went away; starting it again.');
    share = await join(installation, stopped).catch((error: unknown) => {
      log(String(error));
      return null;
    });
    if (share !== null && share.postmaster.port !== first.postmaster.port) {
      log('The embedded Postgres is now at another port, as its own was taken: restart the gate.');
    }
  }
  if (share !== null) await giveShareBack(share, installation.cluster, installation.credentials);
}
