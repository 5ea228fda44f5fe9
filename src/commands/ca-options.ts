import { resolve } from 'node:path';
import { AuthorityError, openAuthority } from '../authority/authority-folder.js';
import type { AuthorityFolder } from '../authority/authority-folder.js';
import { storeLedgerError } from '../authority/file-ledger.js';
import { createIssuingKeySource } from '../authority/issuing-key.js';
import type { AuthorityKeys, AuthorityKeySettings } from '../authority/issuing-key.js';
import { passphraseBeside } from '../authority/passphrase.js';
import type { Renewals } from '../authority/revocation-lists.js';
import { readConfig } from '../config.js';
import type { Config } from '../config.js';
import { BASE_URL_RULE, normalBaseUrl } from '../setting-values.js';
import { CommandError, UsageError } from './command.js';
import type { Arguments, Terminal } from './command.js';
import { textOption } from './option-values.js';

/** Where authority and trust lie: where the options say, or else where the running gate has its own. */
export function readAuthorityFolders(
  args: Arguments,
  option: 'out' | 'ca',
  { environment, workingFolder }: Terminal,
): { readonly folder: string; readonly trustFolder: string; readonly config: Config } {
  const config = readConfig(environment, workingFolder);
  const [folder, trust] = [textOption(args, option), textOption(args, 'trust')];
  return {
    config,
    folder: folder === undefined ? config.authorityDir : resolve(workingFolder, folder),
    trustFolder: trust === undefined ? config.trustDir : resolve(workingFolder, trust),
  };
}

/** An authority that a command was told of, and where its keys come from. */
export interface NamedAuthority {
  readonly authority: AuthorityFolder;
  readonly keys: AuthorityKeys;
  readonly config: Config;
}

/**
 * Opens the authority that `--ca` names, or the gate's own. Its trust folder is the one it was made with, unless
 * `--trust` names another. Whether the ledger in its folder counts, or that of a store, `authority.ledger` says.
 *
 * @throws CommandError where there is none
 */
export async function openNamedAuthority(args: Arguments, terminal: Terminal): Promise<NamedAuthority> {
  const { folder, trustFolder, config } = readAuthorityFolders(args, 'ca', terminal);
  const authority = await inWordsForOperators(openAuthority(folder));
  return {
    authority: textOption(args, 'trust') === undefined ? authority : { ...authority, trustFolder },
    keys: createIssuingKeySource(keySettings(args, terminal), warnOn(terminal)),
    config,
  };
}

/** Where the keys are of the authority that `--ca` names, whose passphrase may lie beside it; or of the gate's own. */
export function keySettings(args: Arguments, terminal: Terminal): AuthorityKeySettings {
  const { folder, config } = readAuthorityFolders(args, 'ca', terminal);
  const { authorityPassphrase: source, vault } = config;
  const authorityPassphrase = textOption(args, 'ca') === undefined ? source : passphraseBeside(source, folder);
  return { authorityDir: folder, authorityPassphrase, vault };
}

/** Sees to it that the ledger in the folder is the one that counts. @throws CommandError where it is a store's */
export function requireStandalone({ authority }: NamedAuthority): void {
  if (authority.ledger === 'store') throw new CommandError(storeLedgerError(authority.folder).message);
}

/** The address of `--base-url`, as BASE_URL would have it; null where it is not given. */
export function readBaseUrl(args: Arguments): string | null {
  const text = textOption(args, 'base-url');
  if (text === undefined) return null;
  const address = normalBaseUrl(text);
  if (address === null) throw new UsageError(`--base-url ${BASE_URL_RULE}.`);
  return address;
}

/** Tells the operator of what is not as it should be, and does no harm at once. */
export function warnOn({ err }: Terminal): (message: string) => void {
  return (message) => err(`Warning: ${message}\n`);
}

/** What an authority says of itself is for its operator: it comes out as it stands, and with exit 3. */
export async function inWordsForOperators<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AuthorityError) throw new CommandError(error.message);
    throw error;
  }
}

/** Says where new revocation lists are, and warns where nobody will look for them. */
export function whereLists({ folder, trustFolder }: AuthorityFolder, { isPublished }: Renewals): string {
  if (isPublished) return `The lists are in ${trustFolder}\n`;
  return `Warning: ${trustFolder} does not trust this authority, so its new lists are only in ${folder}\n`;
}
