import type * as argon2Module from 'argon2';
import { randomBytes } from 'node:crypto';
import { RequestError } from '../request-error.js';

/**
 * Twice the work of what OWASP asks for at the least (m=46 MiB, t=1, p=1); one lane, since every lane is a thread. Where these are
 * raised, every password gets the new ones when it is used next.
 */
const PARAMETERS = { memoryCost: 47_104, timeCost: 2, parallelism: 1 } as const;
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** So many hashings at once take so many times 46 MiB, and threads that files and names are waited for in, too. */
const MAX_AT_ONCE = 2;
const MAX_WAITING = 30;

/** More than any password has: nobody makes us work on a megabyte. Cut there, a longer text is still none of ours. */
const MAX_HASHED_CHARACTERS = 1024;

/**
 * A hash that no password has. Whoever signs in to an account that isn't there costs us what others cost: no time tells which
 * names there are.
 */
const DECOY = `$argon2id$v=19$m=${PARAMETERS.memoryCost},t=${PARAMETERS.timeCost},p=${PARAMETERS.parallelism}$${unpadded(SALT_BYTES)}$${unpadded(HASH_BYTES)}`;

/**
 * The hash of a password, argon2id in the PHC string format.
 *
 * @throws RequestError `UNAVAILABLE` where too many wait for theirs, or this machine can't hash passwords
 */
export async function hashPassword(password: string): Promise<string> {
  return inTurn(async ({ argon2id, hash }) =>
    hash(normalPassword(password), { ...PARAMETERS, type: argon2id, hashLength: HASH_BYTES }),
  );
}

/**
 * Whether `hash` is that of the password. Where there is none (null) the answer is no, after the same work.
 *
 * @throws RequestError `UNAVAILABLE` as {@link hashPassword}
 */
export async function isPassword(hash: string | null, password: string): Promise<boolean> {
  const matches = await inTurn(async ({ verify }) => verify(hash ?? DECOY, normalPassword(password)));
  return hash !== null && matches;
}

/** Whether a hash was made with other parameters than are used now. */
export function isHashOutdated(hash: string): boolean {
  const [, algorithm, version, parameters = ''] = hash.split('$');
  const { memoryCost, timeCost, parallelism } = PARAMETERS;
  const current = [`m=${memoryCost}`, `t=${timeCost}`, `p=${parallelism}`];
  const found = new Set(parameters.split(','));
  return algorithm !== 'argon2id' || version !== 'v=19' || current.some((parameter) => !found.has(parameter));
}

/**
 * The text that is hashed: NFKC (NIST SP 800-63B §5.1.1.2). The same keys make composed characters on one machine, decomposed
 * ones on another and wide ones on a third; whoever moves must still come in. Nothing else is changed, nothing is trimmed.
 */
export function normalPassword(password: string): string {
  return password.slice(0, MAX_HASHED_CHARACTERS).normalize('NFKC');
}

type Argon2 = (typeof argon2Module)['default'];

/** Loaded when it is first needed: where there is no binary of it for a platform, all but passwords works. */
async function loadArgon2(): Promise<Argon2> {
  try {
    return (await import('argon2')).default;
  } catch {
    throw new RequestError('UNAVAILABLE', 'The store cannot check passwords on this machine; sign in another way.');
  }
}

let atOnce = 0;
const waiting: (() => void)[] = [];

/** Does `work` when it is its turn. @throws RequestError `UNAVAILABLE` where too many wait */
async function inTurn<T>(work: (argon2: Argon2) => Promise<T>): Promise<T> {
  const argon2 = await loadArgon2();
  if (atOnce >= MAX_AT_ONCE) {
    if (waiting.length >= MAX_WAITING) {
      throw new RequestError('UNAVAILABLE', 'Too many people sign in at this moment; try again shortly.');
    }
    // Whoever ends hands over its place: nobody who comes in between takes it.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    atOnce += 1;
  }
  try {
    return await work(argon2);
  } finally {
    const next = waiting.shift();
    if (next === undefined) atOnce -= 1;
    else next();
  }
}

function unpadded(bytes: number): string {
  return randomBytes(bytes).toString('base64').replace(/=+$/, '');
}
