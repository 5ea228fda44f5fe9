/*
 * ownCloud's market app turns a description from Markdown into HTML with a converter that lets HTML through, links with any scheme
 * too, and puts the outcome into the page of an administrator. So what leaves here is Markdown from which no converter can make
 * more than text, lists, headings, code and links to the web, however it reads it.
 */

/** A link whose address ends where everybody thinks it does, and has nothing in it that could end an attribute. */
const PLAIN_LINK = /^\]\((?:https?:\/\/|mailto:)[^\s"'`<>()[\]\\]*\)/i;
const MAX_LINK = 2_048;

/**
 * A description as Markdown that is harmless wherever it is shown: without HTML, images, titles of links, and links elsewhere than to
 * `http`, `https` and `mailto`. Anything else stays as it was.
 */
export function marketDescription(source: string): string {
  return (
    source
      .replaceAll('<', '&lt;')
      // What stands behind a fence of code becomes an attribute.
      .replace(/(`{3,}|~{3,})(.*)/g, (_line, fence: string, rest: string) => fence + withoutQuotes(rest))
      // An image would be fetched from wherever the developer likes, each time somebody looks.
      .replaceAll('![', '!&#91;')
      // As an entity: a backslash would be undone by one that stands before it.
      .replace(/\](?=\s*[([:])/g, (bracket, at: number, whole: string) =>
        PLAIN_LINK.test(whole.slice(at, at + MAX_LINK)) ? bracket : '&#93;',
      )
  );
}

function withoutQuotes(text: string): string {
  return text.replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
