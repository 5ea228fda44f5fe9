import { z } from 'zod';
import { textLeftOutReasons } from '../moderation/changed-texts.js';
import { signerMembers, type Difference, type DifferenceSide, type FileDifference } from '../moderation/difference.js';
import { signatureSchema } from './report-representation.js';

/* The JSON of the difference between what a review is about and the last published release. */

const side = z.object({
  version: z.string().nullable(),
  archive: z.object({ sha256: z.string(), bytes: z.int() }),
  publishedAt: z.iso.datetime().nullable().meta({ description: 'Null for what is no release.' }),
});

const facts = z.object({ bytes: z.int(), sha512: z.string() }).nullable();

const lineSchema = z.object({
  kind: z.enum(['same', 'removed', 'added']),
  before: z.int().nullable().meta({ description: 'Its number in the older text.' }),
  after: z.int().nullable(),
  text: z
    .string()
    .meta({ description: 'What could mislead (control characters, bidirectional ones) is written as `\\u{hex}`.' }),
  cutBefore: z.int().meta({ description: 'How many characters of a long line are left out before this piece of it.' }),
  cutAfter: z.int(),
});

const fileSchema = z.object({
  path: z.string().meta({ description: 'As it stands in the archive, below the app’s folder.' }),
  name: z.string().meta({ description: 'The same with everything made visible that could mislead.' }),
  kind: z.enum(['added', 'removed', 'changed']),
  before: facts,
  after: facts,
  text: z
    .object({
      added: z.int(),
      removed: z.int(),
      omittedLines: z.int(),
      coarse: z.boolean().meta({
        description: 'True where everything between the common beginning and the common end counts as changed.',
      }),
      hunks: z.array(z.array(lineSchema)),
    })
    .nullable(),
  textLeftOut: z.enum(textLeftOutReasons).nullable().meta({
    description:
      'Why there is no text: `removed`, `binary`, `too-large`; `not-now`: the bounds of the page were reached, and asked for by its path it comes; `lost`: the storage doesn’t have the older one.',
  }),
});

export const differenceSchema = z
  .object({
    after: side,
    before: side.nullable().meta({ description: 'Null where nothing was published before.' }),
    counts: z
      .object({ added: z.int(), removed: z.int(), changed: z.int(), unchanged: z.int() })
      .nullable()
      .meta({ description: 'Null where the archive can’t be read to its end: then no file is compared.' }),
    files: z.array(fileSchema),
    next: z.string().nullable().meta({ description: 'The query `after` of the next page.' }),
    omittedTexts: z.int().meta({ description: 'In how many files of this page a text is left out.' }),
    info: z
      .array(z.object({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
      .nullable()
      .meta({ description: 'What info.xml says otherwise; null where it can’t be read.' }),
    signer: z.object({
      before: signatureSchema.nullable(),
      after: signatureSchema,
      changed: z.array(z.enum(signerMembers)),
    }),
  })
  .meta({ id: 'Difference', description: 'What a review’s archive has otherwise than the last published release.' });

/** A difference. */
export function difference({ after, before, counts, files, next, omittedTexts, info, signer }: Difference) {
  return {
    after: sideOf(after),
    before: before && sideOf(before),
    counts,
    files: files.map(file),
    next,
    omittedTexts,
    info,
    signer,
  };
}

function sideOf({ version, archive, publishedAt }: DifferenceSide) {
  return { version, archive, publishedAt: publishedAt?.toISOString() ?? null };
}

function file({ text, ...change }: FileDifference) {
  if (text === null) return { ...change, text };
  const { isCoarse: coarse, ...rest } = text;
  return { ...change, text: { ...rest, coarse } };
}
