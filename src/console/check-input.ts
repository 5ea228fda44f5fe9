import type { z } from 'zod';
import { isStorable } from '../http/route.js';
import { RequestError } from '../request-error.js';

/** A form whose fields are not what they must be: what is wrong with each, by name. */
export class FormError extends Error {
  override readonly name = 'FormError';

  constructor(readonly fields: Readonly<Record<string, string>>) {
    super('Something in this form is not right yet.');
  }
}

/**
 * What is in a path.
 *
 * @throws RequestError `NOT_FOUND`: nothing is at an address that can't be one
 */
export function checkParams(schema: z.ZodType, value: unknown): unknown {
  const checked = schema.safeParse(value);
  if (checked.success && isStorable(checked.data)) return checked.data;
  throw new RequestError('NOT_FOUND', 'There is nothing at this address.');
}

/** @throws RequestError `INVALID_REQUEST` */
export function checkQuery(schema: z.ZodType, value: unknown): unknown {
  const checked = schema.safeParse(value);
  if (checked.success && isStorable(checked.data)) return checked.data;
  throw new RequestError('INVALID_REQUEST', 'This address asks for something that the page does not have.');
}

/** @throws FormError */
export function checkForm(schema: z.ZodType, value: unknown): unknown {
  const checked = schema.safeParse(value ?? {});
  if (checked.success) {
    if (isStorable(checked.data)) return checked.data;
    throw new FormError({ '': 'The form holds a character that no text may hold.' });
  }
  const fields: Record<string, string> = {};
  for (const { path, message } of checked.error.issues) fields[String(path[0] ?? '')] ??= message;
  throw new FormError(fields);
}
