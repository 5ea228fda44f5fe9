import { z } from 'zod';
import { isAppId } from '../app/app-id.js';
import { normalizeSerial } from '../authority/read-ledger.js';
import * as certificates from '../http/certificate-representations.js';
import * as requests from '../http/signing-request-representations.js';
import { CertificateError, isSignedBy, parseCertificate, type Certificate } from '../pki/certificate.js';
import { writePem } from '../pki/pem.js';
import { readSerialOrFile } from './certificate-serial.js';
import { CommandError, UsageError, type Arguments, type ExitCode, type Terminal } from './command.js';
import type { StoreAnswer } from './store-client.js';
import type { Store } from './store-client-address.js';
import { failure, problemCode, problemWords } from './store-client-answers.js';

/** It names files on this machine: what a store says must be an app id, and no path. */
const appId = z.string().refine(isAppId);

export const signingRequest = requests.signingRequestSchema.extend({ appId });
export const signingRequestSummary = requests.signingRequestSummarySchema.extend({ appId });
export const controlChallenge = requests.challengeSchema;
/** RFC 5280 §4.1.2.2: at most 20 octets. Of a list everything is kept until its end, so nothing in it may be of any length. */
const serial = z.string().regex(/^(?:[0-9A-F]{2}){1,21}$/);

export const ledgerEntry = certificates.certificateEntrySchema.extend({ appId, serial });
export const ledgerCertificate = certificates.ledgerCertificateSchema.extend({ appId, serial });
export const ledgerPage = z.object({ certificates: z.array(ledgerEntry), next: z.string().nullable() });
export const revocationEffect = certificates.revocationEffectSchema.extend({
  list: z.enum(['signed', 'pending']).optional(),
});
export const revokedByKey = z.object({ certificate: ledgerEntry });

export type SigningRequestAnswer = z.infer<typeof signingRequest>;

/** A certificate that the store handed over, read and found to hang together. */
export interface HandedOver {
  readonly leaf: Certificate;
  /** Leaf and chain as PEM, what `sign --cert` takes. */
  readonly bundle: string;
}

/**
 * Reads a certificate of the store's answer. What goes into a file is written by us, from what was read.
 *
 * @throws CommandError where it is none, or not for the app, or its chain isn't its own
 */
export function readHandedOver(
  answer: {
    readonly appId: string;
    readonly serial: string;
    readonly leaf: string;
    readonly chain: readonly string[];
  },
  store: Store,
): HandedOver {
  const { url } = store;
  const [leaf, ...chain] = [answer.leaf, ...answer.chain].map((pem) => parseOrExplain(pem, url));
  if (leaf === undefined) throw new CommandError('The store sent no certificate.');
  const isChain = chain.every((issuer, index) => isSignedBy(chain[index - 1] ?? leaf, issuer));
  if (leaf.commonNames.length !== 1 || leaf.commonNames[0] !== answer.appId || !isChain) {
    throw new CommandError(`The certificate that ${url.href} sent is not one for ${answer.appId}.`);
  }
  requireSame('certificate', answer.serial, leaf.serial, store);
  return { leaf, bundle: [leaf, ...chain].map(({ der }) => writePem(der, 'CERTIFICATE')).join('') };
}

function parseOrExplain(pem: string, url: URL): Certificate {
  try {
    return parseCertificate(pem);
  } catch (error) {
    if (error instanceof CertificateError) throw new CommandError(`${url.href} sent no certificate: ${error.message}`);
    throw error;
  }
}

/** What a command about certificates may be asked about: a signing request, or a certificate. */
export type CertificateSubject =
  | { readonly requestId: string }
  | {
      readonly serial: string;
      /** The certificate of the file that was named. */
      readonly certificate: Certificate | null;
    };

/**
 * The one thing that the command names: the id of a signing request, a serial, or the file of a certificate.
 *
 * @throws UsageError where it is none of these
 */
export async function readSubject({ positionals }: Arguments, terminal: Terminal): Promise<CertificateSubject> {
  const [subject, ...more] = positionals;
  if (subject === undefined || more.length > 0) {
    throw new UsageError('One thing is needed: the id of a signing request, a serial, or the file of a certificate.');
  }
  if (isRequestId(subject)) return { requestId: subject.toLowerCase() };
  const { serial, certificate } = await readSerialOrFile(subject, terminal);
  return { serial: normalizeSerial(serial) ?? serial, certificate };
}

/**
 * Sees to it that a store speaks of what was asked, and of nothing else.
 *
 * @throws CommandError where it doesn't
 */
export function requireSame(what: string, asked: string, answered: string | null, { url }: Store): void {
  if (answered === asked) return;
  throw new CommandError(
    `${url.href} answered with another ${what} (${answered ?? 'none'}) than was asked for (${asked}).`,
  );
}

/** A serial as the ledger spells it, from one as openssl prints it or the file of a certificate. */
export async function readSerial(subject: string, terminal: Terminal): Promise<string> {
  const { serial } = await readSerialOrFile(subject, terminal);
  return normalizeSerial(serial) ?? serial;
}

export function isRequestId(text: string): boolean {
  return z.uuid().safeParse(text).success;
}

/** The id of a signing request; as many more words may follow as `wordsAfter` says. @throws UsageError */
export function readRequestId({ positionals }: Arguments, wordsAfter = 0): string {
  const [id, ...more] = positionals;
  if (id === undefined || more.length > wordsAfter) throw new UsageError('Name one signing request, by its id.');
  if (!isRequestId(id)) throw new UsageError(`"${id}" is no id of a signing request.`);
  return id;
}

/**
 * What an applicant does next about a request, in a line; '' where there is nothing left to do.
 *
 * @param options what `certificate get` is to be given beside the id, with a space before it
 */
export function nextStep({ id, state }: Pick<SigningRequestAnswer, 'id' | 'state'>, options = ''): string {
  const get = `portcullis certificate get ${id}${options}\n`;
  if (state === 'pending') return `It waits for a moderator. Ask again with: ${get}`;
  if (state === 'questioned') return `A moderator asks. Answer with: portcullis certificate answer ${id} TEXT\n`;
  return state === 'approved' ? `Fetch the certificate with: ${get}` : '';
}

/** Problems that say of what was asked, and not of the asking, that it can't be. */
const REFUSED: ReadonlySet<string | null> = new Set([
  'CSR_INVALID',
  'KEY_REFUSED',
  'CMS_INVALID',
  'REQUEST_DECIDED',
  'REQUEST_OPEN',
  'TOO_MANY_OPEN',
  'TOO_MANY_ATTEMPTS',
  'APP_ID_RESERVED',
  'APP_ID_INVALID',
  'NOT_OWNER',
  'CHALLENGE_EXPIRED',
  'INVALID_REQUEST',
  'NOT_FOUND',
]);

/**
 * Ends a command that got a problem in the place of an answer: 1, and the store's words, where what was asked is refused.
 *
 * @throws CommandError where the asking went wrong: a token that isn't good, a store that fails
 */
export function refusedByStore(answer: StoreAnswer, store: Store, terminal: Terminal): ExitCode {
  if (!REFUSED.has(problemCode(answer))) throw failure(answer, store);
  terminal.err(`Refused: ${inOptions(problemWords(answer, store))}\n`);
  return 1;
}

/** How the command line calls what the API calls otherwise. */
const optionOfMember = {
  declaredUrl: '--website',
  compromisedSince: '--compromised-since',
  invalidityDate: '--since',
} as const;

function inOptions(words: string): string {
  return Object.entries(optionOfMember).reduce(
    (text, [member, option]) => text.replace(new RegExp(`"${member}"|\\b${member}\\b`, 'g'), option),
    words,
  );
}
