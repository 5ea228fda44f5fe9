import { rm, mkdir, readdir, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { forgetAttempts } from './accounts/attempts.js';
import { ensureOperatorToken } from './accounts/operator-token.js';
import { fetchOutsideLists } from './authority/fetch-outside-lists.js';
import { openGate, StartError } from './compose.js';
import type { Config } from './config.js';
import { consoleRouter } from './console/console-router.js';
import { forgetIdempotencyKeys } from './database/idempotency-keys.js';
import type { Gate } from './gate.js';
import { createApp } from './http/app.js';
import { configuredNetwork } from './network/network.js';
import { deliverWebhooks } from './notices/deliver-webhooks.js';
import { queueCertificateNotices } from './notices/expiry-notices.js';
import { queueOperatorDigest } from './notices/operator-digest.js';
import { sendDueMail } from './notices/send-mail.js';
import { tellPeople } from './notices/tell-people.js';
import { startRecurringWork, type RecurringJob } from './recurring-work.js';
import { copyScreenshots } from './storefront/copy-screenshots.js';
import { watchArchives } from './storefront/watch-archives.js';
import { watchSigners } from './storefront/watch-signers.js';

/** A gate that listens. */
export interface RunningServer {
  /** Where it listens, which the port 0 leaves to the system. */
  readonly address: string;
  /** True where this start made the operator token. */
  readonly firstStart: boolean;
  /** Takes no more requests, lets those under way finish or breaks them off after the grace, and closes everything. */
  stop(): Promise<void>;
}

/** How long an upload may take, by slow lines; longer than any inspection. */
const REQUEST_TIMEOUT_MS = 15 * 60_000;
const HEADERS_TIMEOUT_MS = 30_000;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const IDEMPOTENCY_KEY_MS = 24 * 60 * 60_000;

/** Where the operator token of the first start is kept. */
export function operatorTokenFile(config: Config): string {
  return join(config.dataDir, 'operator-token');
}

/** Starts the gate: database, archives, trust, the socket, and last the first operator token. */
export async function serve(config: Config, log: Logger): Promise<RunningServer> {
  const { gate, tend, close } = await openGate(config, log);
  try {
    await housekeep(gate);
    const app = createApp(gate, log, consoleRouter(gate, log));
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS }, app);
    // Without a listener Node answers "100 Continue" itself, before anybody looked at the token.
    server.on('checkContinue', app);
    const stopServer = stoppable(server);
    await listen(server, config);
    // Last: after a start that failed, for a port that is taken say, the next is still the first and tells of the token.
    const firstStart = await ensureOperatorToken(gate.database, operatorTokenFile(config), gate.now()).catch(
      (error: unknown) => {
        server.close();
        throw error;
      },
    );
    const stopWork = startRecurringWork(recurringJobs(gate, tend), log);
    return {
      address: addressOf(server),
      firstStart,
      async stop() {
        // First: whoever follows something would go on for as long as the grace lasts.
        await gate.audit.close();
        await stopServer(config.shutdownGraceMs);
        await stopWork();
        await gate.downloads.flush().catch((error: unknown) => {
          log.error({ err: error }, 'downloads counted last were not written down');
        });
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a running gate does by itself. Several on one database may all do it. */
function recurringJobs(gate: Gate, tend: () => Promise<void>): readonly RecurringJob[] {
  const fetchLists = async (): Promise<unknown> => {
    const { revocationListUrls: urls } = gate;
    return fetchOutsideLists(gate, { urls, network: configuredNetwork, trust: await gate.trust.current() });
  };
  const tellOfEnds = async (): Promise<void> => {
    await queueCertificateNotices(gate);
    await queueOperatorDigest(gate);
  };
  let wakeMail = (): void => {};
  let wakeWebhooks = (): void => {};
  const tell = async (): Promise<void> => {
    const { mails, deliveries } = await tellPeople(gate);
    if (mails > 0) wakeMail();
    if (deliveries > 0) wakeWebhooks();
  };
  return [
    { name: 'housekeeping', everyMs: 60 * MINUTE_MS, work: () => housekeep(gate) },
    // So soon a revocation is on the list that was made where the authority's key is not.
    { name: 'authority', everyMs: MINUTE_MS / 2, work: tend },
    { name: 'outside lists', everyMs: 5 * MINUTE_MS, work: fetchLists, atOnce: true },
    { name: 'ends', everyMs: 60 * MINUTE_MS, work: tellOfEnds, atOnce: true },
    // So soon is known of a release what became of its signer; where the trust is the same there is little to do.
    { name: 'standing of signers', everyMs: MINUTE_MS, work: (stop) => watchSigners(gate, { stop }) },
    { name: 'standing of archives', everyMs: MINUTE_MS, work: (stop) => watchArchives(gate, { stop }) },
    {
      // Waken by what was published just now.
      name: 'screenshots',
      everyMs: MINUTE_MS,
      work: async () => (gate.copiesScreenshots ? copyScreenshots(gate) : undefined),
      atOnce: true,
      wakenBy: (wake) => gate.audit.onGrowth(wake),
    },
    { name: 'downloads', everyMs: MINUTE_MS, work: () => gate.downloads.flush() },
    { name: 'telling', everyMs: MINUTE_MS / 2, work: tell, atOnce: true, wakenBy: (wake) => gate.audit.onGrowth(wake) },
    {
      name: 'mail',
      everyMs: MINUTE_MS,
      work: () => sendDueMail(gate, gate.mail),
      wakenBy: (wake) => (wakeMail = wake),
    },
    {
      // So soon goes out what somebody sends by hand, and what failed for the first time.
      name: 'webhooks',
      everyMs: 3 * SECOND_MS,
      work: () => deliverWebhooks(gate),
      wakenBy: (wake) => (wakeWebhooks = wake),
    },
  ];
}

async function housekeep(gate: Gate): Promise<void> {
  await sweepTemporaryFolder(gate.temporaryFolder, gate.now());
  await forgetIdempotencyKeys(gate.database, new Date(gate.now().getTime() - IDEMPOTENCY_KEY_MS));
  await forgetAttempts(gate.database, gate.now());
}

async function listen(server: Server, { host, port }: Config): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(whyNotListening(error, host, port)));
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function whyNotListening({ code, message }: NodeJS.ErrnoException, host: string, port: number): StartError {
  if (code === 'EADDRINUSE') return new StartError(`Another program listens on port ${port}: set PORT to a free one.`);
  if (code === 'EACCES') return new StartError(`Port ${port} is not for ordinary users: set PORT to one above 1023.`);
  return new StartError(`The gate can't listen on HOST=${host}, PORT=${port}: ${message}`);
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/**
 * Prepares a server for its end. What comes back closes the socket, then waits for the requests under way, but no
 * longer than `graceMs`.
 */
function stoppable(server: Server): (graceMs: number) => Promise<void> {
  let stopping = false;
  // Kept alive, a connection would wait for more requests, and whoever goes on asking would hold us up.
  const endConnection = (request: IncomingMessage, response: ServerResponse): void => {
    if (stopping) response.setHeader('connection', 'close');
    else response.once('finish', () => stopping && request.socket.end());
  };
  server.prependListener('request', endConnection);
  server.prependListener('checkContinue', endConnection);
  return async (graceMs) => {
    stopping = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(timer);
  };
}

/** Removes what uploads of a gate that was killed have left behind; nothing that could still be under way. */
async function sweepTemporaryFolder(folder: string, now: Date): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const oldest = now.getTime() - 2 * REQUEST_TIMEOUT_MS;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && found.mtimeMs < oldest) await rm(path, { recursive: true, force: true });
  }
}
