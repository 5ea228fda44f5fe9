import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Scope } from '../../src/accounts/caller.js';
import { ensureOperatorToken } from '../../src/accounts/operator-token.js';
import { accountForApps, createToken, namedAccount } from '../../src/accounts/tokens.js';
import { openGate } from '../../src/compose.js';
import { readConfig, type Config } from '../../src/config.js';
import { consoleRouter } from '../../src/console/console-router.js';
import { inTransaction } from '../../src/database/connect.js';
import type { Gate } from '../../src/gate.js';
import { createApp } from '../../src/http/app.js';
import { deliverWebhooks } from '../../src/notices/deliver-webhooks.js';
import { tellPeople } from '../../src/notices/tell-people.js';
import { operatorTokenFile } from '../../src/serve.js';
import { createTestAuthority, writeTrustFolder, type TestAuthority, type TrustFiles } from './test-authority.js';
import { createTestDatabase } from './test-database.js';

/** What a test may want to be otherwise. */
export interface TestGateOptions {
  /** Settings in the place of the defaults, `{ limits: {...defaultLimits, archiveBytes: 1000} }` say. */
  readonly config?: Partial<Config>;
  /** Parts of the gate in the place of the real ones: a clock, a trust that fails. */
  readonly gate?: Partial<Gate>;
  /** What the trust folder holds, instead of the root, intermediate and (empty) revocation list of `authority`. */
  readonly trust?: TrustFiles;
  /** The gate makes an authority of its own, as at a first start, and trusts that; `authority` is then a stranger to it. */
  readonly ownAuthority?: boolean;
  /** A second gate on the same database, with its own folder: a replica. */
  readonly replicaOf?: TestGate;
  /** Settings from the environment: `{ SELF_RENEWAL: 'true' }` say. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** A token that a test wants; the scope `upload` and an account named after the app by default. */
interface TestTokenOptions {
  readonly scopes?: readonly Scope[];
  readonly account?: string;
  readonly expiresAt?: Date;
}

/** A whole gate, listening on a port of its own over a database of its own. */
export interface TestGate {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly gate: Gate;
  readonly config: Config;
  /** Of the test's database: with `config.dataDir` what an operator's command needs to work beside the gate. */
  readonly databaseUrl: string;
  /** What the gate trusts, for issuing certificates. */
  readonly authority: TestAuthority;
  /** May do everything. */
  readonly operatorToken: string;
  /** A new token for these apps (null: every app of the account, which must be named then). */
  token(apps: string | readonly string[] | null, options?: TestTokenOptions): Promise<string>;
  /** What the running server does every half a minute. */
  tend(): Promise<void>;
  /** Puts what the audit log says into the outboxes, and sends what webhooks are told, as the running server does by itself. */
  tell(): Promise<void>;
  /** Stops listening and removes the database and every file. */
  stop(): Promise<void>;
}

/** Starts a whole gate in this program: real HTTP, real Postgres, a trust folder with an authority of the test's own. */
export async function startTestGate(options: TestGateOptions = {}): Promise<TestGate> {
  const dataDir = await mkdtemp(join(tmpdir(), 'portcullis-gate-'));
  const { connectionString, drop } = await databaseOf(options);
  const authority = createTestAuthority();
  const environment: NodeJS.ProcessEnv = { DATA_DIR: dataDir, DATABASE_URL: connectionString, ...options.environment };
  const hasOwnAuthority = options.ownAuthority === true || options.replicaOf !== undefined;
  if (!hasOwnAuthority) {
    await writeTrustFolder(join(dataDir, 'trust'), options.trust ?? authority.files());
    environment['TRUST_DIR'] = join(dataDir, 'trust');
  }
  const config: Config = { ...readConfig(environment, dataDir), ...options.config };
  const log = pino({ level: 'silent' });
  const opened = await openGate(config, log);
  const gate: Gate = { ...opened.gate, ...options.gate };
  await mkdir(gate.temporaryFolder, { recursive: true });
  await ensureOperatorToken(gate.database, operatorTokenFile(config), gate.now());

  const app = createApp(gate, log, consoleRouter(gate, log));
  // Client and server share this program: where it is busy for long, the server must not close what the client takes up again.
  const server = createServer({ keepAliveTimeout: 300_000 }, app);
  server.on('checkContinue', app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    gate,
    config,
    databaseUrl: connectionString,
    tend: opened.tend,
    async tell() {
      await tellPeople(gate);
      await deliverWebhooks(gate);
    },
    authority,
    operatorToken: options.replicaOf?.operatorToken ?? (await readFile(operatorTokenFile(config), 'utf8')).trim(),
    token: (apps, wish) => makeToken(gate, typeof apps === 'string' ? [apps] : apps, wish),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await opened.close();
      await drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function databaseOf({
  replicaOf,
}: TestGateOptions): Promise<{ readonly connectionString: string; drop(): Promise<void> }> {
  return replicaOf === undefined
    ? createTestDatabase()
    : { connectionString: replicaOf.databaseUrl, drop: async () => {} };
}

async function makeToken(
  gate: Gate,
  appIds: readonly string[] | null,
  { scopes = ['upload'], account, expiresAt }: TestTokenOptions = {},
): Promise<string> {
  return inTransaction(gate.database, async (tx) => {
    const owner = account === undefined ? await accountForApps(tx, appIds ?? []) : await namedAccount(tx, account);
    const { secret } = await createToken(tx, owner, { scopes, appIds, label: 'test', expiresAt: expiresAt ?? null });
    return secret;
  });
}
