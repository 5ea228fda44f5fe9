import { z } from 'zod';
import type { Gate } from '../../gate.js';
import { SealError } from '../../sealed-secrets.js';

/** A sign-in between its two steps: the name and the password were right, the code is missing. */
export interface PendingSignIn {
  readonly name: string;
  readonly password: string;
  readonly returnTo: string;
}

const PURPOSE = 'console: between the two steps of a sign-in';
const LIFE_MS = 5 * 60_000;

const sealed = z.object({ name: z.string(), password: z.string(), returnTo: z.string(), until: z.number() });

/** Keeps the first step in the form of the second, readable by this gate only and for five minutes: nothing waits on the server. */
export function sealPendingSignIn(gate: Pick<Gate, 'secrets' | 'now'>, pending: PendingSignIn): string {
  const content = JSON.stringify({ ...pending, until: gate.now().getTime() + LIFE_MS });
  return gate.secrets.seal(content, PURPOSE).toString('base64url');
}

/** Null where it is not ours, or too old. */
export function openPendingSignIn(gate: Pick<Gate, 'secrets' | 'now'>, text: string): PendingSignIn | null {
  try {
    const { until, ...pending } = sealed.parse(JSON.parse(gate.secrets.open(Buffer.from(text, 'base64url'), PURPOSE)));
    return until > gate.now().getTime() ? pending : null;
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
