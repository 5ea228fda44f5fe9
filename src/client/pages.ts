import type { Failure, Problem } from './operation-types.js';

/** The store answered a question of several with a problem. */
export class ProblemError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor({ status, problem }: Pick<Failure, 'status' | 'problem'>) {
    super(`${problem.detail} (${problem.code})`);
    this.name = 'ProblemError';
    this.status = status;
    this.problem = problem;
  }
}

/** Where a page begins; to be put into the query of the question. */
export interface PageStart {
  readonly after?: string;
}

type Answered = { readonly ok: true; readonly data: object | undefined } | Failure;

/** The data of the answers that tell where the next page begins. */
type PageOf<Given> = Given extends { readonly ok: true; readonly data: infer Data }
  ? Data extends { readonly next: string | null }
    ? Data
    : never
  : never;

type Ask<Given> = (start: PageStart) => Promise<Given>;

/**
 * The pages of a list, one after the other, each asked for when it is wanted:
 *
 * `for await (const { apps } of pagesOf((start) => listApps(client, { query: { limit: 500, ...start } }))) …`
 *
 * @throws ProblemError where the store answers with a problem
 */
export async function* pagesOf<Given extends Answered>(
  ask: Ask<Given>,
  start: PageStart = {},
): AsyncGenerator<PageOf<Given>, void, undefined> {
  const seen = new Set<string | null>();
  // Where a page leads back to one before, there is no end.
  for (let cursor = start.after ?? null; !seen.has(cursor);) {
    seen.add(cursor);
    const { page, next } = await askFrom(ask, cursor);
    yield page;
    if (next === null) return;
    cursor = next;
  }
}

const BETWEEN_EMPTY_ANSWERS_MS = 1_000;

/**
 * The pages of a feed that never ends: after the last one it is asked again from there, and the question waits at the store
 * until there is more. Keep the `next` of what was dealt with: from there it goes on, also another day.
 *
 * @param ask is to wait at the store; an answer without anything new is not handed on
 * @throws ProblemError where the store answers with a problem
 */
export async function* follow<Given extends Answered>(
  ask: Ask<Given>,
  start: PageStart = {},
): AsyncGenerator<PageOf<Given>, void, undefined> {
  for (let cursor = start.after ?? null; ;) {
    const { page, next } = await askFrom(ask, cursor);
    if (next !== null && next !== cursor) {
      cursor = next;
      yield page;
    } else {
      // A store that doesn't wait must not be asked as fast as it answers.
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_EMPTY_ANSWERS_MS));
    }
  }
}

async function askFrom<Given extends Answered>(
  ask: Ask<Given>,
  cursor: string | null,
): Promise<{ readonly page: PageOf<Given>; readonly next: string | null }> {
  const answer = await ask(cursor === null ? {} : { after: cursor });
  if (!answer.ok) throw new ProblemError(answer);
  const { next } = answer.data as { readonly next?: string | null };
  return { page: answer.data as PageOf<Given>, next: next ?? null };
}
