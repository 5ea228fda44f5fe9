import { z } from 'zod';
import { reviewVerdicts, type ReviewRow } from '../database/reviews.js';
import { cannedReasons } from '../moderation/canned-reasons.js';
import type { Reinspected } from '../moderation/inspect-again.js';
import type { DecidedReview } from '../moderation/verdicts.js';
import { claimedReview, claimedReviewSchema } from './review-representations.js';
import { reportSchema } from './report-representation.js';
import { releaseStatusSchema, releaseUrl } from './catalogue-representations.js';

/* The JSON of verdicts: see `representations.ts`. */

const receipt = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: 'The hash of its entry in the audit log.' });

export const decidedReviewSchema = claimedReviewSchema
  .extend({
    reasonCode: z.string().nullable(),
    reason: z.string().nullable(),
    decidedBy: z.string().nullable(),
    proposal: z
      .object({
        verdict: z.enum(reviewVerdicts),
        reasonCode: z.string().nullable(),
        reason: z.string(),
        codes: z.array(z.string()).meta({ description: 'What it would lift.' }),
        by: z.string().nullable(),
        proposedAt: z.iso.datetime(),
      })
      .nullable()
      .meta({ description: 'A verdict that waits for a second moderator.' }),
  })
  .meta({ id: 'DecidedReview', description: 'A review, and the verdict on it.' });

/** A review, for moderators, and the verdict on it. */
export function decidedReview(row: ReviewRow) {
  const { reasonCode, reason, decidedBy, proposal, proposedBy } = row;
  return {
    ...claimedReview(row),
    reasonCode,
    reason,
    decidedBy,
    proposal: proposal && { ...proposal, by: proposedBy },
  };
}

export const verdictSchema = z
  .object({
    review: decidedReviewSchema,
    receipt,
    release: z
      .object({ url: z.string(), status: releaseStatusSchema })
      .nullable()
      .meta({ description: 'The release that it published, or whose status it changed.' }),
  })
  .meta({ id: 'Verdict' });

/** A verdict, for whoever came to it. */
export function verdict({ review, receipt: hash, release }: DecidedReview) {
  return {
    review: decidedReview(review),
    receipt: hash,
    release: release && { url: releaseUrl(release), status: release.status },
  };
}

const codes = z.array(z.string());

export const reinspectionSchema = z
  .object({
    report: reportSchema,
    gone: codes.meta({ description: 'What stood in the way and does no more.' }),
    come: codes.meta({ description: 'What stands in the way now and did not.' }),
    receipt,
  })
  .meta({ id: 'Reinspection', description: 'What the gate says of a submission now.' });

/** What the gate said when it looked again. */
export function reinspection({ report, gone, come, receipt: hash }: Reinspected) {
  return { report, gone, come, receipt: hash };
}

export const reasonsSchema = z.object({
  reasons: z.array(z.object({ code: z.string(), verdicts: z.array(z.enum(reviewVerdicts)), text: z.string() })),
});

/** The canned reasons. */
export function reasons() {
  return { reasons: cannedReasons };
}
