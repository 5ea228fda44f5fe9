import { findAccountSecrets } from '../database/account-secrets.js';
import { findAccount } from '../database/accounts.js';
import { listIdentities, type Identity } from '../database/identities.js';
import { countRecoveryCodes } from '../database/recovery-codes.js';
import type { Gate } from '../gate.js';
import type { Caller, Role } from './caller.js';

/** Somebody's own account, and how they sign in to it; nothing that is secret. */
export interface OwnAccount {
  readonly name: string;
  readonly role: Role;
  readonly email: string | null;
  readonly createdAt: Date;
  /** Null: no password. */
  readonly passwordChangedAt: Date | null;
  /** Since when sign-in with a password asks for a second factor; null: it doesn't. */
  readonly secondFactorSince: Date | null;
  readonly recoveryCodesLeft: number;
  /** Who they are at OpenID Connect providers. */
  readonly identities: readonly (Identity & { readonly addedAt: Date })[];
}

/** Whoever asks, as the store knows them. A token that is made for some apps does not learn their address. */
export async function readOwnAccount({ database }: Pick<Gate, 'database'>, caller: Caller): Promise<OwnAccount> {
  const account = await findAccount(database, caller.accountName);
  if (account === null) throw new Error('A caller without an account');
  const secrets = await findAccountSecrets(database, account.id);
  const identities = await listIdentities(database, account.id);
  return {
    name: account.name,
    role: account.role,
    email: caller.appIds === null ? account.email : null,
    createdAt: account.createdAt,
    passwordChangedAt: secrets.passwordHash === null ? null : secrets.passwordChangedAt,
    secondFactorSince: secrets.totpConfirmedAt,
    recoveryCodesLeft: secrets.totpConfirmedAt === null ? 0 : await countRecoveryCodes(database, account.id),
    identities: identities.map(({ issuer, subject, addedAt }) => ({ issuer, subject, addedAt })),
  };
}
