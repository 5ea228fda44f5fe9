import { z } from 'zod';
import type { TokenRow } from '../database/tokens.js';
import { reportCategories, reviewEventKinds, reviewKinds, reviewStates, reviewVerdicts } from '../database/reviews.js';
import type { ReviewEventRow, ReviewRow } from '../database/reviews.js';
import type { QueueItem } from '../moderation/queue.js';
import type { ReviewDetail } from '../moderation/read-review.js';
import * as catalogue from './catalogue-representations.js';
import { reportSchema } from './report-representation.js';
import * as json from './representations.js';
import { signingRequest, signingRequestSchema } from './signing-request-representations.js';

/*
 * The JSON of reviews: as in representations.ts, what a program may rely on is what stands here. Moderators read it, and
 * nobody else.
 */

const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });

export const reviewKindSchema = z.enum(reviewKinds).meta({
  description:
    '`held`: a submission that waits. `appeal`: against a refusal. `signing-request`: for a certificate. `quarantine`: a release that nobody gets. `report`: of trouble, from the public.',
});

export const reviewStateSchema = z.enum(reviewStates).meta({
  description: '`waiting` for a moderator, `questioned`: for the developer, `proposed`: for a second moderator.',
});

const accountName = z.string().nullable();

const reviewFields = {
  id: z.uuid(),
  kind: reviewKindSchema,
  state: reviewStateSchema,
  appId: z.string(),
  version: z.string().nullable(),
  submissionId: z.uuid().nullable(),
  requestId: z.uuid().nullable(),
  category: z.enum(reportCategories).nullable().meta({ description: 'Of a report.' }),
  openedBy: accountName.meta({ description: 'Null: the public, or the gate itself.' }),
  openedAt: time,
  claim: z
    .object({ by: z.string(), until: time })
    .nullable()
    .meta({ description: 'The moderator who is at it, and until when that counts; null: nobody.' }),
  verdict: z.enum(reviewVerdicts).nullable(),
  closedAt: time.nullable(),
};

/** The members that every review has. */
function commonMembers(review: ReviewRow) {
  const { claimedBy, claimedUntil } = review;
  return {
    id: review.id,
    kind: review.kind,
    state: review.state,
    appId: review.appId,
    version: review.version,
    submissionId: review.submissionId,
    requestId: review.requestId,
    category: review.category,
    openedBy: review.openedBy,
    openedAt: review.openedAt.toISOString(),
    claim: claimedBy === null || claimedUntil === null ? null : { by: claimedBy, until: claimedUntil.toISOString() },
    verdict: review.verdict,
    closedAt: review.closedAt?.toISOString() ?? null,
  };
}

export const reviewSummarySchema = z
  .object({
    ...reviewFields,
    uploader: accountName.meta({ description: 'Whose upload or request it is about.' }),
    trustLevel: catalogue.trustLevelSchema,
    appSuspended: z.boolean(),
    codes: z
      .array(z.string())
      .meta({ description: 'What a submission is held for, or an appealed one was refused for.' }),
  })
  .meta({ id: 'ReviewSummary', description: 'Something that waits for a moderator, in the queue.' });

/** A review in the queue. */
export function reviewSummary(item: QueueItem) {
  const { uploader, trustLevel, isAppSuspended, codes } = item;
  return { ...commonMembers(item), uploader, trustLevel, appSuspended: isAppSuspended, codes: [...codes] };
}

const openCounts = z.object({ waiting: z.int(), questioned: z.int(), proposed: z.int() });

export const reviewCountsSchema = z
  .object({
    held: openCounts,
    appeal: openCounts,
    'signing-request': openCounts,
    quarantine: openCounts,
    report: openCounts,
  })
  .meta({ id: 'ReviewCounts', description: 'How many reviews are not decided, by kind and state.' });

export const claimedReviewSchema = z.object(reviewFields).meta({ id: 'Review', description: 'A review by itself.' });

/** A review by itself. */
export function claimedReview(review: ReviewRow) {
  return commonMembers(review);
}

export const reviewEventSchema = z
  .object({
    kind: z.enum(reviewEventKinds),
    account: accountName.meta({ description: 'Null: the public, or the gate itself.' }),
    internal: z.boolean().meta({ description: 'True for what moderators say among themselves.' }),
    text: z.string(),
    detail: z.record(z.string(), z.unknown()),
    happenedAt: time,
  })
  .meta({ id: 'ReviewEvent', description: 'Something that was said or done in a review. The record only grows.' });

/** An event of a review. */
export function reviewEvent({ kind, accountName: account, isInternal, text, detail, happenedAt }: ReviewEventRow) {
  return { kind, account, internal: isInternal, text, detail, happenedAt: happenedAt.toISOString() };
}

const uploaderSchema = z.object({
  account: z.string(),
  role: z.enum(['developer', 'moderator', 'administrator']),
  suspended: z.boolean(),
  token: z.object({
    id: z.uuid(),
    kind: z.enum(['bearer', 'session']).meta({ description: 'A program’s token, or the session of a browser.' }),
    label: z.string(),
    scopes: z.array(z.string()),
    appIds: z.array(z.string()).nullable(),
    createdAt: time,
    expiresAt: time.nullable(),
    revokedAt: time.nullable(),
  }),
});

function uploaderOf(token: TokenRow) {
  return {
    account: token.accountName,
    role: token.accountRole,
    suspended: token.accountSuspension !== null,
    token: {
      id: token.id,
      kind: token.kind,
      label: token.label,
      scopes: [...token.scopes],
      appIds: token.appIds && [...token.appIds],
      createdAt: token.createdAt.toISOString(),
      expiresAt: token.expiresAt?.toISOString() ?? null,
      revokedAt: token.revokedAt?.toISOString() ?? null,
    },
  };
}

export const reviewDetailSchema = z
  .object({
    ...reviewFields,
    contact: z.string().nullable().meta({ description: 'How to reach whoever reported it.' }),
    proposal: z
      .object({
        verdict: z.enum(reviewVerdicts),
        reasonCode: z.string().nullable(),
        reason: z.string(),
        codes: z.array(z.string()).meta({ description: 'The codes it would lift.' }),
        by: z.string(),
      })
      .nullable()
      .meta({ description: 'A verdict that waits for a second moderator.' }),
    reasonCode: z.string().nullable(),
    reason: z.string().nullable(),
    decidedBy: accountName,
    events: z.array(reviewEventSchema),
    submission: json.submissionSchema
      .nullable()
      .meta({ description: 'What it is about, or what the release it is about came of.' }),
    reinspections: z
      .array(
        z.object({
          id: z.uuid(),
          outcome: z.enum(['accepted', 'held', 'refused']),
          account: z.string(),
          inspectedAt: time,
          report: reportSchema,
        }),
      )
      .meta({ description: 'Second looks of the gate at the submission, the newest first.' }),
    uploader: uploaderSchema.nullable().meta({ description: 'Whoever uploaded it or asks for it, and how.' }),
    app: catalogue.appSchema,
    owners: z.array(z.string()),
    timeline: z.array(json.appEventSchema).meta({ description: 'What happened to the app, the newest first.' }),
    release: catalogue.releaseSchema.nullable().meta({ description: 'The release it is about, or that came of it.' }),
    releases: z
      .array(catalogue.releaseSummarySchema)
      .meta({ description: 'Of the app, the one published last first.' }),
    related: z
      .array(json.submissionSummarySchema)
      .meta({ description: 'Other submissions of the same version or the same bytes.' }),
    signingRequest: signingRequestSchema.nullable(),
  })
  .meta({ id: 'ReviewDetail', description: 'A review with everything that belongs to it but the difference.' });

/** A review with everything that belongs to it. */
export function reviewDetail(detail: ReviewDetail, at: Date) {
  const { review, submission, standing, release } = detail;
  const { proposal, proposedBy } = review;
  return {
    ...commonMembers(review),
    contact: review.contact,
    proposal: proposal && { ...proposal, codes: [...proposal.codes], by: proposedBy ?? '' },
    reasonCode: review.reasonCode,
    reason: review.reason,
    decidedBy: review.decidedBy,
    events: detail.events.map(reviewEvent),
    submission: submission && standing && json.submission(submission, release, standing),
    reinspections: detail.reinspections.map(({ id, outcome, accountName: account, inspectedAt, report }) => ({
      id,
      outcome,
      account,
      inspectedAt: inspectedAt.toISOString(),
      report,
    })),
    uploader: detail.uploader && uploaderOf(detail.uploader),
    app: catalogue.app(detail.app),
    owners: detail.owners.map(({ name }) => name),
    timeline: detail.timeline.map(json.appEvent),
    release: release && catalogue.release(release),
    releases: detail.releases.map(catalogue.releaseSummary),
    related: detail.related.map(json.submissionSummary),
    signingRequest: detail.signingRequest && signingRequest(detail.signingRequest, at),
  };
}
