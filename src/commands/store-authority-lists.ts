import { hasAuthority } from '../authority/authority-folder.js';
import { tendOwnAuthority } from '../authority/tend-authority.js';
import { openRootFolder, signRootList } from '../authority/root-folder.js';
import { renewStoreLists } from '../authority/store-lists.js';
import type { Arguments, ExitCode, Terminal } from './command.js';
import { onStoreAuthority, type AuthorityOperator } from './store-authority.js';

/**
 * `ca crl` where the ledger is the store's: signs every list whose key is here.
 *
 * @returns 3 where the key of the developers' lists is not here
 */
export async function renewListsOfStore(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  return onStoreAuthority(args, terminal, async (operator) => {
    const states = {
      root: (await signRoot(operator)) ? 'signed' : 'pending',
      developers: await renewStoreLists(operator.parts, true),
    } as const;
    await tendOwnAuthority(operator.parts, operator.config);
    const tiersThatAre = (state: 'signed' | 'pending'): string =>
      (['root', 'developers'] as const).filter((tier) => states[tier] === state).join(', ');
    const [signed, pending] = [tiersThatAre('signed'), tiersThatAre('pending')];
    if (signed !== '') terminal.out(`Signed anew: ${signed}.\n`);
    if (pending !== '') terminal.err(`Left as they are, for want of their keys: ${pending}\n`);
    return states.developers === 'pending' ? 3 : 0;
  });
}

/** The root's list, where its key is in the folder; the store takes it over from there. */
async function signRoot({ parts, config, authority }: AuthorityOperator): Promise<boolean> {
  if (!(await hasAuthority(config.authorityDir))) return false;
  const signer = await parts.issuingKey.root();
  if (signer === null) return false;
  const folder = await openRootFolder(config.authorityDir);
  await signRootList(folder, { certificate: authority.root, signer }, parts.now(), null);
  return true;
}
