import type { Gate } from './gate.js';

/** Whether the gate can judge uploads now, and which of its parts fails. */
export interface Readiness {
  readonly ready: boolean;
  /** Part → `ok`, or `failing`; why it fails is in the log, since this is public. */
  readonly checks: Readonly<Record<'database' | 'storage' | 'trust', 'ok' | 'failing'>>;
}

/** Asks every part of the gate whether it works. Never throws. */
export async function isReady(gate: Gate): Promise<Readiness> {
  const [database, storage, trust] = await Promise.all([
    works(gate.database.query('SELECT 1')),
    works(gate.archives.check()),
    works(gate.trust.current()),
  ]);
  return { ready: [database, storage, trust].every((check) => check === 'ok'), checks: { database, storage, trust } };
}

async function works(attempt: Promise<unknown>): Promise<'ok' | 'failing'> {
  try {
    await attempt;
    return 'ok';
  } catch {
    return 'failing';
  }
}
