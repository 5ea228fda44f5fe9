import { z } from 'zod';
import { parseUrl } from '../../parse-url.js';

const text = z.string().nullable().catch(null);
const link = text.transform((url) => {
  const parsed = url === null ? null : parseUrl(url);
  // Checked when it was uploaded; here once more, since it becomes a link.
  return parsed !== null && ['http:', 'https:'].includes(parsed.protocol) ? parsed.href : null;
});
const texts = z.array(z.string()).catch([]);

const schema = z.object({
  name: z.string(),
  summary: text,
  description: text,
  licence: text,
  authors: z
    .array(z.object({ name: z.string() }))
    .catch([])
    .transform((authors) => authors.map(({ name }) => name)),
  categories: texts,
  website: link,
  repository: link,
  bugs: link,
});

/** What an app says of itself, as far as it is shown to everybody. Links lead to http or https. */
export type PublicInfo = z.infer<typeof schema>;

/** Reads what a release keeps of its `appinfo/info.xml`; null where that is nothing of the kind. */
export function readPublicInfo(info: unknown): PublicInfo | null {
  return schema.safeParse(info).data ?? null;
}
