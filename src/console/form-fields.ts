import { z } from 'zod';

/** A text that must be there, without the space around it. */
export function requiredText(maxLength: number, what = 'This'): z.ZodType<string> {
  return z
    .string({ error: `${what} is needed.` })
    .transform((text) => text.replace(/\r\n?/g, '\n').trim())
    .pipe(z.string().min(1, `${what} is needed.`).max(maxLength, `At most ${maxLength} characters.`));
}

/** A text that may be empty: then null. */
export function optionalText(maxLength: number): z.ZodType<string | null> {
  return z
    .string()
    .default('')
    .transform((text) => text.replace(/\r\n?/g, '\n').trim())
    .pipe(z.string().max(maxLength, `At most ${maxLength} characters.`))
    .transform((text) => (text === '' ? null : text));
}

/** A password as it was typed: nothing is cut off. */
export const typedPassword = z
  .string({ error: 'The password is needed.' })
  .min(1, 'The password is needed.')
  .max(1000, 'At most 1000 characters.');

/** The password that whoever is signed in is asked for once more; null of an account that has none, whose forms don't ask. */
export const givenPassword = z
  .string()
  .max(1000, 'At most 1000 characters.')
  .optional()
  .transform((text) => text ?? null);

/** A box that may be ticked: browsers send nothing for one that isn't. */
export const tickBox = z
  .string()
  .optional()
  .transform((value) => value !== undefined);

/** One or several values of the same name: what several boxes or a list send. */
export function severalOf<T extends string>(values: readonly [T, ...T[]]): z.ZodType<readonly T[]> {
  return z.preprocess((sent) => (sent === undefined ? [] : [sent].flat()), z.array(z.enum(values)));
}
