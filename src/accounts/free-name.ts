import { findApp } from '../database/apps.js';
import type { Queryable } from '../database/connect.js';
import { isNameInvited } from '../database/invitations.js';
import type { Gate } from '../gate.js';
import { isAccountName } from './account-name.js';
import { isSystemAccount } from './system-account.js';
import { OPERATOR_ACCOUNT } from './tokens.js';

/** Names that others would take for the store's own people. */
const OFFICIAL_NAMES = new Set([
  ...[
    'admin',
    'administrator',
    'moderator',
    'operator',
    'root',
    'superuser',
    'system',
    'store',
    'appstore',
    'app-store',
  ],
  ...[
    'support',
    'security',
    'staff',
    'team',
    'help',
    'helpdesk',
    'info',
    'abuse',
    'postmaster',
    'webmaster',
    'hostmaster',
  ],
  ...[
    'owncloud',
    'nextcloud',
    'public',
    'anonymous',
    'nobody',
    'everybody',
    'guest',
    'unknown',
    'null',
    'undefined',
    'me',
  ],
]);

const MAX_BASE_CHARACTERS = 40;
const MAX_NUMBER = 50;
const NAMELESS = 'developer';

/** Whether somebody whom nobody invited may have this name: none that stands for the store or its people. */
export function isNameForStrangers(name: string): boolean {
  return isAccountName(name) && !isSystemAccount(name) && name !== OPERATOR_ACCOUNT && !OFFICIAL_NAMES.has(name);
}

/**
 * Whether a name that somebody chose by themselves, or that we chose for them, is nobody else's to have: it stands for no app, and
 * nobody is invited by it. Whether there is such an account, the caller finds out.
 */
export async function isFreeForStrangers(
  db: Queryable,
  { reservedAppIds, now }: Pick<Gate, 'reservedAppIds' | 'now'>,
  name: string,
): Promise<boolean> {
  if (!isNameForStrangers(name) || reservedAppIds.has(name)) return false;
  // An account named after an app is given its tokens where nobody owns it: see accountForApps.
  if ((await findApp(db, name)) !== null) return false;
  return !(await isNameInvited(db, name, now()));
}

/**
 * Names for a new account, the best first, from what somebody is called elsewhere (`ada.lovelace`, `Ada Lovelace`,
 * `ada@example.org`); each a valid name, none the store's own. Whether one is free, the caller finds out.
 */
export function* namesFor(hints: readonly (string | undefined)[]): Generator<string> {
  const bases = hints.map(baseOf).filter((base) => base !== '');
  for (const base of bases) if (isNameForStrangers(base)) yield base;
  // The number goes after the first hint: of the others somebody may know another person by.
  const [base = NAMELESS] = bases;
  for (let number = 2; number <= MAX_NUMBER; number += 1) yield `${base}-${number}`;
}

/** What of a text can be in a name: the part before an `@`, without accents, in lower case. */
function baseOf(hint = ''): string {
  const [local = ''] = hint.slice(0, 256).split('@');
  return local
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/([._-])[._-]+/g, '$1')
    .slice(0, MAX_BASE_CHARACTERS)
    .replace(/^[._-]+|[._-]+$/g, '');
}
