import { z } from 'zod';
import { reviewKinds, reviewStates } from '../../database/reviews.js';
import { claimReview, letGoOfReview } from '../../moderation/claims.js';
import { readDifference } from '../../moderation/difference.js';
import { countQueue, readQueue } from '../../moderation/queue.js';
import { readReview } from '../../moderation/read-review.js';
import { readStoredFile, type StoredFile } from '../../moderation/stored-archive.js';
import { RequestError } from '../../request-error.js';
import { difference, differenceSchema } from '../difference-representation.js';
import * as json from '../review-representations.js';
import { defineRoute, type Answer, type Route } from '../route.js';
import { readCursor, writeCursor } from '../time-cursor.js';

const params = z.object({ id: z.uuid() });
const forbidden = { description: 'Not a moderator.' };
const unknown = { description: 'There is no such review.' };
const claimed = { description: 'It is closed, or another moderator is at it.' };

/** Several words with commas between them, each one of `words`. */
function wordsOf<const Word extends string>(words: readonly [Word, ...Word[]], what: string) {
  return z
    .string()
    .max(200)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(words)))
    .optional()
    .meta({ description: `${what}: some of ${words.join(', ')}, with commas between them.` });
}

const side = z
  .enum(['after', 'before'])
  .default('after')
  .meta({ description: '`after`: what the review is about. `before`: the release it is compared with.' });

/** The queue of the moderators, and what they look at. */
export const reviewRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/reviews',
      operationId: 'listReviews',
      tag: 'Reviews',
      access: 'bearer',
      summary: 'What waits for a moderator, the oldest first',
      responses: {
        200: {
          description: 'A page of the queue.',
          schema: z.object({ reviews: z.array(json.reviewSummarySchema), next: z.string().nullable() }),
        },
        403: forbidden,
      },
    },
    {
      query: z.object({
        kind: wordsOf(reviewKinds, 'Every kind where it is not given'),
        state: wordsOf(reviewStates, 'All but closed where it is not given'),
        app: z.string().max(64).optional().meta({ description: 'The id of an app.' }),
        q: z.string().trim().max(200).optional().meta({
          description: 'A part of the app id, the version, the uploader’s name, the category, or an id.',
        }),
        claimed: z
          .enum(['mine', 'free'])
          .optional()
          .meta({ description: '`mine`: those that you are at. `free`: those that nobody is at.' }),
        limit: z.coerce.number().int().min(1).max(100).default(50),
        after: z.string().max(200).optional().meta({ description: 'The `next` of the page before.' }),
      }),
    },
    async ({ gate, caller, query }) => {
      const cursor = query.after === undefined ? null : readCursor(query.after);
      const { reviews, next } = await readQueue(gate, caller, {
        kinds: query.kind ?? [],
        states: query.state ?? [],
        appId: query.app ?? null,
        q: query.q ?? null,
        claimed: query.claimed ?? null,
        after: cursor && { openedAt: cursor.at, id: cursor.id },
        limit: query.limit,
      });
      return {
        status: 200,
        json: {
          reviews: reviews.map(json.reviewSummary),
          next: next && writeCursor({ at: next.openedAt, id: next.id }),
        },
      };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/reviews/counts',
      operationId: 'countReviews',
      tag: 'Reviews',
      access: 'bearer',
      summary: 'How many reviews wait, by kind and state',
      responses: { 200: { description: 'For moderators.', schema: json.reviewCountsSchema }, 403: forbidden },
    },
    {},
    async ({ gate, caller }) => ({ status: 200, json: await countQueue(gate, caller) }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/reviews/{id}',
      operationId: 'readReview',
      tag: 'Reviews',
      access: 'bearer',
      summary: 'One review with everything that belongs to it',
      responses: {
        200: { description: 'For moderators.', schema: json.reviewDetailSchema },
        403: forbidden,
        404: unknown,
      },
    },
    { params },
    async ({ gate, caller, params: { id } }) => ({
      status: 200,
      json: json.reviewDetail(await readReview(gate, caller, id), gate.now()),
    }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/reviews/{id}/difference',
      operationId: 'readReviewDifference',
      tag: 'Reviews',
      access: 'bearer',
      summary: 'What it changes against the last published release',
      description:
        'Of a submission that waits or is appealed, against the release published last as things stand (of a closed review, as they stood then); of a release, against the one published before it. Files are compared by their SHA-512; how texts differ is told for as many of them as fit into the bounds of a page.',
      responses: {
        200: { description: 'For moderators.', schema: differenceSchema },
        403: forbidden,
        404: { description: 'There is no such review, or it is about no archive.' },
        429: { description: 'The caller looks into too many archives at a time.' },
        503: { description: 'The storage doesn’t have what was uploaded.' },
      },
    },
    {
      params,
      query: z.object({
        after: z.string().max(4_096).optional().meta({ description: 'The `next` of the page before.' }),
        limit: z.coerce.number().int().min(1).max(1_000).default(500),
        path: z.string().max(4_096).optional().meta({ description: 'This file only, with more of its text.' }),
      }),
    },
    async ({ gate, caller, params: { id }, query: { after, limit, path } }) => {
      const found = await readDifference(gate, caller, id, { after: after ?? null, limit, path: path ?? null });
      return { status: 200, headers: { 'cache-control': 'no-store' }, json: difference(found) };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/reviews/{id}/files/{path}',
      takesRest: true,
      operationId: 'readReviewFile',
      tag: 'Reviews',
      access: 'bearer',
      summary: 'One file of the archive, to be looked at',
      description:
        'Always plain text: of a text up to 1 MiB, of anything else a hex view of its first 4 KiB. What could mislead (control characters, bidirectional ones) is written as `\\u{hex}`.',
      responses: {
        200: { description: 'For moderators.', contentType: 'text/plain' },
        403: forbidden,
        404: { description: 'There is no such review, or no such file in it.' },
        429: { description: 'The caller looks into too many archives at a time.' },
        503: { description: 'The storage doesn’t have what was uploaded.' },
      },
    },
    {
      params: z.object({
        id: z.uuid(),
        path: z.string().meta({ description: 'As it stands in the difference, percent-encoded.' }),
      }),
      query: z.object({ side }),
    },
    async ({ gate, caller, params: { id, path }, query }) =>
      plainText(await readStoredFile(gate, caller, { reviewId: id, path: decoded(path), side: query.side })),
  ),
  defineRoute(
    {
      method: 'put',
      path: '/api/v1/reviews/{id}/claim',
      operationId: 'claimReview',
      tag: 'Reviews',
      access: 'bearer',
      summary: 'Say that you are at it, for half an hour',
      description: 'Again for half an hour more. Whatever you do in a review prolongs it, too.',
      responses: {
        200: { description: 'It is yours.', schema: json.claimedReviewSchema },
        403: forbidden,
        404: unknown,
        409: claimed,
      },
    },
    {
      params,
      body: z
        .strictObject({
          takeOver: z
            .boolean()
            .default(false)
            .meta({ description: 'Takes it from another moderator; for administrators.' }),
        })
        .optional(),
    },
    async ({ gate, caller, params: { id }, body }) => ({
      status: 200,
      json: json.claimedReview(await claimReview(gate, caller, id, { takeOver: body?.takeOver ?? false })),
    }),
  ),
  defineRoute(
    {
      method: 'delete',
      path: '/api/v1/reviews/{id}/claim',
      operationId: 'letGoOfReview',
      tag: 'Reviews',
      access: 'bearer',
      summary: 'Let go of a review',
      responses: {
        200: { description: 'Nobody is at it.', schema: json.claimedReviewSchema },
        403: forbidden,
        404: unknown,
        409: claimed,
      },
    },
    { params },
    async ({ gate, caller, params: { id } }) => ({
      status: 200,
      json: json.claimedReview(await letGoOfReview(gate, caller, id)),
    }),
  ),
];

/** @throws RequestError `NOT_FOUND` for what is not percent-encoded UTF-8 */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new RequestError('NOT_FOUND', 'There is no such file in this archive.');
  }
}

/** Something out of a stranger's archive: never a page, a picture or a script, whatever it is called. */
function plainText({ path, bytes, text, hex, omittedBytes }: StoredFile): Answer {
  const shown = text ?? hex ?? '';
  const rest = omittedBytes === 0 ? '' : `\n… ${omittedBytes} of ${bytes} bytes are not shown.\n`;
  const name = path
    .replace(/^.*\//s, '')
    .replace(/[^0-9A-Za-z._-]/g, '_')
    .slice(0, 100);
  return {
    status: 200,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="${name}.txt"`,
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'cache-control': 'no-store',
    },
    text: `${shown}${rest}`,
  };
}
