import type { z } from 'zod';
import { listCertificates, readCertificate, readSigningRequest } from '../client/generated/operations.js';
import {
  ledgerCertificate,
  ledgerPage,
  nextStep,
  readSubject,
  refusedByStore,
  requireSame,
  signingRequest,
  type CertificateSubject,
} from './certificate-answers.js';
import { deliver } from './certificate-delivery.js';
import { readCertifiableId } from './certifiable-id.js';
import { isAppId } from '../app/app-id.js';
import { CommandError, UsageError, type Arguments, type Command, type Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { requestAsText } from './request-text.js';
import { readKeyFile } from './signing-key.js';
import { askStore, type StoreAnswer } from './store-client.js';
import { publicStore, storeOptionHelp, storeOptions, storeWithToken, type Store } from './store-client-address.js';
import { understand } from './store-client-answers.js';
import { asTable, shortTime } from './table.js';
import { requireWritable } from './write-output.js';

const SUBJECT = 'REQUEST-ID|SERIAL|FILE';
const TOKENS = 'A signing request needs the token of whoever may see it; certificates are public.';

/** `portcullis certificate status`: what became of a request, or how a certificate stands. */
export const certificateStatus: Command = {
  name: 'certificate status',
  summary: 'Shows what became of a signing request, or how a certificate stands.',
  usage: `${SUBJECT} [--url URL] [--token-file FILE] [--insecure] [--json]`,
  options: { ...storeOptions, json: { type: 'boolean' } },
  optionHelp: { ...storeOptionHelp, json: 'prints what the store answers as JSON' },
  about: `${TOKENS}
Exit 1: the request was declined or withdrawn, the certificate is revoked or expired, or there is no such thing.`,
  async run(args, terminal) {
    const { store, answer, subject } = await ask(args, terminal);
    if (answer.status !== 200) return refusedByStore(answer, store, terminal);
    const print = (text: string): void =>
      terminal.out(isSet(args, 'json') ? `${JSON.stringify(answer.body, null, 2)}\n` : text);
    if ('requestId' in subject) {
      const request = understand(signingRequest, answer, store);
      print([requestAsText(request), nextStep(request)].filter((text) => text !== '').join('\n'));
      return request.state === 'declined' || request.state === 'withdrawn' ? 1 : 0;
    }
    const certificate = understand(ledgerCertificate, answer, store);
    print(certificateAsText(certificate));
    return certificate.status === 'valid' ? 0 : 1;
  },
};

/** `portcullis certificate get`: fetches a certificate. */
export const certificateGet: Command = {
  name: 'certificate get',
  summary: 'Fetches a certificate with its intermediate, ready to sign with.',
  usage: `${SUBJECT} [--app-id ID] [--key FILE] [--out FILE] [--force] [--url URL] [--token-file FILE] [--insecure]`,
  options: {
    'app-id': { type: 'string' },
    key: { type: 'string' },
    out: { type: 'string' },
    force: { type: 'boolean' },
    ...storeOptions,
  },
  optionHelp: {
    'app-id': 'the app that it must be for',
    key: 'the private key that it must be for; it stays on this machine',
    out: 'the file for it, - for the standard output (default: ID.crt, after the app)',
    force:
      'overwrites the file, where --out or --app-id names it; never a private key, nor the certificate of another app',
    ...storeOptionHelp,
  },
  about: `${TOKENS}
Exit 1 where there is no certificate: the request waits, or was declined.`,
  async run(args, terminal) {
    const appId = textOption(args, 'app-id') === undefined ? null : readCertifiableId(args);
    const [keyFile, out] = [textOption(args, 'key') ?? null, textOption(args, 'out') ?? null];
    const key = keyFile === null ? null : await readKeyFile(keyFile, terminal);
    const keyFiles = keyFile === null ? [] : [keyFile];
    if (out !== null) await requireWritable(out, { force: isSet(args, 'force'), keyFiles }, terminal);
    const { store, answer, subject } = await ask(args, terminal);
    if (answer.status !== 200) return refusedByStore(answer, store, terminal);
    const certificate = certificateOf(answer, subject, store);
    if (certificate === null) {
      const { state, id } = understand(signingRequest, answer, store);
      terminal.err(`There is no certificate: signing request ${id} is ${state}.\n`);
      return 1;
    }
    const { leaf, status } = certificate;
    if (leaf === null)
      throw new CommandError('The store does not keep this certificate itself, only that it was issued.');
    if (appId !== null) requireSame('app', appId, certificate.appId, store);
    const isNamed = out !== null || appId !== null;
    const delivery = { out, force: isSet(args, 'force'), isNamed, keyFile, key };
    await deliver({ ...certificate, leaf }, store, delivery, terminal);
    if (status !== 'valid') terminal.err(`Warning: this certificate is ${status}; it signs nothing new.\n`);
    return 0;
  },
};

/** A quarter of a million certificates. A store that goes on for ever is none. */
const MAX_PAGES = 500;
const PAGE = 500;

/** `portcullis certificate list`: the public ledger of a store. */
export const certificateList: Command = {
  name: 'certificate list',
  summary: 'Lists the certificates that a store issued, the newest first.',
  usage: '[--app-id ID] [--url URL] [--json]',
  options: { 'app-id': { type: 'string' }, url: storeOptions.url, json: { type: 'boolean' } },
  optionHelp: {
    'app-id': 'only those of this app',
    url: storeOptionHelp.url,
    json: 'prints what the store answers as JSON, all pages in one',
  },
  about: 'The ledger is public: no token is needed.',
  async run(args, terminal) {
    if (args.positionals.length > 0) throw new UsageError('The app is named with --app-id.');
    const appId = textOption(args, 'app-id');
    if (appId !== undefined && !isAppId(appId)) throw new UsageError(`"${appId}" is no app id.`);
    const store = publicStore(args, terminal);
    const certificates: z.infer<typeof ledgerPage>['certificates'] = [];
    const seen = new Set<string>();
    for (let after: string | null = null; ;) {
      const answer: StoreAnswer = await askStore(store, listCertificates, {
        query: { limit: PAGE, ...(appId !== undefined && { app: appId }), ...(after !== null && { after }) },
      });
      if (answer.status !== 200) return refusedByStore(answer, store, terminal);
      const page = understand(ledgerPage, answer, store);
      certificates.push(...page.certificates);
      after = page.certificates.length === 0 ? null : page.next;
      if (after === null) break;
      if (seen.has(after) || seen.size === MAX_PAGES || page.certificates.length > PAGE) {
        throw new CommandError(`The ledger of ${store.url.href} does not come to an end. Ask for one app: --app-id ID`);
      }
      seen.add(after);
    }
    if (isSet(args, 'json')) {
      terminal.out(`${JSON.stringify({ certificates }, null, 2)}\n`);
      return 0;
    }
    const rows = certificates.map((each) => [
      each.serial,
      each.appId,
      each.status,
      shortTime(each.notAfter),
      each.revokedAt === null ? '' : `${shortTime(each.revokedAt)}, ${each.revocationReason ?? ''}`,
    ]);
    terminal.out(asTable([['SERIAL', 'APP', 'STATUS', 'UNTIL', 'REVOKED'], ...rows]));
    return 0;
  },
};

interface Asked {
  readonly store: Store;
  readonly answer: StoreAnswer;
  readonly subject: CertificateSubject;
}

async function ask(args: Arguments, terminal: Terminal): Promise<Asked> {
  const subject = await readSubject(args, terminal);
  const isRequest = 'requestId' in subject;
  const store = isRequest ? await storeWithToken(args, terminal) : publicStore(args, terminal);
  const answer = isRequest
    ? await askStore(store, readSigningRequest, { path: { id: subject.requestId } })
    : await askStore(store, readCertificate, { path: { serial: subject.serial } });
  if (answer.status === 200) requireSubject(subject, answer, store);
  return { store, subject, answer };
}

/** What a store answers with must be what it was asked for, since it goes into a file, and people go by it. */
function requireSubject(subject: CertificateSubject, answer: StoreAnswer, store: Store): void {
  if ('requestId' in subject) {
    requireSame('signing request', subject.requestId, understand(signingRequest, answer, store).id, store);
    return;
  }
  const found = understand(ledgerCertificate, answer, store);
  requireSame('certificate', subject.serial, found.serial, store);
  const { certificate } = subject;
  if (certificate !== null) requireSame('certificate', certificate.fingerprint, found.fingerprint, store);
}

function certificateOf(answer: StoreAnswer, subject: CertificateSubject, store: Store) {
  if ('serial' in subject) return understand(ledgerCertificate, answer, store);
  const { certificate, appId, serial } = understand(signingRequest, answer, store);
  if (certificate === null) return null;
  requireSame('app', appId, certificate.appId, store);
  requireSame('certificate', serial ?? certificate.serial, certificate.serial, store);
  return certificate;
}

function certificateAsText(certificate: z.infer<typeof ledgerCertificate>): string {
  const { serial, status, revokedAt, invalidityDate } = certificate;
  return `Certificate ${serial} is ${status}\n\n${asTable([
    ['  app', certificate.appId],
    ['  SHA-256', certificate.fingerprint ?? '–'],
    ['  valid', `${shortTime(certificate.notBefore)} to ${shortTime(certificate.notAfter)}`],
    ...(revokedAt === null ? [] : [['  revoked', `${shortTime(revokedAt)}, ${certificate.revocationReason ?? ''}`]]),
    ...(invalidityDate === null ? [] : [['  in wrong hands', `since ${shortTime(invalidityDate)}`]]),
  ])}`;
}
