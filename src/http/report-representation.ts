import { z } from 'zod';
import { catalogue, type FindingCode } from '../report/catalogue.js';

/*
 * The JSON of a report, which is what the gate itself writes down of an upload: the API shows it as it is.
 */

const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What becomes of an upload. */
export const outcomeSchema = z.enum(['accepted', 'held', 'refused']);

export const findingSchema = z
  .object({
    code: z.enum(Object.keys(catalogue) as [FindingCode, ...FindingCode[]]),
    severity: z.enum(['error', 'hold', 'warning', 'notice']),
    message: z.string(),
    path: z.string().optional(),
    expected: z.string().optional(),
    actual: z.string().optional(),
    fix: z.string().optional(),
    cause: z.string().optional(),
  })
  .meta({ id: 'Finding', description: 'One thing that is wrong with, or worth saying about, an upload.' });

export const signatureSchema = z
  .object({
    status: z.enum(['absent', 'invalid', 'valid']),
    format: z.union([z.literal(1), z.literal(2)]).nullable(),
    algorithm: z.enum(['rsa-pss-sha1', 'rsa-pss-sha384', 'ecdsa-p384-sha384']).nullable(),
    signer: z
      .object({
        commonName: z.string(),
        serial: z.string(),
        fingerprint: sha256,
        publicKeyFingerprint: sha256,
        issuer: z.string(),
        notBefore: time,
        notAfter: time,
      })
      .nullable(),
  })
  .meta({ id: 'Signature' });

export const reportSchema = z
  .object({
    schema: z.literal(1),
    app: z.object({ id: z.string(), version: z.string(), name: z.string() }).nullable(),
    archive: z
      .object({
        sha256,
        bytes: z.int(),
        entries: z.int(),
        files: z.int(),
        inflatedBytes: z.int(),
      })
      .nullable(),
    signature: signatureSchema,
    findings: z.array(findingSchema),
    omittedFindings: z
      .record(z.string(), z.int())
      .meta({ description: 'At most 100 findings of one code are listed; how many more there were of each.' }),
    outcome: outcomeSchema,
    inspectedAt: time,
    gate: z.object({ version: z.string(), trust: z.string() }),
  })
  .meta({ id: 'Report', description: 'Everything the gate found out about an upload and made of it.' });
