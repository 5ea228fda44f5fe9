import { previewRevocation, revokeByKeyHolder, revokeCertificate } from '../client/generated/operations.js';
import { leafReasons } from '../database/certificates.js';
import { createSignedData } from '../pki/cms.js';
import { keySigner } from '../pki/signer.js';
import { readSerial, refusedByStore, requireSame, revocationEffect, revokedByKey } from './certificate-answers.js';
import { UsageError, type Arguments, type Command, type ExitCode, type Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { printRevocationEffect } from './revocation-effect.js';
import { revocationReason } from './revocation-reason.js';
import { readKeyFile, readSigningCertificates } from './signing-key.js';
import { askStore } from './store-client.js';
import { publicStore, storeOptionHelp, storeOptions, storeWithToken } from './store-client-address.js';
import { understand } from './store-client-answers.js';
import { shortTime } from './table.js';
import { pastTimeOption } from './time-option.js';

/** `portcullis certificate revoke`: takes a certificate back. */
export const certificateRevoke: Command = {
  name: 'certificate revoke',
  summary: 'Revokes a certificate, by its key or as an owner of the app.',
  usage:
    '(--key FILE --cert FILE | SERIAL|FILE --reason REASON [--since TIME] [--note TEXT] (--yes | --preview)) [--url URL] [--token-file FILE] [--insecure] [--json]',
  options: {
    key: { type: 'string' },
    cert: { type: 'string' },
    reason: { type: 'string' },
    since: { type: 'string' },
    note: { type: 'string' },
    yes: { type: 'boolean' },
    preview: { type: 'boolean' },
    ...storeOptions,
    json: { type: 'boolean' },
  },
  optionHelp: {
    key: 'the private key of the certificate: proof enough, no token is needed; it stays on this machine',
    cert: 'the certificate of --key',
    reason: `one of ${leafReasons.join(', ')}`,
    since: 'since when the key is in wrong hands: what was published since then is no longer served',
    note: 'why, in words; not public',
    yes: 'does it; without it nothing is changed',
    preview: 'only shows what it would do',
    ...storeOptionHelp,
    json: 'prints what the store answers as JSON',
  },
  about: `A revocation is final. With --key and --cert it is done at once, as keyCompromise: releases that were published later
are no longer served. By its serial it needs a token with the scope "manage" of an owner of the app; then the releases
that it touches are shown first, and nothing happens without --yes (exit 2).

  portcullis certificate revoke --key calendar.key --cert calendar.crt --url https://store.example.org`,
  async run(args, terminal) {
    const [key, cert] = [textOption(args, 'key'), textOption(args, 'cert')];
    if (key === undefined && cert === undefined) return revokeAsOwner(args, terminal);
    if (key === undefined || cert === undefined) throw new UsageError('--key and --cert go together.');
    return revokeByKey(key, cert, args, terminal);
  },
};

async function revokeByKey(keyFile: string, cert: string, args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const surplus = ['reason', 'since', 'note', 'yes', 'preview'].find((name) => args.values[name] !== undefined);
  if (surplus !== undefined || args.positionals.length > 0) {
    throw new UsageError('With --key the reason is keyCompromise, and nothing more can be said.');
  }
  const store = publicStore(args, terminal);
  const key = await readKeyFile(keyFile, terminal);
  const { leaf: certificate } = await readSigningCertificates([cert], key, terminal);
  const cms = await createSignedData({ content: Buffer.from('revoke'), certificate, signer: keySigner(key) });
  const answer = await askStore(store, revokeByKeyHolder, { body: { cms } });
  if (answer.status !== 200) return refusedByStore(answer, store, terminal);
  const { serial, revokedAt, revocationReason: reason } = understand(revokedByKey, answer, store).certificate;
  if (isSet(args, 'json')) terminal.out(`${JSON.stringify(answer.body, null, 2)}\n`);
  else terminal.out(`${serial} is revoked since ${shortTime(revokedAt)} UTC (${reason ?? ''}).\n`);
  return 0;
}

async function revokeAsOwner(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const [which, ...more] = args.positionals;
  if (which === undefined || more.length > 0) {
    throw new UsageError('Name one certificate by its serial or its file, or its key: --key FILE --cert FILE');
  }
  const reason = revocationReason(args);
  if (reason === null) throw new UsageError(`A reason is needed: --reason ${leafReasons.join('|')}`);
  const since = pastTimeOption(args, 'since', terminal.now())?.toISOString();
  const [isSure, isPreview] = [isSet(args, 'yes'), isSet(args, 'preview')];
  if (isSure && isPreview) throw new UsageError('Give one of --yes and --preview.');
  const serial = await readSerial(which, terminal);
  const store = await storeWithToken(args, terminal);

  const query = { reason, ...(since !== undefined && { invalidityDate: since }) };
  const preview = await askStore(store, previewRevocation, { path: { serial }, query });
  if (preview.status !== 200) return refusedByStore(preview, store, terminal);
  const planned = understand(revocationEffect, preview, store);
  requireSame('certificate', serial, planned.certificate.serial, store);
  if (!isSure) {
    if (isSet(args, 'json')) terminal.out(`${JSON.stringify(preview.body, null, 2)}\n`);
    else printRevocationEffect(terminal, planned, false);
    // A script that forgot the word must not take this for a revocation.
    terminal.err(isPreview ? 'Nothing was changed.\n' : 'Nothing was changed: say --yes to revoke it for good.\n');
    return isPreview ? 0 : 2;
  }
  // The fingerprint binds it to what was shown.
  const { fingerprint } = planned.certificate;
  const order = { reason, invalidityDate: since ?? null, note: textOption(args, 'note') ?? '', fingerprint };
  const answer = await askStore(store, revokeCertificate, { path: { serial }, body: order });
  if (answer.status !== 200) return refusedByStore(answer, store, terminal);
  const effect = understand(revocationEffect, answer, store);
  if (isSet(args, 'json')) terminal.out(`${JSON.stringify(answer.body, null, 2)}\n`);
  else {
    terminal.out(`${effect.certificate.serial} is revoked.\n`);
    printRevocationEffect(terminal, effect, true);
  }
  if (effect.list === 'pending') terminal.err('It is in force; the revocation list says so within a minute.\n');
  return 0;
}
