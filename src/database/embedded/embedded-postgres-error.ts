/** What to do instead, said at the end of every message: whoever reads it should not need the manual to go on. */
const useAnotherPostgres =
  'To use a Postgres of your own instead, set DATABASE_URL=postgres://user:password@host:5432/database.';

/** The embedded Postgres could not be set up, started or reached. The message says why, and what to set or change. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** An {@link EmbeddedPostgresError} for `reason`, closing with the way out that always works: `DATABASE_URL`. */
export function embeddedPostgresError(reason: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(`${reason} ${useAnotherPostgres}`, cause === undefined ? undefined : { cause });
}
