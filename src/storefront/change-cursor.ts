import { hasCataloguePlace } from '../database/catalogue-changes.js';
import type { Queryable } from '../database/connect.js';
import { RequestError } from '../request-error.js';

/**
 * How far somebody has read the changes of the catalogue: a place, and the stamp that it was given with. Where a database is set back
 * to a backup, the places after it are given again, for other changes: the stamp tells the two apart.
 */
export type ChangeCursor = CataloguePlace | null;

/** A place that was given to a change. */
interface CataloguePlace {
  readonly position: number;
  readonly stamp: string;
}

const FORM = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * Reads a cursor; null: from the beginning, which all histories share.
 *
 * @throws RequestError `INVALID_REQUEST` for what no page ever had as its `next`
 */
export function parseChangeCursor(text: string): ChangeCursor {
  if (text === '' || text === '0') return null;
  const [, position, stamp] = FORM.exec(text) ?? [];
  if (position === undefined || stamp === undefined) {
    throw new RequestError('INVALID_REQUEST', 'The "after" of this request is the "next" of no page.');
  }
  return { position: Number(position), stamp };
}

/** The cursor of whoever has read up to there. */
export function writeChangeCursor(cursor: ChangeCursor): string {
  return cursor === null ? '0' : `${cursor.position}.${cursor.stamp}`;
}

/**
 * Makes sure that a cursor is one of this database's history.
 *
 * @throws RequestError `CURSOR_GONE`
 */
export async function requireOwnHistory(db: Queryable, cursor: ChangeCursor): Promise<void> {
  if (cursor !== null && !(await hasCataloguePlace(db, cursor))) {
    throw new RequestError(
      'CURSOR_GONE',
      'The store does not know this place: its database was set back. Read everything anew, from the beginning.',
    );
  }
}
