/*
 * ownCloud's market app turns a description from Markdown into HTML with a converter that lets HTML through, links with any scheme
 * too, and puts the outcome into the page of an administrator. So what leaves here is Markdown from which no converter can make
 * more than text, lists, headings, code and links to the web, however it reads it.
 */

/** A link whose address ends where everybody thinks it does, and has nothing in it that could end an attribute. */
const PLAIN_LINK = /^\]\((?:https?:\/\/|mailto:)[^\s"'`<>()[\]\\]*\)/i;
const MAX_LINK = 2_048;

/** Between fences, to the end where there is no second; what is indented; between as many backticks, within reason. */
const CODE =
  /^ {0,3}(`{3,}|~{3,})[^\n]*\n[^]*?(?:^ {0,3}\1[`~]*[ \t]*$|(?![^]))|^(?: {4}|\t)[^\n]*|(?<!`)(`+)(?!`)[^]{1,2000}?(?<!`)\2(?!`)/gm;

/** What stands in the place of signs with which a tag, an image or a link would begin. */
interface Disarmed {
  readonly tag: string;
  readonly image: string;
  readonly link: string;
}

/** As entities: a backslash would be undone by one that stands before it. */
const IN_TEXT: Disarmed = { tag: '&lt;', image: '!&#91;', link: '&#93;' };

/** In code an entity would be seen as it is written. So the sign stays, with something behind it that is not seen: nothing begins. */
const WORD_JOINER = '\u2060';
const IN_CODE: Disarmed = { tag: `<${WORD_JOINER}`, image: `!${WORD_JOINER}[`, link: `]${WORD_JOINER}` };

/**
 * A description as Markdown that is harmless wherever it is shown: without HTML, images, titles of links, and links elsewhere than to
 * `http`, `https` and `mailto`. Anything else looks as it did. What is taken for code here and for text there is harmless as well.
 */
export function marketDescription(source: string): string {
  let harmless = '';
  let end = 0;
  for (const { 0: code, index } of source.matchAll(CODE)) {
    harmless += disarm(source.slice(end, index), IN_TEXT) + disarm(code, IN_CODE);
    end = index + code.length;
  }
  harmless += disarm(source.slice(end), IN_TEXT);
  // What stands behind a fence of code becomes an attribute.
  return harmless.replace(/(`{3,}|~{3,})(.*)/g, (_line, fence: string, rest: string) => fence + withoutQuotes(rest));
}

function disarm(markdown: string, { tag, image, link }: Disarmed): string {
  return (
    markdown
      .replaceAll('<', tag)
      // An image would be fetched from wherever the developer likes, each time somebody looks.
      .replaceAll('![', image)
      .replace(/\](?=\s*[([:])/g, (bracket, at: number, whole: string) =>
        PLAIN_LINK.test(whole.slice(at, at + MAX_LINK)) ? bracket : link,
      )
  );
}

function withoutQuotes(text: string): string {
  return text.replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
