import { z } from 'zod';
import { reviewVerdicts } from '../../database/reviews.js';
import { addNote, askDeveloper, objectToProposal } from '../../moderation/ask-developer.js';
import { inspectAgain } from '../../moderation/inspect-again.js';
import { MAX_TEXT } from '../../moderation/texts.js';
import { confirmProposal, decideReview, type DecidedReview } from '../../moderation/verdicts.js';
import * as json from '../review-verdict-representations.js';
import { reportSchema } from '../report-representation.js';
import { defineRoute, type Route } from '../route.js';

const params = z.object({ id: z.uuid() });
const text = z.string().trim().min(1).max(MAX_TEXT);
const reason = text.meta({ description: 'Why.' });

const forModerators = {
  403: { description: 'Not a moderator, or it is their own case.' },
  404: { description: 'There is no such review.' },
  409: { description: 'It is closed, somebody else is at it, or it can’t be decided so.' },
};

const decisions = {
  200: { description: 'Decided.', schema: json.verdictSchema },
  202: { description: 'Proposed: a second moderator must agree.', schema: json.verdictSchema },
  403: {
    description: 'Not a moderator; or their own case: their upload, their app, the appeal of a verdict of theirs.',
  },
  404: forModerators[404],
  409: {
    description:
      'It is closed, somebody else is at it, it can’t be decided so, or the gate, looking again, refuses: `STILL_REFUSED` comes with the fresh report.',
    schema: z.looseObject({ report: reportSchema.optional() }),
  },
  429: { description: 'The caller has too many archives inspected at a time.' },
  503: { description: 'The archive, or what it is judged by, is not to be had now.' },
};

/** Deciding reviews, and what is said before that. */
export const reviewVerdictRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/reviews/{id}/verdict',
      operationId: 'decideReview',
      tag: 'Reviews',
      access: 'bearer',
      summary: 'Decide a review',
      description:
        'For moderators. Held: `accepted` or `refused`; an appeal: `granted` or `denied`; quarantine: `restored` or `withdrawn`; a report: `dismissed`, `quarantined` or `withdrawn`; a signing request: `approved` or `declined`. What is accepted or granted is inspected anew and published, with the named rules lifted for these very bytes; where a rule is lifted for an official app, the verdict is a proposal.',
      responses: decisions,
    },
    {
      params,
      body: z
        .strictObject({
          verdict: z.enum(reviewVerdicts),
          reasonCode: z
            .string()
            .max(64)
            .nullable()
            .default(null)
            .meta({ description: 'One of the canned reasons that fits the verdict.' }),
          reason: z
            .string()
            .trim()
            .max(MAX_TEXT)
            .default('')
            .meta({ description: 'Why; the developer reads it. May be left out where `reasonCode` says it.' }),
          codes: z.array(z.string().max(64)).max(50).optional().meta({
            description:
              'The finding codes that are lifted. Left out: those that stand in the way by the report on record, as far as they can be lifted.',
          }),
        })
        .refine((body) => body.reason !== '' || body.reasonCode !== null, {
          message: 'a reason is needed, canned or free',
          path: ['reason'],
        }),
    },
    async ({ gate, caller, params: { id }, body }) =>
      answerTo(await decideReview(gate, caller, { ...body, id, codes: body.codes ?? null })),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/reviews/{id}/confirmation',
      operationId: 'confirmProposal',
      tag: 'Reviews',
      access: 'bearer',
      summary: 'Agree with a verdict that another moderator proposed',
      description:
        'For a second moderator, who neither uploaded it nor owns the app. Everything is judged anew. A proposal counts for 7 days.',
      responses: decisions,
    },
    { params, body: z.strictObject({ reason }) },
    async ({ gate, caller, params: { id }, body }) => answerTo(await confirmProposal(gate, caller, { id, ...body })),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/reviews/{id}/objection',
      operationId: 'objectToProposal',
      tag: 'Reviews',
      access: 'bearer',
      summary: 'Object to a verdict that was proposed',
      description: 'For moderators; whoever proposed it may take it back so. The review waits as before.',
      responses: { 200: { description: 'The review.', schema: json.decidedReviewSchema }, ...forModerators },
    },
    { params, body: z.strictObject({ reason }) },
    async ({ gate, caller, params: { id }, body }) => ({
      status: 200,
      json: json.decidedReview(await objectToProposal(gate, caller, { id, ...body })),
    }),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/reviews/{id}/question',
      operationId: 'askDeveloper',
      tag: 'Reviews',
      access: 'bearer',
      summary: 'Ask the developer something',
      description: 'For moderators; about a submission or a signing request.',
      responses: { 200: { description: 'The review.', schema: json.decidedReviewSchema }, ...forModerators },
    },
    { params, body: z.strictObject({ text: text.meta({ description: 'The question; the developer reads it.' }) }) },
    async ({ gate, caller, params: { id }, body }) => ({
      status: 200,
      json: json.decidedReview(await askDeveloper(gate, caller, { id, ...body })),
    }),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/reviews/{id}/notes',
      operationId: 'addReviewNote',
      tag: 'Reviews',
      access: 'bearer',
      summary: 'Write down something for other moderators',
      description: 'For moderators, who alone read it.',
      responses: { 201: { description: 'The review.', schema: json.decidedReviewSchema }, ...forModerators },
    },
    { params, body: z.strictObject({ text }) },
    async ({ gate, caller, params: { id }, body }) => ({
      status: 201,
      json: json.decidedReview(await addNote(gate, caller, { id, ...body })),
    }),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/reviews/{id}/inspection',
      operationId: 'inspectAgain',
      tag: 'Reviews',
      access: 'bearer',
      summary: 'Run the gate again',
      description:
        'For moderators: after a revocation list or a rule changed. What it says is kept beside the first report, and decides nothing.',
      responses: {
        200: { description: 'What the gate says now.', schema: json.reinspectionSchema },
        ...forModerators,
        503: decisions[503],
      },
    },
    { params, body: z.strictObject({ reason }) },
    async ({ gate, caller, params: { id }, body }) => ({
      status: 200,
      json: json.reinspection(await inspectAgain(gate, caller, { id, ...body })),
    }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/reasons',
      operationId: 'listReasons',
      tag: 'Reviews',
      access: 'public',
      summary: 'The canned reasons of verdicts',
      responses: { 200: { description: 'In the order in which they are offered.', schema: json.reasonsSchema } },
    },
    {},
    async () => ({ status: 200, json: json.reasons() }),
  ),
];

function answerTo(decided: DecidedReview) {
  return { status: decided.review.state === 'closed' ? 200 : 202, json: json.verdict(decided) };
}
