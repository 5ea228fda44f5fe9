/** Why something was not fetched, for programs. */
export type FetchErrorKind =
  /** The URL that somebody declared can't prove anything. */
  | 'declared'
  | 'scheme'
  | 'credentials'
  | 'port'
  /** The name leads nowhere. */
  | 'name'
  /** The name leads to an address that is out of bounds. */
  | 'address'
  | 'connection'
  | 'tls'
  | 'redirect'
  | 'status'
  | 'encoding'
  | 'too-large'
  | 'timeout';

/**
 * Something that was not fetched. The message is one sentence for owners and moderators. It holds nothing that the other
 * side or a resolver said, and no address: what is known only inside of our network stays there. The `cause` is for the
 * operator's log alone, and so is the kind where the URL came from a stranger: `name` and `address` have the same
 * sentence, since the difference would tell which names exist inside.
 */
export class FetchError extends Error {
  constructor(
    readonly kind: FetchErrorKind,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'FetchError';
  }
}
