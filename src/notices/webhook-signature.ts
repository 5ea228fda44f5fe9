import { createHmac } from 'node:crypto';

/** As Standard Webhooks has it: the key in base64, behind a prefix by which scanners recognise one that leaked. */
const PREFIX = 'whsec_';
const KEY_BYTES = 32;

/** A new secret to sign with. */
export function newWebhookSecret(randomBytes: (size: number) => Buffer): string {
  return PREFIX + randomBytes(KEY_BYTES).toString('base64');
}

/** The headers that tell a receiver who sent this, when, and that it is one and the same message, however often it comes. */
export function webhookHeaders(
  secrets: readonly string[],
  message: { readonly id: string; readonly at: Date; readonly body: string },
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(message.at.getTime() / 1000));
  const signed = `${message.id}.${timestamp}.${message.body}`;
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  });
  return {
    'content-type': 'application/json',
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
