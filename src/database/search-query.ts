import type { Queryable } from './connect.js';

/** What is searched for, as Postgres' `tsquery` texts. */
export interface SearchQuery {
  /** What an index answers by itself: of a phrase, all of its words. */
  readonly words: string;
  /** All that was asked, where that is more than `words`; to be looked up in what an app says. Null: it is not. */
  readonly phrases: string | null;
}

/** Some text that must be there, or must not. */
export interface SearchPart {
  readonly text: string;
  readonly isPhrase: boolean;
  readonly isUnwanted: boolean;
  /** Whether words that begin with it are good, too. */
  readonly isPrefix: boolean;
}

/** Of one letter or two, nearly everything begins with it. */
const PREFIX = /^[\p{L}\p{N}]{3,}$/u;
const TOKEN = /(?<minus>-*)(?:"(?<phrase>[^"]*)"?|(?<word>[^\s"]+))/gu;

/**
 * What somebody typed: words, phrases in quotation marks, each with a `-` before it where it is unwanted, and `or` between
 * alternatives. Any text has a meaning. The word at the end may be unfinished.
 */
export function parseSearch(text: string): readonly (readonly SearchPart[])[] {
  const alternatives: SearchPart[][] = [[]];
  for (const { groups = {}, index, 0: token } of text.matchAll(TOKEN)) {
    const { minus = '', phrase, word = '' } = groups;
    if (token.toLowerCase() === 'or') alternatives.push([]);
    else {
      alternatives.at(-1)?.push({
        text: phrase ?? word,
        isPhrase: phrase !== undefined,
        isUnwanted: minus !== '',
        isPrefix: minus === '' && index + token.length === text.trimEnd().length && PREFIX.test(word),
      });
    }
  }
  return alternatives;
}

/** A part as Postgres reads it, by itself and by the stems that English gives it; empty where there is nothing to look for. */
interface ReadPart extends SearchPart {
  readonly words: string;
  readonly phrase: string;
  /** Whether English leaves it out: such a word is asked for only where there is no other. */
  readonly isStopWord: boolean;
}

/** What to search for by what somebody typed. Null where it finds nothing, as only unwanted words do. */
export async function readSearch(db: Queryable, text: string): Promise<SearchQuery | null> {
  const alternatives = parseSearch(text);
  const parts = alternatives.flat();
  const { rows } = await db.query<Pick<ReadPart, 'words' | 'phrase' | 'isStopWord'>>(
    `SELECT (plainto_tsquery('pg_catalog.simple', text) || english
         || CASE WHEN prefix AND numnode(english) > 0 THEN to_tsquery('pg_catalog.simple', text || ':*') ELSE '' END)::text AS words,
       (phraseto_tsquery('pg_catalog.simple', text) || phraseto_tsquery('pg_catalog.english', text))::text AS phrase,
       numnode(english) = 0 AS "isStopWord"
     FROM unnest($1::text[], $2::boolean[]) WITH ORDINALITY AS parts (text, prefix, place),
       LATERAL (SELECT plainto_tsquery('pg_catalog.english', text) AS english) AS stemmed
     ORDER BY place`,
    [parts.map((part) => part.text), parts.map(({ isPrefix }) => isPrefix)],
  );
  const read = rows.values();
  const found = alternatives.map((each) =>
    each.flatMap((part): ReadPart[] => {
      const { value } = read.next();
      return value === undefined || value.words === '' ? [] : [{ ...part, ...value }];
    }),
  );
  const words = anyOf(found, true);
  const all = anyOf(found, false);
  return words === '' ? null : { words, phrases: all === words ? null : all };
}

/** @param byIndex whether of phrases only the words are asked for, and unwanted ones not looked at */
function anyOf(alternatives: readonly (readonly ReadPart[])[], byIndex: boolean): string {
  const texts = alternatives.flatMap((parts) => {
    const named = parts.filter(({ isUnwanted }) => !isUnwanted);
    const telling = named.filter(({ isStopWord, isPhrase }) => isPhrase || !isStopWord);
    const wanted = (telling.length > 0 ? telling : named).map((part) =>
      part.isPhrase && !byIndex ? part.phrase : part.words,
    );
    if (wanted.length === 0) return [];
    const unwanted = parts.flatMap((part) => {
      if (!part.isUnwanted) return [];
      if (!part.isPhrase || part.phrase === part.words) return [part.words];
      return byIndex ? [] : [part.phrase];
    });
    return [[...wanted.map((each) => `(${each})`), ...unwanted.map((each) => `!(${each})`)].join(' & ')];
  });
  return texts.map((each) => `(${each})`).join(' | ');
}
