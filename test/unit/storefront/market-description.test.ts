import MarkdownIt from 'markdown-it';
import { marketDescription } from '../../../src/storefront/market-description.js';

/** Takes everything for good: HTML, and links with any scheme. */
const credulous = new MarkdownIt({ html: true });
credulous.validateLink = () => true;
credulous.normalizeLink = (link) => link;

/** As careless as converters by search and replace are: what it finds goes into attributes as it is. */
function careless(markdown: string): string {
  return markdown
    .replace(/(?:`{3,}|~{3,})(.*)\n([\s\S]*?)\n(?:`{3,}|~{3,})/g, '<pre class="$1">$2</pre>')
    .replace(/!\[([^\]]*)\][ \t]*\(([^)]*)\)/g, '<img alt="$1" src="$2">')
    .replace(/\[([^\]]*)\][ \t\n]*\(([\s\S]*?)\)/g, '<a href="$2">$1</a>')
    .replace(/^ {0,3}\[(.+)\]:[ \t]*\n?[ \t]*(\S+)/gm, '<a href="$2">$1</a>');
}

const hostile: readonly (readonly [string, string])[] = [
  ['a script', '<script>alert(1)</script>'],
  ['a handler', 'Nice <img src=x onerror=alert(1)> app'],
  ['a tag that never ends', '<img src=x onerror=alert(1) '],
  ['a tag in code', '`<b onclick=x>`'],
  ['a tag in what is code to some', 'a ``` b\n<b onclick=x> ` c\n```\n\\`<b onclick=x>`'],
  ['a tag in a fence that never ends', '~~~\n<b onclick=x>'],
  ['a tag that is indented', '* one\n\n    <b onclick=x>\n\n    ![x](https://evil.example/x.png)'],
  [
    'a script for an address in what is code to some',
    '\\`[read](javascript:alert(1))` ``[read]: javascript:alert(1)``',
  ],
  ['an image from elsewhere', '![dates](https://evil.example/pixel.png)'],
  ['an image after a backslash', '\\![dates](https://evil.example/pixel.png)'],
  ['a script for an address', '[read](javascript:alert(1))'],
  ['the same with capitals', '[read](JaVaScRiPt:alert(1))'],
  ['the same behind a space', '[read] (javascript:alert(1))'],
  ['the same on the next line', '[read]\n(javascript:alert(1))'],
  ['the same as an entity', '[read](&#106;avascript:alert(1))'],
  ['the same between signs', '[read](<javascript:alert(1)>)'],
  ['the same after a backslash', '[read\\](javascript:alert(1))'],
  ['the same after two', '[read\\\\](javascript:alert(1))'],
  ['data for an address', '[read](data:text/html;base64,PHNjcmlwdD4=)'],
  ['a reference', '[read][x]\n\n[x]: javascript:alert(1)'],
  ['a reference on the next line', '[x]\n\n[x]:\n   javascript:alert(1)'],
  ['a quote in an address', '[read](https://good.example/"onmouseover="alert(1))'],
  ['a quote in a title', '[read](https://good.example/ "x" onmouseover="alert(1)")'],
  ['an apostrophe in an address', "[read](https://good.example/'onmouseover='alert(1))"],
  ['a quote behind a fence', '```js" onmouseover="alert(1)\ncode\n```'],
  ['a quote behind a fence in a list', '- ~~~~" onmouseover="alert(1)\n  code\n~~~~'],
  ['a quote in a name of an image', '![" onerror="alert(1)](https://good.example/x.png)'],
];

test.each(hostile)('%s comes to nothing', (_what, source) => {
  for (const convert of [(text: string) => credulous.render(text), careless]) {
    const html = convert(marketDescription(source));
    // As HTML knows them: where something else follows, it is a sign like others (§13.2.5.6).
    const tags = html.match(/<[a-z!/?][^>]*>?/gi) ?? [];
    for (const tag of tags) {
      expect(tag).toMatch(
        /^<\/?(?:p|em|strong|code|pre|ul|li|br)>$|^<\/a>$|^<a href="(?:https?:|mailto:)[^"'\s]*">$|^<(?:pre|code) class="[^"]*">$/,
      );
    }
  }
});

test('a converter that takes everything for good makes harm of what is hostile', () => {
  // Or the test above would say nothing.
  const harmless = hostile.filter(([, source]) =>
    [(text: string) => credulous.render(text), careless].every(
      (convert) =>
        !/<(?:script|img|b) |<script|href="(?:javascript|data)|onmouseover=['"]?alert/i.test(convert(source)),
    ),
  );
  expect(harmless.map(([what]) => what)).toEqual([]);
});

test.each([
  'Keeps the dates of a whole team together.',
  '# Dates\n\n* one\n* two\n\n> said "so"\n\n1. first',
  'See [the manual](https://example.org/manual?a=b&c=d#e) or [write](mailto:ada@example.org).',
  '```php\necho "hello";\n```\n\nwith `code` and *more*',
  'a > b, [x] and (y)',
])('%j stays as it is', (source) => {
  expect(marketDescription(source)).toBe(source);
});

test.each([
  ['Use `a < b && x[0](y)` or ``![`]`` here.', 'a < b && x[0](y)'],
  ['```html\n<div class="x">\n  [a](b) &lt;\n</div>\n```', '<div class="x">\n  [a](b) &lt;\n</div>\n'],
  ['So:\n\n    if (a < b) run(c[0](d));', 'if (a < b) run(c[0](d));\n'],
])('code is seen as it is written: %j', (source, code) => {
  const [, seen = ''] = /<code[^>]*>([^]*?)<\/code>/.exec(credulous.render(marketDescription(source))) ?? [];
  const plain = seen.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  // But for what nobody sees.
  expect(plain.replaceAll('\u2060', '')).toBe(code);
});

test.each([
  ['backticks', Array.from({ length: 450 }, (_, n) => '`'.repeat(n + 1)).join(' ')],
  ['fences', '~~~\n```\n'.repeat(12_000)],
  ['lines of fences', ` ${'```\n~~~~'.repeat(12_000)}`],
])('a long description of %s takes no time to speak of', (_what, source) => {
  expect(marketDescription(source)).not.toContain('<');
});

test('a long description of brackets takes no time to speak of', () => {
  const source = '](https://'.repeat(6_500);
  expect(marketDescription(source)).not.toContain('](');
});
