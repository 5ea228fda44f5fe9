import { z } from 'zod';
import { dependencyKinds } from '../app/dependencies.js';
import { parseUrl } from '../parse-url.js';

const MAX_AUTHORS = 50;
const MAX_CATEGORIES = 50;
const MAX_LANGUAGES = 200;
const MAX_DEPENDENCIES = 100;

const text = z.string().nullable().catch(null);
const link = text.transform((url) => {
  const parsed = url === null ? null : parseUrl(url);
  // Checked when it was uploaded; here once more, since it becomes a link.
  return parsed !== null && ['http:', 'https:'].includes(parsed.protocol) ? parsed.href : null;
});

/** The members of an array that are what they should be, as many as are shown. */
function members<T>(member: z.ZodType<T>, most: number): z.ZodType<readonly T[]> {
  return z
    .array(z.unknown())
    .catch([])
    .transform((values) =>
      values.slice(0, most).flatMap((value) => {
        const checked = member.safeParse(value);
        return checked.success ? [checked.data] : [];
      }),
    );
}

const translation = z.object({ lang: z.string(), name: text, summary: text, description: text });

const dependency = z.object({ kind: z.enum(dependencyKinds), name: text, min: text, max: text, os: text });

/** As it is listed: what differs in capitals only is one category, called as it is first. */
function oneOfEach(categories: readonly string[]): readonly string[] {
  const byKey = new Map<string, string>();
  for (const each of categories) {
    const key = each.toLowerCase();
    if (!byKey.has(key)) byKey.set(key, each);
  }
  return [...byKey.values()];
}

const schema = z.object({
  name: z.string(),
  summary: text,
  description: text,
  licence: text,
  authors: members(z.object({ name: z.string(), homepage: link }), MAX_AUTHORS),
  categories: members(z.string(), MAX_CATEGORIES).transform(oneOfEach),
  platform: z.object({ min: text, max: text }).nullable().catch(null),
  dependencies: members(dependency, MAX_DEPENDENCIES),
  website: link,
  repository: link,
  bugs: link,
  translations: members(translation, MAX_LANGUAGES),
});

/** What a release says of itself, as far as it is shown to everybody. Links lead to http or https. */
export type ReleaseInfo = z.infer<typeof schema>;

/** What an app calls itself in one language; null: as it does where nobody asks for a language. */
export interface ReleaseTexts {
  readonly lang: string | null;
  readonly name: string | null;
  readonly summary: string | null;
  readonly description: string | null;
}

/** Reads what a release keeps of its `appinfo/info.xml`, of whatever time; null where that is nothing of the kind. */
export function readReleaseInfo(info: unknown): ReleaseInfo | null {
  return schema.safeParse(info).data ?? null;
}

/** Name and summary in the language that a list was asked for; null where the app has none in it. */
export function readTranslation(value: unknown): Pick<ReleaseTexts, 'lang' | 'name' | 'summary'> | null {
  return translation.omit({ description: true }).safeParse(value).data ?? null;
}

/** The texts of a release in all its languages; those for everybody come first. */
export function textsOf(info: ReleaseInfo): readonly ReleaseTexts[] {
  const { name, summary, description, translations } = info;
  return [{ lang: null, name, summary, description }, ...translations];
}

/** The texts that suit a reader best, by the languages they like (see `languagesOf`); what is not there in it, in the default one. */
export function bestTexts(info: ReleaseInfo, languages: readonly string[]): ReleaseTexts & { readonly name: string } {
  const found = languages.map((liked) => translationInto(liked, info)).find((each) => each !== undefined);
  return {
    lang: found?.lang ?? null,
    name: found?.name ?? info.name,
    summary: found?.summary ?? info.summary,
    description: found?.description ?? info.description,
  };
}

/** A more specific one, `de-DE` for `de`, is the next best. */
function translationInto(liked: string, { translations }: ReleaseInfo): ReleaseTexts | undefined {
  const tagOf = ({ lang }: { readonly lang: string }): string => lang.toLowerCase().replaceAll('_', '-');
  return (
    translations.find((each) => tagOf(each) === liked) ??
    translations.find((each) => tagOf(each).startsWith(`${liked}-`))
  );
}
