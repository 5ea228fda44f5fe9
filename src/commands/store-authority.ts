import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Caller } from '../accounts/caller.js';
import { hasAuthority, openAuthority, readDescription } from '../authority/authority-folder.js';
import type { AuthorityParts } from '../authority/authority-parts.js';
import type { OwnAuthorityParts } from '../authority/own-authority.js';
import { requireStoreAuthority, type StoreAuthority } from '../authority/store-authority.js';
import { openAuthorityParts, wireGate } from '../compose.js';
import { createSecretSealer, readSecretKey } from '../sealed-secrets.js';
import type { Config } from '../config.js';
import type { Account } from '../database/accounts.js';
import type { Gate } from '../gate.js';
import { printable } from '../report/printable.js';
import { RequestError } from '../request-error.js';
import { inWordsForOperators, readAuthorityFolders } from './ca-options.js';
import { CommandError, type Arguments, type ExitCode, type Terminal } from './command.js';
import { asOperator, quietLog } from './operator.js';
import { textOption } from './option-values.js';

/** What an operator's command on the store's own authority works with. */
export interface AuthorityOperator {
  readonly parts: OwnAuthorityParts;
  readonly gate: Gate;
  readonly authority: StoreAuthority;
  readonly caller: Caller;
  readonly account: Account;
  /** The settings, with the folders that the options name in the place of the gate's. */
  readonly config: Config;
}

/**
 * Whether a command with these options is about the authority of a store, whose ledger is in the database: where the folder
 * says so, and where there is no folder but there is a store, as on a replica.
 */
export async function isLedgerOfStore(args: Arguments, terminal: Terminal): Promise<boolean> {
  const { folder, config } = readAuthorityFolders(args, 'ca', terminal);
  if (await hasAuthority(folder)) return (await inWordsForOperators(readDescription(folder))).ledger === 'store';
  return textOption(args, 'ca') === undefined && (config.databaseUrl !== null || (await isFolder(config, 'postgres')));
}

/** Codes that say nothing of what was asked for, only that it can't be done now. */
const UNAVAILABLE: ReadonlySet<string> = new Set(['NO_AUTHORITY', 'ISSUER_UNAVAILABLE', 'UNAVAILABLE']);

/**
 * Runs an operator's command on the store's own authority, beside a running gate or without one.
 *
 * @returns what `work` returns; 1 where a rule of the store is against it, which is said
 * @throws CommandError where there is no store, it has no authority, or another one than the folder's
 */
export async function onStoreAuthority(
  args: Arguments,
  terminal: Terminal,
  work: (operator: AuthorityOperator) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = readNamedConfig(args, terminal);
  return asOperator(terminal, false, async ({ database, caller }) => {
    const account = { id: caller.accountId, name: caller.accountName };
    try {
      const authority = await requireStoreAuthority(database);
      const opened = openAuthorityParts(config, database, quietLog(terminal));
      const baseUrl = await readBaseUrl(config, authority);
      const secrets = createSecretSealer(await readSecretKey(config.secretKey));
      const parts = { ...opened, now: terminal.now, log: logOf(terminal), baseUrl };
      return await inWordsForOperators(
        work({ parts, gate: wireGate(config, parts, secrets), authority, caller, account, config }),
      );
    } catch (error) {
      if (!(error instanceof RequestError) || !UNAVAILABLE.has(error.code)) throw error;
      throw new CommandError(`${error.message} (${error.code})`);
    }
  });
}

function readNamedConfig(args: Arguments, terminal: Terminal): Config {
  const { config, folder, trustFolder } = readAuthorityFolders(args, 'ca', terminal);
  const trustDirChosen = config.trustDirChosen || textOption(args, 'trust') !== undefined;
  return { ...config, authorityDir: folder, trustDir: trustFolder, trustDirChosen };
}

/**
 * Where the gate is reached, to be named in certificates. Where no setting says so here, the gate may have been told on its
 * own command line; it wrote it down in the folder of the authority then.
 *
 * @throws CommandError for another store's folder: its key would sign what that store never hears of
 */
async function readBaseUrl(
  { authorityDir, baseUrl, baseUrlChosen }: Config,
  { root }: StoreAuthority,
): Promise<string> {
  if (!(await hasAuthority(authorityDir))) return baseUrl;
  const folder = await inWordsForOperators(openAuthority(authorityDir));
  if (folder.certificates.root.fingerprint === root.fingerprint) {
    return baseUrlChosen ? baseUrl : (folder.baseUrl ?? baseUrl);
  }
  throw new CommandError(
    `The authority in ${authorityDir} is not that of this store: set DATA_DIR or DATABASE_URL to the store that took it over.`,
  );
}

/** What would go into the gate's log goes to the operator, with the reason why. */
function logOf(terminal: Terminal): AuthorityParts['log'] {
  return {
    info: () => {},
    warn: (details, message) => {
      const reason = 'reason' in details && typeof details.reason === 'string' ? `: ${details.reason}` : '';
      terminal.err(`Warning: ${printable(`${message}${reason}`, 4_096)}\n`);
    },
  };
}

async function isFolder({ dataDir }: Config, name: string): Promise<boolean> {
  return stat(join(dataDir, name)).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
