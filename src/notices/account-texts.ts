/*
 * What is written to people about their accounts. Nothing of it is in the words of whoever caused it, who may be anybody: names
 * of accounts and apps, roles, and addresses of the store.
 */

/** What a one-time link is to, in the words of its mail. */
export type LinkPurpose =
  | { readonly kind: 'account'; readonly role: string }
  | { readonly kind: 'co-owner' | 'transfer'; readonly appId: string }
  | { readonly kind: 'password-reset'; readonly accountName: string };

/** The subject of a mail that holds a one-time link. */
export function linkSubject(purpose: LinkPurpose): string {
  switch (purpose.kind) {
    case 'account':
      return 'An invitation to an app store';
    case 'co-owner':
      return `An invitation to become an owner of ${purpose.appId}`;
    case 'transfer':
      return `The app ${purpose.appId} is offered to you`;
    case 'password-reset':
      return 'A new password';
  }
}

function whatFor(purpose: LinkPurpose, from: string): string {
  switch (purpose.kind) {
    case 'account':
      return `${from} invites you to this app store, as ${purpose.role}.`;
    case 'co-owner':
      return `${from} invites you to become an owner of the app ${purpose.appId}, beside its others.`;
    case 'transfer':
      return `${from} offers you the app ${purpose.appId}: whoever accepts becomes its only owner.`;
    case 'password-reset':
      return `Somebody asked for a new password for the account ${purpose.accountName}, perhaps you.`;
  }
}

/**
 * A mail that holds a one-time link.
 *
 * @param from the account that invites
 */
export function linkBody(purpose: LinkPurpose, from: string, link: string, expiresAt: Date, baseUrl: string): string {
  return `${whatFor(purpose, from)}

  ${link}

The link works once, until ${expiresAt.toISOString()}. Whoever has it can use it: pass it on to nobody. If this means
nothing to you, there is nothing to do.

--
Sent by the app store at ${baseUrl}.
`;
}

/**
 * A mail that holds a link to a new password for each account of an address.
 *
 * @param hasMore whether the address has accounts beyond these
 */
export function passwordLinksBody(
  links: readonly { readonly accountName: string; readonly link: string }[],
  { hasMore, expiresAt, baseUrl }: { readonly hasMore: boolean; readonly expiresAt: Date; readonly baseUrl: string },
): string {
  const more = hasMore ? '\nMore accounts have this address: ask for the new password of one by its name.\n' : '';
  return `Somebody asked for a new password for the accounts that have this address, perhaps you. This is a link for each.

${links.map(({ accountName, link }) => `${accountName}:\n\n  ${link}\n`).join('\n')}${more}
Each link works once, until ${expiresAt.toISOString()}. Whoever has one can use it: pass it on to nobody. If this means
nothing to you, there is nothing to do.

--
Sent by the app store at ${baseUrl}.
`;
}

/** To the old address: that it is no longer the account's. */
export function addressChangedWords(accountName: string, baseUrl: string): string {
  return `The address of the account ${accountName} was changed; this one is not used for it any more.

If you did not do that, tell those who run the store.

--
Sent by the app store at ${baseUrl}.
`;
}
