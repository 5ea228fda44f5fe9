import { z } from 'zod';
import { appEventKinds, type AppEventRow } from '../database/apps.js';
import type { ReleaseRow } from '../database/releases.js';
import { reviewKinds, reviewVerdicts } from '../database/reviews.js';
import type { SubmissionRow, SubmissionSummary } from '../database/submissions.js';
import type { TokenRow } from '../database/tokens.js';
import { submissionStates, type SubmissionBrief, type SubmissionState } from '../moderation/submission-state.js';
import type { Report } from '../report/report.js';
import { releaseStatusSchema, releaseUrl } from './catalogue-representations.js';
import { outcomeSchema as outcome, reportSchema } from './report-representation.js';

/*
 * The JSON of the API: the schema of each thing, for the OpenAPI document, and beside it the function that makes it
 * from what the database has. What a program may rely on is exactly what stands here.
 */

const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const submissionFields = {
  id: z.uuid(),
  appId: z.string(),
  version: z.string().nullable(),
  outcome,
  archive: z.object({ sha256, bytes: z.int() }),
  submittedAt: time,
};

const standingFields = {
  state: z.enum(submissionStates).meta({
    description:
      'How it stands now, whatever the gate first made of it. `questioned`: a moderator waits for the developer’s answer; `appealed`: a moderator looks at the refusal.',
  }),
  review: z
    .object({
      id: z.uuid(),
      kind: z.enum(reviewKinds),
      state: z.enum(['waiting', 'questioned', 'closed']),
      verdict: z.enum(reviewVerdicts).nullable(),
      reasonCode: z.string().nullable().meta({ description: 'One of the canned reasons, for programs.' }),
      reason: z.string().nullable(),
      decidedAt: time.nullable(),
    })
    .nullable()
    .meta({ description: 'The last review of it by moderators; null where there was none.' }),
};

export const submissionSummarySchema = z
  .object({ ...submissionFields, ...standingFields })
  .meta({ id: 'SubmissionSummary' });

/** A submission in a list. */
export function submissionSummary(row: SubmissionSummary & SubmissionBrief) {
  return { ...uploadedAs(row), ...standing(row) };
}

function standing({ state, review }: SubmissionBrief) {
  return { state, review: review && { ...review, decidedAt: review.decidedAt?.toISOString() ?? null } };
}

function uploadedAs(row: SubmissionSummary) {
  return {
    id: row.id,
    appId: row.appId,
    version: row.version,
    outcome: row.outcome,
    archive: { sha256: row.archiveSha256, bytes: row.archiveBytes },
    submittedAt: row.submittedAt.toISOString(),
  };
}

export const submissionSchema = z
  .object({
    ...submissionFields,
    release: z
      .object({ url: z.string(), status: releaseStatusSchema })
      .nullable()
      .meta({ description: 'The release that came of it; null where there is none (yet).' }),
    report: reportSchema,
    ...standingFields,
    thread: z
      .array(
        z.object({
          kind: z.enum(['appeal', 'question', 'answer', 'verdict']),
          from: z.enum(['developer', 'store']),
          text: z.string(),
          happenedAt: time,
        }),
      )
      .meta({ description: 'What the developer and the store said to each other about it, in its order.' }),
    canAppeal: z.boolean().meta({ description: 'Whether its refusal can be appealed, by its uploader or an owner.' }),
    receipt: sha256
      .nullable()
      .meta({ description: 'The hash of the verdict’s entry in the audit log, which nobody can change.' }),
  })
  .meta({ id: 'Submission', description: 'One upload and its verdict.' });

/** A submission with its report. */
export function submission(row: SubmissionRow, release: ReleaseRow | null, state: SubmissionState) {
  return {
    ...uploadedAs(row),
    release: release && { url: releaseUrl(release), status: release.status },
    report: row.report,
    ...standing(state),
    thread: state.thread.map((event) => ({ ...event, happenedAt: event.happenedAt.toISOString() })),
    canAppeal: state.canAppeal,
    receipt: state.receipt,
  };
}

export const validationSchema = z
  .object({ appId: z.string(), version: z.string().nullable(), outcome, report: reportSchema })
  .meta({ id: 'Validation', description: 'What the gate would say of an upload now.' });

/** What the gate would say. */
export function validation(appId: string, report: Report) {
  return { appId, version: report.app?.version ?? null, outcome: report.outcome, report };
}

export const appEventSchema = z
  .object({
    id: z.string(),
    kind: z.enum(appEventKinds),
    account: z.string().meta({ description: 'Who did it; "a moderator" to those who are none.' }),
    detail: z
      .record(z.string(), z.string())
      .meta({ description: 'What exactly; which members there are goes by the kind.' }),
    reason: z.string(),
    happenedAt: time,
  })
  .meta({ id: 'AppEvent', description: 'Something that happened to an app. The record only grows.' });

/** An event of an app's record. */
export function appEvent(row: AppEventRow) {
  return {
    id: row.id,
    kind: row.kind,
    account: row.accountName,
    detail: row.detail,
    reason: row.reason,
    happenedAt: row.happenedAt.toISOString(),
  };
}

export const tokenSchema = z
  .object({
    id: z.uuid(),
    account: z.string(),
    label: z.string(),
    scopes: z.array(z.string()),
    appIds: z.array(z.string()).nullable(),
    createdAt: time,
    expiresAt: time.nullable(),
    revokedAt: time.nullable(),
    lastUsedAt: time.nullable(),
  })
  .meta({ id: 'Token', description: 'A token; its secret was shown once, when it was made.' });

/** A token, without its secret, which nobody has. */
export function token(row: TokenRow) {
  return {
    id: row.id,
    account: row.accountName,
    label: row.label,
    scopes: row.scopes,
    appIds: row.appIds,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}

export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'For programs; stays the same when the words change.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. Members beyond these depend on the code.' });
