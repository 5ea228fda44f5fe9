import { generateKeyPairSync } from 'node:crypto';
import type { Gate } from '../../src/gate.js';
import { writeExplicit, writeInteger, writeOid, writeSequence, writeSet, writeUtf8 } from '../../src/pki/der-writer.js';
import type { KeyPair } from '../../src/pki/keys.js';
import { writePem } from '../../src/pki/pem.js';
import { signDocument } from '../../src/pki/sign-document.js';
import { keySigner, type Signer } from '../../src/pki/signer.js';
import { sendJson, type ApiAnswer } from './api.js';
import type { TestGate } from './test-gate.js';

/** A new key pair of the kind that costs least. */
export function newKeys(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-384' });
}

/** Everything about a signing request that a test may want to be otherwise. */
export interface CsrOptions {
  readonly keys?: KeyPair;
  /** Every CN of the subject, in any characters. */
  readonly commonNames?: readonly string[];
  readonly signer?: Signer;
}

/** A PKCS #10 request in PEM for an app, over a key of its own unless told. */
export async function csrFor(appId: string, options: CsrOptions = {}): Promise<string> {
  const { keys = newKeys(), commonNames = [appId] } = options;
  const name = writeSequence(...commonNames.map((cn) => writeSet(writeSequence(writeOid('2.5.4.3'), writeUtf8(cn)))));
  const signer = options.signer ?? keySigner(keys.privateKey);
  const publicKey = signer.publicKey.export({ type: 'spki', format: 'der' });
  const body = writeSequence(writeInteger(0), name, publicKey, writeExplicit(0));
  return writePem(await signDocument(body, signer), 'CERTIFICATE REQUEST');
}

/** Asks for a certificate. */
export async function ask(
  { url }: TestGate,
  token: string,
  appId: string,
  wish: Readonly<Record<string, unknown>>,
): Promise<ApiAnswer> {
  return sendJson(`${url}/api/v1/apps/${appId}/signing-requests`, 'POST', token, wish);
}

/** Sends something about a request: `approval`, `challenge/check`. */
export async function act(
  { url }: TestGate,
  token: string,
  id: string,
  what: string,
  body: unknown = {},
): Promise<ApiAnswer> {
  return sendJson(`${url}/api/v1/signing-requests/${id}/${what}`, 'POST', token, body);
}

/** An issuing key that does something first, whenever it signs; nothing comes of what it does meanwhile if that throws. */
export function hookedKey(gate: Gate, beforeSigning: () => Promise<void>): Gate['issuingKey'] {
  return {
    ...gate.issuingKey,
    signer: async (...given: Parameters<Gate['issuingKey']['signer']>) => {
      const real = await gate.issuingKey.signer(...given);
      return real && { ...real, sign: async (hash, message) => beforeSigning().then(() => real.sign(hash, message)) };
    },
  };
}
