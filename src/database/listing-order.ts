/* The orders that the catalogue is listed in. */

/** `published`, `downloads`, `changed` and `relevance` begin with the most of it. */
export const listingSorts = ['id', 'name', 'published', 'downloads', 'changed', 'relevance'] as const;

export type ListingSort = (typeof listingSorts)[number];

/** Where an app stands in an order: what it is sorted by, as a text, and within the same its id. */
export interface ListingPosition {
  readonly key: string;
  readonly id: string;
}

/** How a list is put into an order, and goes on in it. */
interface Order {
  /** What a position holds as its key, so that it comes back exactly; null where the id is all. */
  readonly key: string | null;
  /** @param of the table that the columns are of, with a dot at its end */
  readonly by: (of: string) => string;
  /** What holds of all that stand after a position. */
  readonly after: (id: string, key: string) => string;
}

const microseconds = (column: string): string => `(extract(epoch FROM ${column}) * 1000000)::bigint`;
const moment = (key: string): string => `(timestamptz 'epoch' + ${key}::bigint * interval '1 microsecond')`;

/** Each in the order of an index, and what stands after a position a comparison of rows, which the same index answers. */
export const orders: Readonly<Record<ListingSort, Order>> = {
  id: { key: null, by: (of) => `${of}app_id`, after: (id) => `app_id > ${id}` },
  name: {
    key: 'name_key',
    by: (of) => `${of}name_key, ${of}app_id`,
    after: (id, key) => `(name_key, app_id) > (${key}, ${id})`,
  },
  published: {
    key: microseconds('published_at'),
    by: (of) => `${of}published_at DESC, ${of}app_id DESC`,
    after: (id, key) => `(published_at, app_id) < (${moment(key)}, ${id})`,
  },
  downloads: {
    key: 'downloads',
    by: (of) => `(-${of}downloads), ${of}app_id`,
    after: (id, key) => `((-downloads), app_id) > (-${key}::bigint, ${id})`,
  },
  changed: {
    key: microseconds('changed_at'),
    by: (of) => `${of}changed_at DESC, ${of}app_id DESC`,
    after: (id, key) => `(changed_at, app_id) < (${moment(key)}, ${id})`,
  },
  relevance: {
    key: 'rank',
    by: (of) => `(-${of}rank), ${of}app_id`,
    after: (id, key) => `((-rank), app_id) > (-${key}::float8, ${id})`,
  },
};
