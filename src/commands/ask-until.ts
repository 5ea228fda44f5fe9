import { setTimeout as pause } from 'node:timers/promises';
import { CommandError, type Terminal } from './command.js';
import type { StoreAnswer } from './store-client.js';

const BETWEEN_QUESTIONS_MS = 2_000;

type Question = () => Promise<StoreAnswer>;

/** What there is to wait for. */
interface Waiting {
  readonly seconds: number;
  /** What to ask next, with so much time left; null where the answer is as good as it will be. */
  readonly nextQuestion: (answer: StoreAnswer, leftMs: number) => Question | null;
  /** Sees every further answer; throws where it is not about what was asked. */
  readonly requireSame?: (next: StoreAnswer, answer: StoreAnswer) => void;
}

/** Asks a store again and again, until there is nothing more to ask or the time is over: its last answer. */
export async function askUntil(
  first: StoreAnswer,
  { seconds, nextQuestion, requireSame }: Waiting,
  { now }: Terminal,
): Promise<StoreAnswer> {
  const end = now().getTime() + seconds * 1000;
  let answer = first;
  for (;;) {
    const left = end - now().getTime();
    const question = nextQuestion(answer, left);
    if (question === null || left <= 0) return answer;
    await pause(Math.min(BETWEEN_QUESTIONS_MS, left));
    const next = await readAgain(question);
    if (next === null) continue;
    if (next.status !== 200) return answer;
    requireSame?.(next, answer);
    answer = next;
  }
}

/**
 * Asks a store once more that was asked before, by somebody who waits: one that is restarted meanwhile, or has too much to do,
 * is back a little later.
 *
 * @returns null where it can't answer just now
 */
async function readAgain(question: Question): Promise<StoreAnswer | null> {
  try {
    const answer = await question();
    return answer.status >= 500 || answer.status === 429 ? null : answer;
  } catch (error) {
    if (error instanceof CommandError) return null;
    throw error;
  }
}
