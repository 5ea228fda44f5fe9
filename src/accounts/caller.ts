import { RequestError } from '../request-error.js';

/**
 * What a token may do: `upload` releases, `manage` owners, tokens and releases of its apps, `moderate` what others ask for,
 * `operate` the store.
 */
export const scopes = ['upload', 'manage', 'moderate', 'operate'] as const;

export type Scope = (typeof scopes)[number];

/** What somebody is in this store. Every role may do what those before it may. */
export const roles = ['developer', 'moderator', 'administrator'] as const;

export type Role = (typeof roles)[number];

/** The one place that says what a role may do: what a session of such an account carries, and a token of it at most. */
export const scopesOfRole: Readonly<Record<Role, readonly Scope[]>> = {
  developer: ['upload', 'manage'],
  moderator: ['upload', 'manage', 'moderate'],
  administrator: ['upload', 'manage', 'moderate', 'operate'],
};

/** The least role that may do all that `wanted` says. */
export function roleFor(wanted: readonly Scope[]): Role {
  return roles.find((role) => wanted.every((scope) => scopesOfRole[role].includes(scope))) ?? 'administrator';
}

/** True where `role` may do more than `other`. */
export function outranks(role: Role, other: Role): boolean {
  return roles.indexOf(role) > roles.indexOf(other);
}

/** No token has this id: what is done on the store's own machine needs none. */
export const NO_TOKEN = '00000000-0000-0000-0000-000000000000';

/** Whoever a token speaks for, and what the token allows. A session of the console is a token, too. */
export interface Caller {
  readonly accountId: number;
  readonly accountName: string;
  readonly tokenId: string;
  /** Whether a program sent a token, or a person's browser the cookie of a session. */
  readonly kind: 'bearer' | 'session';
  /** Never more than the account's role allows. */
  readonly scopes: readonly Scope[];
  /** Null: every app of the account. */
  readonly appIds: readonly string[] | null;
  /** When the token stops counting; null: never. */
  readonly expiresAt: Date | null;
}

/** True where the caller runs the store, an administrator: may do everything. A token that is made for some apps never does. */
export function isOperator(caller: Caller): boolean {
  return caller.appIds === null && caller.scopes.includes('operate');
}

/** True where the caller decides about what developers ask for. A token that is made for some apps never does. */
export function isModerator(caller: Caller): boolean {
  return isOperator(caller) || (caller.appIds === null && caller.scopes.includes('moderate'));
}

/** @throws RequestError `SCOPE_INSUFFICIENT` where the caller doesn't run the store */
export function requireOperator(caller: Caller): void {
  if (isOperator(caller)) return;
  throw insufficient(caller, 'operate', ', for the whole store');
}

/** @throws RequestError `SCOPE_INSUFFICIENT` where the caller is no moderator */
export function requireModerator(caller: Caller): void {
  if (isModerator(caller)) return;
  throw insufficient(caller, 'moderate', ', for the whole store');
}

/** @throws RequestError `SCOPE_INSUFFICIENT` where the token doesn't carry `scope`; an operator's carries every one */
export function requireScope(caller: Caller, scope: Scope): void {
  if (isOperator(caller) || caller.scopes.includes(scope)) return;
  throw insufficient(caller, scope, '');
}

/** Somebody in the console knows of roles; whoever sent a token, of scopes. */
function insufficient({ kind }: Caller, scope: Scope, reach: string): RequestError {
  const words =
    kind === 'session'
      ? `This is for ${roleFor([scope])}s of the store.`
      : `This needs a token with the scope "${scope}"${reach}.`;
  return new RequestError('SCOPE_INSUFFICIENT', words);
}

/**
 * For what belongs to the account as a whole, and not to one of its apps.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` where the token may not manage, or is made for some apps
 */
export function requireAccountManager(caller: Caller): void {
  requireScope(caller, 'manage');
  if (caller.appIds === null) return;
  throw new RequestError('SCOPE_INSUFFICIENT', 'This needs a token for all apps of the account.');
}

/** @throws RequestError `SCOPE_INSUFFICIENT` where the token was made for other apps */
export function requireApp(caller: Caller, appId: string): void {
  if (isOperator(caller) || caller.appIds === null || caller.appIds.includes(appId)) return;
  throw new RequestError('SCOPE_INSUFFICIENT', `This token is not made for the app "${appId}".`);
}
