import { createHash } from 'node:crypto';
import { z } from 'zod';
import { listProofUrls } from '../authority/declared-url.js';
import type { ApprovedRequest } from '../authority/decide-signing-request.js';
import { isAllLost } from '../authority/lost-certificates.js';
import type { SigningRequestFile } from '../authority/read-signing-requests.js';
import type { ControlChallengeRow } from '../database/control-challenges.js';
import { signingRequestEventKinds } from '../database/signing-request-events.js';
import { signingRequestPurposes, signingRequestStates, type SigningRequestRow } from '../database/signing-requests.js';
import { issuedCertificate, issuedCertificateSchema } from './certificate-representations.js';

/*
 * The JSON of signing requests: as in representations.ts, what a program may rely on is what stands here. They are read by
 * whoever made them, the owners of the app and moderators.
 */

const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const purposeSchema = z.enum(signingRequestPurposes).meta({
  description:
    '`new`: the first certificate of the app. `renewal`: the next one. `lost`: one in the place of others, which are revoked when it is issued. `additional`: one beside others, for a build machine say.',
});

export const stateSchema = z.enum(signingRequestStates).meta({
  description: '`pending` waits for a moderator, `questioned` for an answer of the applicant; the others are final.',
});

export const declaredUrlSchema = z
  .string()
  .max(2_000)
  .meta({ description: 'https URL of the source repository or the website of the app.' });

const summaryFields = {
  id: z.uuid(),
  appId: z.string(),
  state: stateSchema,
  purpose: purposeSchema,
  key: z.object({
    kind: z.string().meta({ description: 'For people: `RSA 3072`, `EC P-384`.' }),
    fingerprint: sha256.meta({ description: 'SHA-256 of the SubjectPublicKeyInfo.' }),
  }),
  requestedBy: z.string().meta({ description: 'The account that asks.' }),
  requestedAt: time,
  serial: z.string().nullable().meta({ description: 'Of the certificate that came of it.' }),
};

export const signingRequestSummarySchema = z.object(summaryFields).meta({
  id: 'SigningRequestSummary',
  description: 'A request for a certificate in a list.',
});

/** A signing request in a list. */
export function signingRequestSummary(row: SigningRequestRow) {
  return {
    id: row.id,
    appId: row.appId,
    state: row.state,
    purpose: row.purpose,
    key: { kind: row.keyKind, fingerprint: row.publicKey },
    requestedBy: row.accountName,
    requestedAt: row.requestedAt.toISOString(),
    serial: row.serial,
  };
}

const challengeFields = {
  declaredUrl: z.string(),
  urls: z.array(z.string()).meta({ description: 'Where the value is looked for; one of them is enough.' }),
  value: z.string().nullable().meta({
    description: 'For whoever asked for it, and moderators; null for others.',
  }),
  createdAt: time,
  expiresAt: time,
  checkedAt: time.nullable(),
  outcome: z.enum(['proven', 'not-proven']).nullable().meta({ description: 'Null where it was not looked for yet.' }),
  detail: z.string().meta({ description: 'What was found, or why it was not, for people.' }),
  provenUrl: z.string().nullable(),
};

export const challengeSchema = z
  .object({
    ...challengeFields,
    text: z.string().nullable().meta({
      description: 'Exactly what the file must hold, as text; white space around it does not matter.',
    }),
  })
  .meta({
    id: 'ControlChallenge',
    description: 'A one-time value that proves control of a repository or website where it is published there.',
  });

/** A challenge, for whoever may see its value. */
export function challenge(row: Omit<ControlChallengeRow, 'value'> & { readonly value: string | null }) {
  return {
    declaredUrl: row.declaredUrl,
    urls: listProofUrls(row.declaredUrl),
    value: row.value,
    text: row.value,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    checkedAt: row.checkedAt?.toISOString() ?? null,
    outcome: row.outcome,
    detail: row.detail,
    provenUrl: row.provenUrl,
  };
}

const isPublished = z.boolean().meta({
  description: 'Whether it is the repository or website that the published releases of the app declare.',
});

export const signingRequestSchema = z
  .object({
    ...summaryFields,
    csrFingerprint: sha256.meta({ description: 'SHA-256 of the DER of the signing request.' }),
    token: z
      .object({ label: z.string(), scopes: z.array(z.string()), revoked: z.boolean() })
      .nullable()
      .meta({
        description:
          'What it was asked for with, for whoever asked and moderators; null for others, and where it was no token. With one that is revoked it is not granted any more.',
      }),
    lost: z.array(z.string()).meta({
      description: 'Serials of the certificates that are revoked when it is granted, where it names them.',
    }),
    lostAll: z.boolean().meta({
      description: 'True where all certificates of the app are revoked that count at the moment when it is granted.',
    }),
    compromisedSince: time.nullable(),
    declaredUrl: z.string().nullable(),
    declaredUrlIsPublished: isPublished.nullable(),
    contact: z.string().nullable(),
    note: z.string(),
    events: z.array(
      z.object({
        kind: z.enum(signingRequestEventKinds),
        account: z.string().meta({ description: 'Who did it.' }),
        text: z.string(),
        happenedAt: time,
      }),
    ),
    challenges: z
      .array(z.object({ ...challengeSchema.shape, declaredUrlIsPublished: isPublished }))
      .meta({ description: 'The newest last; only that one can still be proven.' }),
    certificate: issuedCertificateSchema.nullable().meta({ description: 'Null where none came of it.' }),
    signCommand: z
      .string()
      .nullable()
      .meta({ description: 'How to sign with it, once leaf and chain are in the file that it names.' }),
  })
  .meta({ id: 'SigningRequest', description: 'A request for a certificate, and what became of it.' });

/** A signing request with all that belongs to it. */
export function signingRequest(
  { request, token, isUrlPublished, events, challenges, issued }: SigningRequestFile,
  at: Date,
) {
  return {
    ...signingRequestSummary(request),
    csrFingerprint: createHash('sha256').update(request.csr).digest('hex'),
    token: token && { label: token.label, scopes: [...token.scopes], revoked: token.revokedAt !== null },
    lost: [...request.replaces],
    lostAll: isAllLost(request),
    compromisedSince: request.compromisedSince?.toISOString() ?? null,
    declaredUrl: request.declaredUrl,
    declaredUrlIsPublished: isUrlPublished,
    contact: request.contact,
    note: request.note,
    events: events.map(({ kind, accountName, text, happenedAt }) => ({
      kind,
      account: accountName,
      text,
      happenedAt: happenedAt.toISOString(),
    })),
    challenges: challenges.map((each) => ({ ...challenge(each), declaredUrlIsPublished: each.isUrlPublished })),
    certificate: issued && issuedCertificate(issued, at),
    signCommand: issued && signCommand(request.appId),
  };
}

export const approvalSchema = z
  .object({
    certificate: issuedCertificateSchema,
    signCommand: z.string().meta({ description: 'How to sign with it.' }),
    request: signingRequestSummarySchema,
  })
  .meta({ id: 'Approval', description: 'The certificate that came of a signing request.' });

/** What a moderator gets for granting a request. */
export function approval({ request, issued }: ApprovedRequest, at: Date) {
  return {
    certificate: issuedCertificate(issued, at),
    signCommand: signCommand(request.appId),
    request: signingRequestSummary(request),
  };
}

/** The command that signs the app in the folder of its name; an app id has nothing in it that a shell would read. */
function signCommand(appId: string): string {
  return `portcullis sign --path ${appId} --key ${appId}.key --cert ${appId}.crt`;
}
