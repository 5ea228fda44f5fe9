import { z } from 'zod';
import { RequestError } from '../request-error.js';

/** Where a list goes on that is ordered by time, and by id within one moment. */
export interface TimeCursor {
  readonly at: Date;
  readonly id: string;
}

const cursorSchema = z.tuple([z.iso.datetime(), z.uuid()]);

/** A cursor as text for the query `after`. Programs pass it on as it is. */
export function writeCursor({ at, id }: TimeCursor): string {
  return Buffer.from(JSON.stringify([at.toISOString(), id])).toString('base64url');
}

/** @throws RequestError `INVALID_REQUEST` for a text that is no cursor of ours */
export function readCursor(text: string): TimeCursor {
  try {
    const [at, id] = cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return { at: new Date(at), id };
  } catch {
    throw new RequestError('INVALID_REQUEST', 'The cursor in "after" is not one that this store gave out.');
  }
}
