import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { createIssuingKeySource } from './authority/issuing-key.js';
import { ensureOwnAuthority, type OwnAuthorityParts } from './authority/own-authority.js';
import { tendOwnAuthority } from './authority/tend-authority.js';
import { createStoreTrustSource } from './authority/store-trust.js';
import type { Config } from './config.js';
import { createAuditListener } from './database/audit-listener.js';
import { openDatabase, requireSupportedServer, type Database } from './database/connect.js';
import { startEmbeddedPostgres } from './database/embedded-postgres.js';
import { migrate } from './database/migrate.js';
import { wordsOfError } from './error-words.js';
import type { Gate } from './gate.js';
import { publicNetwork } from './network/network.js';
import { createStreamRoom } from './notices/stream-room.js';
import { createTrustSource } from './pki/trust.js';
import { recordConfiguredRules } from './releases/store-rules.js';
import { createSecretSealer, readSecretKey, type SecretSealer } from './sealed-secrets.js';
import { createStores } from './storage/stores.js';
import { createMarket } from './storefront/market-lists.js';
import { createDownloadCounter } from './storefront/count-downloads.js';
import { createFileListBounds } from './storefront/file-lists.js';
import { createWaitingRoom } from './storefront/waiting-room.js';
import { version } from './version.js';

/** The numbered SQL files. */
export const MIGRATIONS = new URL('../migrations/', import.meta.url);

/** A database, and what must be closed after it. */
export interface OpenDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

/** Connects to the database that the settings name, starting the embedded one where they name none. */
export async function openConfiguredDatabase(config: Config, log: Logger): Promise<OpenDatabase> {
  const embedded =
    config.databaseUrl === null
      ? await startEmbeddedPostgres({ dataDir: config.dataDir, log: (line) => log.info(line) })
      : null;
  const database = openDatabase(embedded?.connectionString ?? config.databaseUrl ?? '', {
    maxConnections: config.databasePoolSize,
  });
  const close = async (): Promise<void> => {
    await database.end();
    await embedded?.stop();
  };
  try {
    await requireSupportedServer(database);
  } catch (error) {
    await close();
    if (config.databaseUrl === null) throw error;
    throw new StartError(`The database of DATABASE_URL can't be used: ${wordsOfError(error)}`, { cause: error });
  }
  return { database, close };
}

/** The gate can't start, for a reason that an operator mends; the message names the setting. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

async function makeDataFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError(`The folder of DATA_DIR can't be made: ${wordsOfError(error)}`, { cause: error });
  }
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** What the use-cases of the store's own authority need, for the gate and for operators' commands beside it. */
export function openAuthorityParts(config: Config, database: Database, log: Logger): OwnAuthorityParts {
  return {
    database,
    now: () => new Date(),
    randomBytes,
    issuingKey: createIssuingKeySource(config, (message) => log.warn(message)),
    baseUrl: config.baseUrl,
    quarantineOnRevocation: config.quarantineOnRevocation,
    log,
  };
}

/** The parts of a gate over a database that is open, for the server and for operators' commands; nothing is read or made yet. */
export function wireGate(config: Config, authority: OwnAuthorityParts, secrets: SecretSealer): Gate {
  return {
    ...authority,
    ...createStores(config, authority.now),
    downloads: createDownloadCounter(authority),
    trust: createStoreTrustSource({
      folder: createTrustSource(config.trustDir),
      database: authority.database,
      revocationListUrls: config.revocationListUrls,
      maxListAgeMs: config.revocationListMaxAgeDays === null ? null : config.revocationListMaxAgeDays * DAY_MS,
    }),
    copiesScreenshots: config.copiesScreenshots,
    selfRenewal: config.selfRenewal,
    expiryNoticeDays: config.expiryNoticeDays,
    watchDays: config.watchDays,
    network: publicNetwork,
    mail: config.mail,
    audit: createAuditListener(authority.database),
    streamRoom: createStreamRoom({ total: 200, perAccount: 10 }),
    waitingRoom: createWaitingRoom({ total: 500, perAddress: 20 }),
    fileLists: createFileListBounds(),
    revocationListUrls: config.revocationListUrls,
    secrets,
    openId: config.openId,
    sessionIdleMs: config.sessionIdleMs,
    proxies: config.proxies,
    limits: config.limits,
    rules: config.rules,
    reservedAppIds: config.reservedAppIds,
    market: createMarket(config.market),
    version,
    temporaryFolder: join(config.dataDir, 'tmp'),
  };
}

async function requireStorage(config: Config, { archives }: Gate): Promise<void> {
  try {
    await archives.check();
  } catch (error) {
    if (config.s3 === null) throw error;
    throw new StartError(`The bucket of S3_BUCKET can't be used: ${wordsOfError(error)}`, { cause: error });
  }
}

/** A gate ready to work, and how to close it. */
export interface OpenGate {
  readonly gate: Gate;
  /** Keeps the store's own authority in order; to be called again and again. Never rejects. */
  tend(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Wires the gate from its settings: the database (migrated), the archives, the trust. The server and the operator's
 * commands both start here, and work beside each other on the same data folder.
 *
 * @throws where any part can't be had, saying which; then nothing is left running
 */
export async function openGate(config: Config, log: Logger): Promise<OpenGate> {
  await makeDataFolder(config.dataDir);
  const { database, close } = await openConfiguredDatabase(config, log);
  try {
    for (const applied of await migrate(database, MIGRATIONS)) log.info({ migration: applied }, 'migrated');
    const authority = openAuthorityParts(config, database, log);
    const gate = wireGate(config, authority, createSecretSealer(await readSecretKey(config.secretKey)));
    await requireStorage(config, gate);
    await gate.market.lists();
    await ensureOwnAuthority(authority, config);
    await gate.trust.current();
    await recordConfiguredRules(database, config.rules);
    const closeAll = async (): Promise<void> => {
      await gate.audit.close();
      await close();
    };
    return { gate, tend: () => tendOwnAuthority(authority, config), close: closeAll };
  } catch (error) {
    await close();
    throw error;
  }
}
