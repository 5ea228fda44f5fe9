import type { Gate } from './gate.js';
import type { Trust } from './pki/trust.js';

/** Whether the gate can judge uploads now, and which of its parts fails. */
export interface Readiness {
  readonly ready: boolean;
  /** Part → `ok`, or `failing`; why it fails is in the log, since this is public. */
  readonly checks: Readonly<Record<'database' | 'storage' | 'trust', 'ok' | 'failing'>>;
}

/** Asks every part of the gate whether it works. Never throws. */
export async function isReady(gate: Gate): Promise<Readiness> {
  const check = async (part: keyof Readiness['checks'], attempt: Promise<unknown>): Promise<'ok' | 'failing'> => {
    try {
      await attempt;
      return 'ok';
    } catch (error) {
      gate.log.warn({ err: error, part }, 'not ready');
      return 'failing';
    }
  };
  const [database, storage, trust] = await Promise.all([
    check('database', gate.database.query('SELECT 1')),
    check('storage', gate.archives.check()),
    check('trust', gate.trust.current().then(requireLists)),
  ]);
  return { ready: [database, storage, trust].every((state) => state === 'ok'), checks: { database, storage, trust } };
}

/** Without any revocation list, nor a ledger of the store's own, no signed upload can be judged. */
function requireLists({ revocationLists, ledgers }: Trust): void {
  if (revocationLists.length === 0 && ledgers.length === 0)
    throw new Error('The trust folder holds no revocation list (crl/*.crl)');
}
