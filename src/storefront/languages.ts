const MAX_LANGUAGES = 10;
const TAG = /^[a-z]{2,8}(?:-[a-z0-9]{1,8}){0,4}$/;

/**
 * The languages that a reader likes, best first and in lower case, by an Accept-Language header (RFC 9110 §12.5.4): each as it
 * stands and then without what is after its first part. The list ends at English and at `*`: what an app says without naming a
 * language is English, or for everybody.
 */
export function languagesOf(header: string): readonly string[] {
  const liked = header
    .slice(0, 1_000)
    .split(',', MAX_LANGUAGES)
    .map((range) => {
      const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return { tag, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ tag, quality }) => (tag === '*' || TAG.test(tag)) && quality > 0 && quality <= 1)
    .sort((one, other) => other.quality - one.quality)
    .map(({ tag }) => tag);
  const found = new Set<string>();
  for (const tag of liked) {
    if (tag === '*') break;
    found.add(tag);
    const [first = tag] = tag.split('-');
    found.add(first);
    if (first === 'en') break;
  }
  return [...found];
}
