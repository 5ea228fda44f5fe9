import type { Gate } from '../gate.js';
import { newWebhookSecret } from './webhook-signature.js';

/*
 * What a webhook signs with: its secret, and for a day after it was changed the one before, so that a receiver can be changed
 * without losing anything.
 */

const OVERLAP_MS = 24 * 60 * 60 * 1000;

interface KeptSecrets {
  readonly current: string;
  readonly former: { readonly secret: string; readonly until: string } | null;
}

type Sealing = Pick<Gate, 'secrets'>;

/** A new secret, and it sealed for the database. */
export function firstSecret(gate: Sealing & Pick<Gate, 'randomBytes'>, id: string): { secret: string; sealed: Buffer } {
  const secret = newWebhookSecret(gate.randomBytes);
  return { secret, sealed: sealSecrets(gate, id, { current: secret, former: null }) };
}

/** A new secret in the place of that in `sealed`, which stays good for a day. @throws SealError */
export function nextSecret(
  gate: Sealing & Pick<Gate, 'randomBytes' | 'now'>,
  id: string,
  sealed: Buffer,
): { secret: string; sealed: Buffer } {
  const secret = newWebhookSecret(gate.randomBytes);
  const until = new Date(gate.now().getTime() + OVERLAP_MS).toISOString();
  const former = { secret: openSecrets(gate, id, sealed).current, until };
  return { secret, sealed: sealSecrets(gate, id, { current: secret, former }) };
}

/** Everything to sign with at a time. @throws SealError */
export function secretsAt(gate: Sealing, id: string, sealed: Buffer, at: Date): readonly string[] {
  const { current, former } = openSecrets(gate, id, sealed);
  return former !== null && new Date(former.until) > at ? [current, former.secret] : [current];
}

function openSecrets({ secrets }: Sealing, id: string, sealed: Buffer): KeptSecrets {
  return JSON.parse(secrets.open(sealed, purposeOf(id))) as KeptSecrets;
}

function sealSecrets({ secrets }: Sealing, id: string, kept: KeptSecrets): Buffer {
  return secrets.seal(JSON.stringify(kept), purposeOf(id));
}

function purposeOf(id: string): string {
  return `webhook ${id}`;
}
