import { isProof, proofUrls } from '../../../src/network/control-proof.js';
import { FetchError } from '../../../src/network/fetch-error.js';

const FILE = '.well-known/portcullis-challenge.txt';

function urlsOf(declared: string): string[] {
  return proofUrls(declared).map(({ href }) => href);
}

function kindOf(declared: string): string {
  try {
    return urlsOf(declared).join(' ');
  } catch (error) {
    return error instanceof FetchError ? error.kind : String(error);
  }
}

describe('proofUrls', () => {
  test.each([
    ['https://example.org', `https://example.org/${FILE}`],
    ['https://example.org/', `https://example.org/${FILE}`],
    ['https://example.org./', `https://example.org/${FILE}`],
    ['https://EXAMPLE.org:443/app', `https://example.org/app/${FILE}`],
    ['https://example.org/app/?page=1#top', `https://example.org/app/${FILE}`],
    ['https://example.org//app//', `https://example.org/app/${FILE}`],
    ['https://example.org/app.git', `https://example.org/app/${FILE}`],
    ['https://example.org/other/../app', `https://example.org/app/${FILE}`],
    ['https://example.org/%C3%BCber', `https://example.org/%C3%BCber/${FILE}`],
    ['https://owner.github.io/app', `https://owner.github.io/app/${FILE}`],
    ['https://owner.gitlab.io/app', `https://owner.gitlab.io/app/${FILE}`],
  ])('a website proves what lies below its own path: %s', (declared, url) => {
    expect(urlsOf(declared)[0]).toBe(url);
  });

  test.each([
    ['https://github.com/owner/app', `https://raw.githubusercontent.com/owner/app/HEAD/${FILE}`],
    ['https://www.github.com/owner/app.git', `https://raw.githubusercontent.com/owner/app/HEAD/${FILE}`],
    ['https://GitHub.com./owner/app/', `https://raw.githubusercontent.com/owner/app/HEAD/${FILE}`],
    ['https://github.com/owner/app.git/tree/main/x?a#b', `https://raw.githubusercontent.com/owner/app/HEAD/${FILE}`],
    ['https://github.com/owner/app/tree/0123456789abcdef', `https://raw.githubusercontent.com/owner/app/HEAD/${FILE}`],
    ['https://gitlab.com/owner/app', `https://gitlab.com/owner/app/-/raw/HEAD/${FILE}`],
    ['https://gitlab.com/group/sub/app.git', `https://gitlab.com/group/sub/app/-/raw/HEAD/${FILE}`],
    ['https://gitlab.com/owner/app.git/-/tree/main', `https://gitlab.com/owner/app/-/raw/HEAD/${FILE}`],
    ['https://gitlab.com/owner/app/-/raw/0123abcd', `https://gitlab.com/owner/app/-/raw/HEAD/${FILE}`],
    ['https://invent.kde.org/owner/app', `https://invent.kde.org/owner/app/-/raw/HEAD/${FILE}`],
    ['https://codeberg.org/owner/app/src/branch/x', `https://codeberg.org/owner/app/raw/branch/HEAD/${FILE}`],
    ['https://bitbucket.org/owner/app/src/main', `https://bitbucket.org/owner/app/raw/HEAD/${FILE}`],
    ['https://git.sr.ht/~owner/app', `https://git.sr.ht/~owner/app/blob/HEAD/${FILE}`],
  ])('a repository on a known forge proves by its default branch: %s', (declared, url) => {
    expect(urlsOf(declared)).toEqual([url]);
  });

  test('a repository on a forge of one’s own is looked for below its own path only', () => {
    expect(urlsOf('https://git.example.org/owner/app.git')).toEqual([
      `https://git.example.org/owner/app/${FILE}`,
      `https://git.example.org/owner/app/-/raw/HEAD/${FILE}`,
      `https://git.example.org/owner/app/raw/branch/HEAD/${FILE}`,
    ]);
    expect(urlsOf('https://git.example.org/owner')).toHaveLength(1);
  });

  test.each([
    'https://github.com',
    'https://github.com/',
    'https://github.com/owner',
    'https://github.com/owner/',
    'https://github.com//owner//',
    'https://github.com./owner',
    'https://gitlab.com/group',
    'https://gitlab.com/group/-/tree/main',
    'https://gitlab.com/-/raw/HEAD',
    'https://codeberg.org/owner',
    'https://bitbucket.org/owner',
    'https://git.sr.ht/~owner',
  ])('a forge, or a user’s page on it, proves nothing: %s', (declared) => {
    expect(kindOf(declared)).toBe('declared');
  });

  test.each([
    'https://raw.githubusercontent.com/victim/app/0123456789abcdef',
    'https://gist.githubusercontent.com/attacker/0123/raw',
    'https://gist.github.com/attacker/0123456789abcdef',
    'https://api.github.com/repos/victim/app',
    'https://api.bitbucket.org/2.0/repositories/victim/app/src/0123',
    'https://cdn.jsdelivr.net/gh/victim/app@0123456789abcdef',
    'https://raw.githack.com/victim/app/0123456789abcdef',
    'https://web.archive.org/web/2026/https://victim.example',
    'https://gitlab.com/victim/app/raw/0123456789abcdef',
    'https://git.example.org/victim/app/-/raw/0123456789abcdef',
    'https://git.example.org/victim/app/raw/commit/0123456789abcdef',
    'https://git.example.org/victim/app/media/commit/0123456789abcdef',
    'https://git.example.org/victim/app/r%61w/commit/0123456789abcdef',
    'https://git.example.org/victim/app/RAW/commit/0123456789abcdef',
    'https://git.example.org/victim/app/%2D/raw/0123456789abcdef',
    'https://git.example.org/app/plain?id=0123456789abcdef',
  ])('one version of a repository’s files, which anybody may have proposed, proves nothing: %s', (declared) => {
    expect(kindOf(declared)).toBe('declared');
  });

  test.each([
    ['no URL', ''],
    ['no URL', 'example.org/app'],
    ['no URL', 'https://'],
    ['no URL', `https://example.org/${'a'.repeat(2000)}`],
    ['another scheme', 'http://example.org'],
    ['another scheme', 'git://github.com/owner/app'],
    ['another scheme', 'ssh://git@github.com/owner/app.git'],
    ['another scheme', 'git@github.com:owner/app.git'],
    ['another scheme', 'file:///etc/passwd'],
    ['another scheme', 'javascript:alert(1)'],
    ['a port', 'https://example.org:8443/app'],
    ['a port', 'https://example.org:80/app'],
    ['a user name', 'https://owner@example.org/app'],
    ['a password', 'https://:secret@example.org/app'],
    ['a user name that looks like a host', 'https://github.com@example.org/owner/app'],
    ['an address', 'https://93.184.216.34/'],
    ['an address', 'https://127.0.0.1/'],
    ['an address in disguise', 'https://0x7f.1/'],
    ['an address in disguise', 'https://2130706433/'],
    ['an address in disguise', 'https://0177.0.0.1/'],
    ['an address in disguise', 'https://127.0.0.1./'],
    ['an address in disguise', 'https://１２７.0.0.1/'],
    ['an address', 'https://[::1]/'],
    ['an address', 'https://[2606:4700:4700::1111]/'],
    ['no host name of the public internet', 'https://localhost/app'],
    ['no host name of the public internet', 'https://intranet./app'],
    ['no host name of the public internet', 'https://example..org/app'],
    ['no host name of the public internet', 'https://.example.org/app'],
    ['no host name of the public internet', 'https://example.org../app'],
    ['a hidden slash', 'https://github.com/owner%2Fapp/x'],
    ['a hidden slash', 'https://example.org/a%5Cb'],
    ['a hidden step upwards', 'https://github.com/owner/...git'],
    ['a hidden step upwards', 'https://gitlab.com/victim/...git/-/tree/x'],
    ['a hidden step upwards', 'https://example.org/a/..%2Fb'],
    ['a name of nothing but .git', 'https://github.com/owner/.git'],
    ['a name encoded twice', 'https://git.example.org/victim/app/r%2561w/0123'],
    ['a control character', 'https://example.org/a%00b'],
    ['a broken encoding', 'https://example.org/a%ffb'],
    ['a broken encoding', 'https://example.org/a%b'],
  ])('a declared URL with %s proves nothing: %s', (_what, declared) => {
    expect(kindOf(declared)).toBe('declared');
  });
});

describe('isProof', () => {
  const value = 'portcullis-9f8e7d6c5b4a39281706f5e4d3c2b1a0';

  test.each([
    ['alone', value],
    ['with a line end', `${value}\n`],
    ['with the line end of Windows', `${value}\r\n`],
    ['with white space around it', ` \t\n${value} \n\n`],
    ['with a byte order mark', `\uFEFF${value}\r\n`],
  ])('the value %s is the proof', (_how, text) => {
    expect(isProof(Buffer.from(text), value)).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['another value', value.replace('9', '8')],
    ['the beginning of the value', value.slice(0, -1)],
    ['more than the value', `${value}0`],
    ['the value in capitals', value.toUpperCase()],
    ['the value among other lines', `hello\n${value}\n`],
    ['the value twice', `${value}\n${value}\n`],
    ['a page that quotes the value', `<html>${value}</html>`],
    ['the value before a null byte', `${value}\0`],
  ])('%s is no proof', (_what, text) => {
    expect(isProof(Buffer.from(text), value)).toBe(false);
  });

  test('the value in UTF-16 is no proof', () => {
    expect(isProof(Buffer.from(value, 'utf16le'), value)).toBe(false);
  });

  test('an empty value is proven by nothing', () => {
    expect(isProof(Buffer.from(''), '')).toBe(false);
  });
});
