import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import type { Caller } from '../accounts/caller.js';
import { localOperator } from '../accounts/local-operator.js';
import { MIGRATIONS, openConfiguredDatabase } from '../compose.js';
import { ConfigError, readConfig, type Config } from '../config.js';
import type { Database } from '../database/connect.js';
import { migrate } from '../database/migrate.js';
import type { Records } from '../releases/change-app.js';
import { printable } from '../report/printable.js';
import { RequestError } from '../request-error.js';
import { CommandError, InterruptedError, UsageError, type ExitCode, type Terminal } from './command.js';
import { wordsOfError } from '../error-words.js';

/** What an operator's command works with. */
export interface Operator {
  readonly records: Records;
  readonly database: Database;
  readonly caller: Caller;
}

/** Said at the end of the help of every operator's command. */
export const ABOUT_OPERATORS = `Works on the store's own database, beside a running gate or without one: run it where the gate
runs, with the same DATA_DIR or DATABASE_URL in the environment or in .env.`;

/**
 * Runs an operator's command on the store that the settings name, its schema brought up to date.
 *
 * @param mayBegin whether a store that isn't there yet is made; otherwise a wrong folder would look like an empty store
 * @returns what `work` returns; 1 where a rule of the store is against it, which is said
 * @throws UsageError where the request makes no sense; CommandError where the store can't be opened
 */
export async function asOperator(
  terminal: Terminal,
  mayBegin: boolean,
  work: (operator: Operator) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withDatabase(terminal, mayBegin, async (database) => {
    await migrate(database, MIGRATIONS);
    try {
      const records: Records = { database, now: terminal.now };
      return await work({ records, database, caller: await localOperator(database) });
    } catch (error) {
      return refusal(error, terminal);
    }
  });
}

/**
 * Opens the database that the settings name, as it is, for as long as `use` takes.
 *
 * @throws InterruptedError where a signal to stop came meanwhile, once the database is closed again. What was begun by then
 *   is finished; every statement has its time limit
 */
export async function withDatabase<T>(
  terminal: Terminal,
  mayBegin: boolean,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const config = readConfig(terminal.environment, terminal.workingFolder);
  await requireStore(config, mayBegin, terminal);
  return withoutInterruption(async (goOn) => {
    const { database, close } = await openOrExplain(config, quietLog(terminal));
    try {
      goOn();
      return await use(database);
    } finally {
      await close();
    }
  });
}

/**
 * Does `work` to its end, whatever signal to stop comes: a program that ends while its own Postgres runs would leave that
 * running. `goOn` throws where one has come already.
 *
 * @throws InterruptedError in place of whatever `work` came to, where a signal came
 */
async function withoutInterruption<T>(work: (goOn: () => void) => Promise<T>): Promise<T> {
  const received: StopSignal[] = [];
  const note = (signal: NodeJS.Signals): void => {
    received.push(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
  };
  const goOn = (): void => {
    const [first] = received;
    if (first !== undefined) throw new InterruptedError(first);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, note);
  try {
    return await work(goOn);
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, note);
    goOn();
  }
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type StopSignal = (typeof STOP_SIGNALS)[number];

async function openOrExplain(config: Config, log: Logger): ReturnType<typeof openConfiguredDatabase> {
  try {
    return await openConfiguredDatabase(config, log);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new CommandError(`The database can't be opened: ${wordsOfError(error)}.`);
  }
}

async function requireStore({ databaseUrl, dataDir }: Config, mayBegin: boolean, terminal: Terminal): Promise<void> {
  if (databaseUrl !== null || (await exists(join(dataDir, 'postgres')))) return;
  if (!mayBegin) {
    throw new CommandError(
      `There is no store in ${dataDir}. Set DATA_DIR to the folder that the gate uses, or start the gate first.`,
    );
  }
  terminal.err(`There was no store in ${dataDir}: making one.\n`);
}

function refusal(error: unknown, terminal: Terminal): ExitCode {
  if (!(error instanceof RequestError)) throw error;
  if (error.code === 'APP_ID_INVALID' || error.code === 'INVALID_REQUEST') throw new UsageError(error.message);
  terminal.err(`${printable(error.message, 4_096)} (${error.code})\n`);
  return 1;
}

/** What the gate would log as a warning goes to the terminal in plain words; the rest concerns nobody here. */
export function quietLog(terminal: Terminal): Logger {
  const write = (line: string): void => {
    const { msg } = JSON.parse(line) as { msg?: string };
    terminal.err(`${printable(msg ?? line, 4_096)}\n`);
  };
  return pino({ level: 'warn' }, { write });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
