import { z } from 'zod';
import { lockAccountSecrets } from '../database/account-secrets.js';
import { createAccount, lockAccount, type AccountRow } from '../database/accounts.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import {
  deleteIdentity,
  findIdentity,
  holdIdentity,
  insertIdentity,
  listIdentities,
  type Identity,
} from '../database/identities.js';
import type { Gate } from '../gate.js';
import { isMailAddress } from '../mail-address.js';
import { RequestError } from '../request-error.js';
import { SealError } from '../sealed-secrets.js';
import { isFreeForStrangers, namesFor } from './free-name.js';
import { authorizationRequest, personOf, requireOpenId, type OpenIdPerson } from './open-id-provider.js';
import { requireOwnHand } from './own-hand.js';
import { auditAccount } from './passwords.js';
import { beginSession, type NewSession, type Session } from './sessions.js';
import { requireStanding } from './sign-in.js';
import { requireLiveToken } from './tokens.js';

/** So long somebody may be at the provider. */
const STATE_MS = 10 * 60 * 1000;
const STATE_PURPOSE = 'sign-in with an OpenID Connect provider';

const stateSchema = z.object({
  issuer: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  expiresAt: z.number(),
  /** The session that an identity is to be linked in; null for a sign-in. */
  linkIn: z.string().nullable(),
});

type OpenIdState = z.infer<typeof stateSchema>;

/** A way to the provider, and what the browser must keep in a cookie meanwhile. */
export interface BegunOpenId {
  readonly location: string;
  /** Sealed; good for ten minutes. */
  readonly state: string;
}

/**
 * Sends somebody to the provider to sign in.
 *
 * @param options.returnTo where to go afterwards: a path of the console; anything else is the console's first page
 * @throws RequestError `NOT_FOUND` where the store has no provider, `UNAVAILABLE` where it doesn't answer
 */
export async function beginOpenId(
  gate: Gate,
  { returnTo }: { readonly returnTo: string | null },
): Promise<BegunOpenId> {
  return begin(gate, returnTo, null);
}

/**
 * Sends somebody who is signed in to the provider, to link who they are there to their account.
 *
 * @param options.password theirs, see {@link requireOwnHand}; null where they have none
 * @throws RequestError `SIGN_IN_FAILED`, `TOO_MANY_ATTEMPTS`, and as {@link beginOpenId}
 */
export async function beginLink(
  gate: Gate,
  session: Session,
  { returnTo, password }: { readonly returnTo: string | null; readonly password: string | null },
): Promise<BegunOpenId> {
  requireOpenId(gate);
  await requireOwnHand(gate, session.caller, password);
  return begin(gate, returnTo, session.id);
}

/** What a state was made for, so that who comes back is led on; null where it isn't one of ours, or is too old. */
export function purposeOfState(gate: Gate, state: string): 'sign-in' | 'link' | null {
  const opened = openState(gate, state);
  if (opened === null) return null;
  return opened.linkIn === null ? 'sign-in' : 'link';
}

/**
 * Signs in whoever comes back from the provider. They are known by issuer and subject alone, never by their address; somebody
 * unknown gets an account of a new name where the store takes strangers.
 *
 * @param answer.url the address that the provider sent the browser to
 * @param answer.state what the cookie held
 * @throws RequestError `SIGN_IN_FAILED`, `ACCOUNT_SUSPENDED`, `UNAVAILABLE`
 */
export async function finishOpenId(
  gate: Gate,
  { url, state, label }: { readonly url: URL; readonly state: string; readonly label: string },
): Promise<{ readonly session: NewSession; readonly returnTo: string }> {
  const begun = requireState(gate, state, null);
  const person = await personOf(gate, url.searchParams, begun);
  const session = await inTransaction(gate.database, async (tx) => {
    const account = (await knownAccount(tx, person)) ?? (await newAccount(tx, gate, person));
    requireStanding(account);
    return beginSession(tx, gate, account, { method: 'oidc', label });
  });
  return { session, returnTo: begun.returnTo };
}

/**
 * Links who comes back from the provider to the account of the very session that asked for it.
 *
 * @throws RequestError `SIGN_IN_FAILED`, `UNAVAILABLE`; `INVALID_REQUEST` where the identity is another account's
 */
export async function finishLink(
  gate: Gate,
  session: Session,
  { url, state }: { readonly url: URL; readonly state: string },
): Promise<{ readonly returnTo: string }> {
  const begun = requireState(gate, state, session.id);
  const person = await personOf(gate, url.searchParams, begun);
  const account = { id: session.caller.accountId, name: session.caller.accountName };
  await inTransaction(gate.database, async (tx) => {
    await lockAccountSecrets(tx, account.id);
    await requireLiveToken(tx, session.caller, gate.now());
    const { issuer, subject } = person;
    const isNew = await insertIdentity(tx, { issuer, subject, accountId: account.id, addedAt: gate.now() });
    if (isNew) {
      await auditAccount(tx, account, { kind: 'account-identity-added', by: account.id, after: { issuer } });
    } else if ((await findIdentity(tx, person))?.accountId !== account.id) {
      throw new RequestError('INVALID_REQUEST', 'This identity is linked to another account.');
    }
  });
  return { returnTo: begun.returnTo };
}

/**
 * Takes an identity from the account of whoever is signed in.
 *
 * @throws RequestError `NOT_FOUND` where it isn't theirs, `INVALID_REQUEST` where there would be no way in left
 */
export async function unlinkIdentity(gate: Gate, session: Session, identity: Identity): Promise<void> {
  const account = { id: session.caller.accountId, name: session.caller.accountName };
  await inTransaction(gate.database, async (tx) => {
    const { passwordHash } = await lockAccountSecrets(tx, account.id);
    await requireLiveToken(tx, session.caller, gate.now());
    const { issuer, subject } = identity;
    if (!(await deleteIdentity(tx, { issuer, subject, accountId: account.id }))) {
      throw new RequestError('NOT_FOUND', 'This identity is not linked to your account.');
    }
    if (passwordHash === null && (await listIdentities(tx, account.id)).length === 0) {
      throw new RequestError(
        'INVALID_REQUEST',
        'This is the only way to sign in to this account; set a password first.',
      );
    }
    await auditAccount(tx, account, { kind: 'account-identity-removed', by: account.id, after: { issuer } });
  });
}

async function begin(gate: Gate, returnTo: string | null, linkIn: string | null): Promise<BegunOpenId> {
  const { location, secrets } = await authorizationRequest(gate);
  const state: OpenIdState = {
    ...secrets,
    issuer: requireOpenId(gate).issuer,
    returnTo: consolePath(returnTo),
    expiresAt: gate.now().getTime() + STATE_MS,
    linkIn,
  };
  return { location, state: gate.secrets.seal(JSON.stringify(state), STATE_PURPOSE).toString('base64url') };
}

/** @throws RequestError `SIGN_IN_FAILED` where it isn't a state of ours for that purpose, or is too old */
function requireState(gate: Gate, sealed: string, linkIn: string | null): OpenIdState {
  const state = openState(gate, sealed);
  if (state?.linkIn === linkIn) return state;
  throw new RequestError('SIGN_IN_FAILED', 'This sign-in took too long, or began in another browser; begin again.');
}

function openState(gate: Gate, sealed: string): OpenIdState | null {
  try {
    const opened = gate.secrets.open(Buffer.from(sealed, 'base64url'), STATE_PURPOSE);
    const state = stateSchema.parse(JSON.parse(opened));
    const isCurrent = state.expiresAt > gate.now().getTime() && state.issuer === gate.openId?.issuer;
    return isCurrent ? state : null;
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

/** The account of somebody who signed in before, held until the transaction ends. */
async function knownAccount(tx: Transaction, person: OpenIdPerson): Promise<AccountRow | null> {
  const identity = await findIdentity(tx, person);
  return identity === null ? null : lockAccount(tx, identity.accountName);
}

/** An account for somebody the store has not met. @throws RequestError `SIGN_IN_FAILED` where it takes no strangers */
async function newAccount(tx: Transaction, gate: Gate, person: OpenIdPerson): Promise<AccountRow> {
  if (!requireOpenId(gate).signUp) {
    throw new RequestError(
      'SIGN_IN_FAILED',
      'No account is linked to this identity. Sign in another way and link it, or ask for an invitation.',
    );
  }
  const { issuer, subject } = person;
  // Somebody who comes back twice at once is one person: the second waits here for the first.
  await holdIdentity(tx, person);
  const known = await knownAccount(tx, person);
  if (known !== null) return known;
  const email = person.email !== null && isMailAddress(person.email) ? person.email : null;
  for (const name of namesFor(person.nameHints)) {
    if (!(await isFreeForStrangers(tx, gate, name))) continue;
    const account = await createAccount(tx, { name, role: 'developer', email });
    if (account === null) continue;
    await insertIdentity(tx, { issuer, subject, accountId: account.id, addedAt: gate.now() });
    await auditAccount(tx, account, { kind: 'account-identity-added', by: account.id, after: { issuer } });
    return account;
  }
  throw new RequestError('SIGN_IN_FAILED', 'No free name was found for a new account; ask for an invitation.');
}

const FIRST_PAGE = '/console';
const MAX_PATH_CHARACTERS = 1000;

/**
 * A path of the console from what somebody asked to come back to, beginning with `/console`; the first page for anything that
 * might lead elsewhere. Browsers read `\` as `/`, and leave out tabs and line breaks.
 */
export function consolePath(text: string | null): string {
  if (text === null || text.length > MAX_PATH_CHARACTERS) return FIRST_PAGE;
  const path = text.startsWith('/') ? text : `/${text}`;
  if (!/^\/console(?:$|[/?])[!-[\]-~]*$/.test(path)) return FIRST_PAGE;
  const [name = ''] = path.split(/[?#]/, 1);
  return name.includes('//') || /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(name) ? FIRST_PAGE : path;
}
