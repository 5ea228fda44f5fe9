import { renderDescription } from '../../../src/storefront/description-html.js';

/* What strangers write about their apps goes into the pages of every frontend. */

const allowedTags = new Set(
  'p br hr h3 h4 h5 h6 ul ol li blockquote pre code a b strong i em u s del ins sub sup kbd'.split(' '),
);

/** The elements that a text brought, with their attributes; fails where anything in `html` is not one of ours. */
function elementsOf(html: string): readonly string[] {
  const tags = [...html.matchAll(/<[^>]*>?/g)].map(([tag]) => tag);
  for (const tag of tags) {
    const [, name = ''] =
      /^<\/?([a-z0-9]+)(?: href="[^"<>]*" rel="nofollow noopener noreferrer")?(?: \/)?>$/.exec(tag) ?? [];
    if (!allowedTags.has(name) || (tag.includes(' href') && !/^<a href="(?:https?:|mailto:)/.test(tag))) {
      throw new Error(`${tag} in ${html}`);
    }
  }
  return tags;
}

describe('a description', () => {
  test('is laid out as its Markdown says', () => {
    const html = renderDescription(
      '# Calendar\n\nKeeps **all** dates:\n\n- work\n- *leisure*\n\n> said so\n\n1. `one`\n\n[site](https://example.org/a?b=c&d)',
    );
    for (const part of [
      '<h3>Calendar</h3>',
      '<strong>all</strong>',
      '<li>work</li>',
      '<em>leisure</em>',
      '<blockquote>',
      '<ol>',
      '<code>one</code>',
      '<a href="https://example.org/a?b=c&amp;d" rel="nofollow noopener noreferrer">site</a>',
    ]) {
      expect(html).toContain(part);
    }
  });

  test('may be HTML that says as much', () => {
    expect(renderDescription('<h1>Calendar</h1>\n<p class="x" id="y" style="color:red">for <b>all</b></p>')).toBe(
      '<h3>Calendar</h3>\n<p>for <b>all</b></p>',
    );
  });

  test('shows no picture, but what it says of one', () => {
    const html = renderDescription(
      '![the month <view>](https://example.org/x.png) <img src="https://example.org/y.png">',
    );
    expect(html).toBe('<p>the month &lt;view&gt; </p>\n');
  });

  test('links only to the web and to mail, by whole addresses without a name in them', () => {
    const links = [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'java\nscript:alert(1)',
      ' \u0001javascript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'file:///etc/passwd',
      'blob:https://example.org/x',
      '//evil.example/x',
      '/console/account',
      'api/v1/apps',
      '#top',
      'https://store.example@evil.example/',
      `https://example.org/${'x'.repeat(3_000)}`,
    ];
    for (const link of links) {
      for (const source of [`[x](${link})`, `[x](<${link}>)`, `<a href="${link}">x</a>`, `[x][1]\n\n[1]: ${link}`]) {
        expect([source, elementsOf(renderDescription(source)).some((tag) => tag.includes('href'))]).toEqual([
          source,
          false,
        ]);
      }
    }
    expect(renderDescription('[x](mailto:ada@example.org) <https://example.org>')).toContain('href="mailto:');
  });

  test.each([
    '<script>alert(1)</script>',
    '<SCRIPT SRC=//evil.example/x.js></SCRIPT>',
    '<scr<script>ipt>alert(1)</scr</script>ipt>',
    '"><script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<img """><script>alert(1)</script>">',
    '<svg onload=alert(1)>',
    '<svg><script>alert(1)</script></svg>',
    '<svg><style><img src=x onerror=alert(1)></style></svg>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>',
    '<title></title><img src=x onerror=alert(1)>',
    '<xmp><img src=x onerror=alert(1)></xmp>',
    '<plaintext><img src=x onerror=alert(1)>',
    '<iframe src="javascript:alert(1)"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>">',
    '<object data="x"><embed src="x"></object>',
    '<form action="https://evil.example"><button formaction="x">x</button><input autofocus onfocus=alert(1)></form>',
    '<base href="https://evil.example/">',
    '<link rel="stylesheet" href="x"><meta http-equiv="refresh" content="0;url=x">',
    '<style>body{display:none}</style>',
    '<b onclick=alert(1) onmouseover="alert(1)" style="position:fixed" id="form" name="csrf" class="top">x</b>',
    '<a href="https://a.example" onclick="x" target="_blank" style="x" id="y" ping="z" download>x</a>',
    '<a href="https://a.example/&quot; onclick=&quot;alert(1)">x</a>',
    '<a href=https://a.example/`onclick=alert(1)`>x</a>',
    '[x](https://a.example/"onclick="alert(1))',
    '[x](https://a.example "title\\" onclick=\\"alert(1)")',
    '![x" onerror="alert(1)](https://a.example)',
    '<https://a.example/"onclick=alert(1)>',
    '`<script>alert(1)</script>`',
    '```html"onclick=x\n<script>alert(1)</script>\n```',
    '~~~<script>\n</code></pre><script>alert(1)</script>\n~~~',
    '    </code></pre><script>alert(1)</script>',
    '&lt;script&gt;alert(1)&lt;/script&gt;',
    '&#60;script&#62;alert(1)&#60;/script&#62;',
    '<!--><img src=x onerror=alert(1)>-->',
    '<!-- --!><img src=x onerror=alert(1)> -->',
    '<![CDATA[<img src=x onerror=alert(1)>]]>',
    '<?xml <img src=x onerror=alert(1)>?>',
    '<!DOCTYPE x [<!ENTITY y "<script>">]>&y;',
    '<a\u0000href="javascript:alert(1)">x</a>',
    '<p\u000c/onclick=alert(1)>x',
    '<x-evil onclick=1></x-evil><custom-element></custom-element>',
    '<table background="javascript:alert(1)"><td><a href=x>x</table>',
    '<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>',
    '<details open ontoggle=alert(1)>x</details><marquee onstart=alert(1)>x</marquee>',
    '<select><option><img src=x onerror=alert(1)></option></select>',
    '<template><script>alert(1)</script></template>',
    '<b <script>alert(1)</script>',
    '<',
    '<a',
    '</',
    '<a href="',
  ])('brings nothing in but what says how it is laid out: %j', (source) => {
    elementsOf(renderDescription(source));
    // Neither where it stands within something else, nor cut off.
    elementsOf(renderDescription(`- > **x ${source}** y\n\n${source}${source}`));
    for (const length of [5, 17]) elementsOf(renderDescription(source.slice(0, -length)));
  });

  test('turns no text round', () => {
    expect(renderDescription('photo\u202Egnp.exe &#x202E;x &#8294;y\u0007')).toBe(
      '<p>photo\\u{202e}gnp.exe \\u{202e}x \\u{2066}y\\u{7}</p>\n',
    );
  });

  test('of any length is there as a whole, the end of a long one as text', () => {
    const source = `**first**\n\n${'A sentence.\n\n'.repeat(4_000)}**last** <b>\ud83d\ude00`;
    const html = renderDescription(source);
    expect(html).toContain('<strong>first</strong>');
    expect(html).toContain('<p>**last** &lt;b&gt;\ud83d\ude00</p>');
    expect(html.match(/A sentence\./g)).toHaveLength(4_000);
    elementsOf(html);
    // One line without an end, whose cut falls into the middle of a character.
    const emojis = `x${'\ud83d\ude00'.repeat(20_000)}`;
    expect(renderDescription(emojis).replace(/<[^>]*>|\n/g, '')).toBe(emojis);
  });

  test('does not become many times as long by what it refers to', () => {
    const sources = [
      `[a]: https://example.org/${'x'.repeat(2_000)}\n\n${'[a]'.repeat(3_000)}`,
      `[a]: https://example.org/ "${'x'.repeat(6_000)}"\n\n${'[a]'.repeat(2_000)}`,
      `${'|a'.repeat(200)}\n${'|-'.repeat(200)}\n${'|\n'.repeat(20_000)}`,
      '&'.repeat(65_536),
      '<b>'.repeat(20_000),
    ];
    for (const source of sources) expect(renderDescription(source).length).toBeLessThan(7 * source.length);
  });

  test('nests no deeper than a page can show', () => {
    const html = renderDescription(`${'<b>'.repeat(3_000)}x`);
    expect(html.match(/<b>/g)?.length).toBeLessThan(50);
    expect(renderDescription('> '.repeat(3_000)).match(/<blockquote>/g)?.length ?? 0).toBeLessThan(50);
  });
});
