import { codeOfError } from '../error-words.js';
import { FetchError } from './fetch-error.js';

/** What Node.js and OpenSSL call the ways in which a certificate can fail, in our words. */
const certificateFailures: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by itself and not by an authority that we trust',
  SELF_SIGNED_CERT_IN_CHAIN: 'comes from an authority that we do not trust',
  UNABLE_TO_GET_ISSUER_CERT: 'comes from an authority that we do not trust',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'comes from an authority that we do not trust',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'comes without the chain that leads to an authority that we trust',
  CERT_REVOKED: 'is revoked',
};

/** Further failures of a certificate's chain; the words for them are of no use to whoever reads ours. */
const chainFailures = new Set([
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
]);

/**
 * What a connection failed of, as an error that may be shown. What the error itself says is kept as the cause only: it
 * quotes addresses, and names out of the other side's certificate.
 */
export function explainFailure(error: unknown, host: string): FetchError {
  if (error instanceof FetchError) return error;
  const code = codeOfError(error);
  const failure = Object.hasOwn(certificateFailures, code) ? certificateFailures[code] : undefined;
  if (failure !== undefined) return new FetchError('tls', `The certificate of ${host} ${failure}.`, error);
  if (chainFailures.has(code)) return new FetchError('tls', `The certificate of ${host} does not hold.`, error);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    return new FetchError('tls', `No secure connection to ${host} came about.`, error);
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new FetchError('too-large', `The headers that ${host} sends are too large.`, error);
  }
  if (code.startsWith('HPE_')) return new FetchError('connection', `What ${host} sends is not HTTP.`, error);
  return new FetchError('connection', `The connection to ${host} failed.`, error);
}
