import { z } from 'zod';
import type { ListingPosition, ListingSort } from '../database/listing-order.js';
import { RequestError } from '../request-error.js';
import { isStorable } from './route.js';

/** How long a cursor may be: the longest name there is, with room. */
export const MAX_CURSOR = 2_000;

/** What a position is keyed by in each order, so that nothing reaches the database that isn't one of these. */
const keys: Readonly<Record<ListingSort, RegExp>> = {
  id: /^$/,
  name: /^[^]{1,500}$/,
  published: /^\d{1,16}$/,
  downloads: /^\d{1,15}$/,
  changed: /^\d{1,16}$/,
  relevance: /^\d{1,3}(?:\.\d{1,20})?(?:e-\d{1,2})?$/,
};

const cursorSchema = z.tuple([z.string(), z.string(), z.string().regex(/^[a-z0-9][a-z0-9_-]{2,63}$/)]);

/** A position in a list of apps as text for the query `after`. Programs pass it on as it is. */
export function writeListingCursor(sort: ListingSort, { key, id }: ListingPosition): string {
  return Buffer.from(JSON.stringify([sort, key, id])).toString('base64url');
}

/** @throws RequestError `INVALID_REQUEST` for a text that is no cursor of ours, or one of another order */
export function readListingCursor(sort: ListingSort, text: string): ListingPosition {
  const [of, key, id] = parse(text) ?? [];
  if (of !== sort || key === undefined || id === undefined || !keys[sort].test(key) || !isStorable(key)) {
    throw new RequestError(
      'INVALID_REQUEST',
      'The cursor in "after" is not one that this store gave out for a list in this order.',
    );
  }
  return { key, id };
}

function parse(text: string): z.infer<typeof cursorSchema> | undefined {
  try {
    return cursorSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}
