import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { localOperator } from '../../accounts/local-operator.js';
import { issueAppCertificate } from '../../authority/issue-certificate.js';
import { createToken } from '../../client/generated/operations.js';
import { openAuthorityParts } from '../../compose.js';
import { readConfig, type Config } from '../../config.js';
import { openDatabase } from '../../database/connect.js';
import { startEmbeddedPostgres } from '../../database/embedded-postgres.js';
import { generateKeyPair } from '../../pki/keys.js';
import { operatorTokenFile, serve } from '../../serve.js';
import { askStore } from '../store-client.js';
import type { Store } from '../store-client-address.js';
import { failure } from '../store-client-answers.js';
import type { Signer } from './demo-app.js';

/** A whole gate that nobody will miss: its own Postgres, authority and tokens, all in one temporary folder. */
export interface ThrowAwayGate {
  readonly folder: string;
  /** As the operator of the store. */
  readonly operator: Store;
  /** As a developer. */
  readonly developer: Store;
  /** A new key, and a certificate of the gate's own authority that is for the app. */
  issueSigner(appId: string, now: Date): Promise<Signer>;
  /** Stops everything and removes every trace. */
  close(): Promise<void>;
}

/** Starts a gate as its first start by anybody would, on a free port of this machine. */
export async function startThrowAwayGate(): Promise<ThrowAwayGate> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-demo-'));
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (let last = closing.pop(); last !== undefined; last = closing.pop()) await last();
  };
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: folder, durable: false });
    closing.push(() => postgres.stop());
    const config = demoConfig(folder, postgres.connectionString);
    const server = await serve(config, pino({ level: 'silent' }));
    closing.push(() => server.stop());
    const url = new URL(server.address);
    const operator: Store = { url, token: (await readFile(operatorTokenFile(config), 'utf8')).trim() };
    return {
      folder,
      operator,
      developer: { url, token: await makeToken(operator, 'ada') },
      issueSigner: (appId, now) => issueSigner(config, postgres.connectionString, appId, now),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Nothing of the environment counts: the demo must come out the same on every machine. */
function demoConfig(folder: string, databaseUrl: string): Config {
  const environment = {
    DATA_DIR: folder,
    DATABASE_URL: databaseUrl,
    PORT: '0',
    SHUTDOWN_GRACE_MS: '1000',
    SCREENSHOTS: 'off',
  };
  return readConfig(environment, folder);
}

async function makeToken(operator: Store, account: string): Promise<string> {
  const answer = await askStore(operator, createToken, { body: { account, scopes: ['upload'] } });
  if (answer.status !== 201) throw failure(answer, operator);
  return (answer.body as { token: string }).token;
}

async function issueSigner(config: Config, databaseUrl: string, appId: string, now: Date): Promise<Signer> {
  const database = openDatabase(databaseUrl, { maxConnections: 2 });
  try {
    const parts = { ...openAuthorityParts(config, database, pino({ level: 'silent' })), now: () => now };
    const { accountId: id, accountName: name } = await localOperator(database);
    const { privateKey, publicKey } = await generateKeyPair();
    const order = { appId, publicKey, days: null, requestId: null, contact: null, account: { id, name } };
    const { leaf, chain } = await issueAppCertificate(parts, order);
    return { privateKey, certificate: leaf, chain };
  } finally {
    await database.end();
  }
}
