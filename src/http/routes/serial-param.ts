import { z } from 'zod';
import { normalizeFingerprint, normalizeSerial } from '../../authority/read-ledger.js';

/** A serial number as people copy it. */
export const serialParam = normalized(normalizeSerial, 'is no serial number: hex, with or without colons').meta({
  description: 'As openssl prints it: hex in upper or lower case, with or without colons.',
});

/** The SHA-256 fingerprint of a certificate as people copy it. */
export const fingerprintParam = normalized(normalizeFingerprint, 'is no SHA-256 fingerprint').meta({
  description: 'SHA-256 of the certificate that is meant, in hex, with or without colons; compared where it is given.',
});

function normalized(normalize: (text: string) => string | null, fault: string) {
  return z.string().transform((text, context) => {
    const value = normalize(text);
    if (value !== null) return value;
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  });
}
