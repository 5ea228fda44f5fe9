import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import MarkdownIt from 'markdown-it';
import sanitizeHtml from 'sanitize-html';
import { parseUrl } from '../parse-url.js';

/*
 * Descriptions and changelogs are Markdown of strangers, or HTML, or both. What comes out goes into the pages of every frontend:
 * it holds elements that say what a text is, and nothing that loads, runs, styles, names or leads to anything but the web.
 */

declare const sanitised: unique symbol;

/** Markup that the allow-list of this file has let through. */
export type SanitisedHtml = string & { readonly [sanitised]: true };

/** How much of a text is read as Markdown: no text, however it is made, keeps the gate from other work for long. What follows is text. */
const MAX_MARKDOWN = 12_288;
/** How much longer links may make a text: a reference of thirty thousand characters can be used ten thousand times. */
const MAX_LINKS = 131_072;
const MAX_DEPTH = 20;
const MAX_HREF = 2_048;

/** How much markup is kept, in characters. */
const MAX_CACHED = 8_000_000;

const markdown = new MarkdownIt('commonmark', { html: true });
markdown.renderer.rules['image'] = (tokens, index) => escapeText(tokens[index]?.content ?? '');
markdown.validateLink = (href) => linkOf(href) !== null;

const policy: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['p', 'br', 'hr', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code', 'a'],
    ...['b', 'strong', 'i', 'em', 'u', 's', 'del', 'ins', 'sub', 'sup', 'kbd'],
  ],
  allowedAttributes: { a: ['href', 'rel'] },
  allowedClasses: {},
  allowedStyles: {},
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  // Not only the tags go, but what stands between them.
  nonTextTags: [
    ...[
      'script',
      'style',
      'textarea',
      'option',
      'noscript',
      'noembed',
      'noframes',
      'iframe',
      'object',
      'template',
      'title',
    ],
    ...['svg', 'math', 'xmp', 'plaintext', 'select', 'audio', 'video', 'canvas'],
  ],
  nestingLimit: MAX_DEPTH,
  transformTags: {
    // A page has one heading of the first order, and frontends have theirs of the second.
    h1: 'h3',
    h2: 'h4',
    h3: 'h5',
    h4: 'h6',
    h5: 'h6',
    a: (tagName, { href = '' }) => {
      const link = linkOf(href);
      return { tagName, attribs: link === null ? {} : { href: link, rel: 'nofollow noopener noreferrer' } };
    },
  },
};

/** An absolute address on the web, or of mail; null for all others. A relative one would lead to wherever the text is shown. */
function linkOf(href: string): string | null {
  const url = href.length > MAX_HREF ? null : parseUrl(href);
  if (url === null || !['http:', 'https:', 'mailto:'].includes(url.protocol)) return null;
  // Who shows an address with a name in it, means to be taken for another: https://your-store.example@evil.example
  return url.username === '' && url.password === '' ? url.href : null;
}

/** The characters that steer: what comes after them would not be read in the order that it is written in. */
const STEERING = /(?!\n)[\p{Cc}\u2028-\u202E\u2066-\u2069]/gu;

const cache = new Map<string, SanitisedHtml>();
let cachedCharacters = 0;

/**
 * The HTML of a description or changelog, which is Markdown with or without HTML in it. Headings begin at `h3`. The same texts are
 * asked for again and again: what was made of them is kept, up to a bound.
 */
export function renderDescription(source: string): SanitisedHtml {
  const key = createHash('sha256').update(source).digest('base64');
  const kept = cache.get(key);
  const html = kept ?? render(source);
  // What was used last stands last.
  cache.delete(key);
  cache.set(key, html);
  if (kept === undefined) cachedCharacters += html.length;
  for (const [oldest, { length }] of cache) {
    if (cachedCharacters <= MAX_CACHED) break;
    cache.delete(oldest);
    cachedCharacters -= length;
  }
  return html;
}

/** Renders several texts, and lets others have their turn after each, so that {@link renderDescription} finds them made. */
export async function renderAhead(sources: readonly (string | null)[]): Promise<void> {
  for (const source of sources) {
    if (source === null || source === '') continue;
    renderDescription(source);
    await nextTurn();
  }
}

function render(source: string): SanitisedHtml {
  const [start, rest] = divide(source.replaceAll('\t', '    '));
  const html = `${markdownAsHtml(start)}${textAsHtml(rest)}`;
  return html.replace(STEERING, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`) as SanitisedHtml;
}

/** What is read as Markdown, up to the end of a paragraph, and what is not. */
function divide(source: string): readonly [string, string] {
  if (source.length <= MAX_MARKDOWN) return [source, ''];
  const head = source.slice(0, MAX_MARKDOWN);
  const end = [head.lastIndexOf('\n\n'), head.lastIndexOf('\n')].find((index) => index > MAX_MARKDOWN / 2);
  // Without the first half of a surrogate pair that the cut may leave at the end.
  const start = end === undefined ? head.replace(/[\uD800-\uDBFF]$/, '') : head.slice(0, end);
  return [start, source.slice(start.length)];
}

function markdownAsHtml(source: string): string {
  const environment = {};
  const tokens = markdown.parse(source, environment);
  let links = 0;
  for (const token of tokens.flatMap(({ children }) => children ?? [])) {
    for (const [, value] of token.attrs ?? []) links += String(value).length;
  }
  if (links > MAX_LINKS) return textAsHtml(source);
  return sanitizeHtml(markdown.renderer.render(tokens, markdown.options, environment), policy);
}

/** A text without any markup, in its paragraphs. */
function textAsHtml(text: string): string {
  return text
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => `<p>${escapeText(paragraph.trim()).replaceAll('\n', '<br />')}</p>\n`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}
