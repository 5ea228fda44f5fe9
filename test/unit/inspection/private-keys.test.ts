import {
  createHash,
  createPrivateKey,
  createPublicKey,
  ECDH,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { watchForPrivateKeys, type PrivateKeys } from '../../../src/inspection/private-keys.js';
import { readChildren, readDer } from '../../../src/pki/der.js';
import { writeBitString, writeSequence } from '../../../src/pki/der-writer.js';
import { testWith } from '../../support/installed.js';
import { fileFrom } from '../../support/key-tools.js';

/*
 * What is a private key and what only speaks of one, by content. Keys are made by the tools that make them in earnest.
 */

/** What is found in one file that comes in chunks of `chunkBytes`. */
function search(content: Buffer | string, chunkBytes = Infinity): PrivateKeys {
  const watch = watchForPrivateKeys();
  const bytes = Buffer.from(content);
  const file = watch.file('some/file', bytes.length);
  for (let at = 0; at < bytes.length; at += chunkBytes) file.take(bytes.subarray(at, at + chunkBytes));
  file.end();
  return watch.found;
}

function fingerprint(key: KeyObject): string {
  const info = createPublicKey(key).export({
    type: 'spki',
    format: 'der',
  });
  return createHash('sha256').update(info).digest('hex');
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
const rsaPem = rsa.export({ type: 'pkcs8', format: 'pem' }).toString();
const ecPem = ec.export({ type: 'pkcs8', format: 'pem' }).toString();
const PASSWORD = { cipher: 'aes-256-cbc', passphrase: 'secret' } as const;

const rsaHalf = { publicKeyFingerprint: fingerprint(rsa), proven: true };
const ecHalf = { publicKeyFingerprint: fingerprint(ec), proven: true };
const unknown = { publicKeyFingerprint: null, proven: false };

describe('keys as openssl (in Node) writes them', () => {
  test.each([
    ['PKCS #8 RSA', rsaPem, { format: 'PKCS #8', encrypted: false, ...rsaHalf }],
    ['PKCS #8 EC', ecPem, { format: 'PKCS #8', encrypted: false, ...ecHalf }],
    ['PKCS #1', rsa.export({ type: 'pkcs1', format: 'pem' }), { format: 'PKCS #1', encrypted: false, ...rsaHalf }],
    ['SEC 1', ec.export({ type: 'sec1', format: 'pem' }), { format: 'SEC 1', encrypted: false, ...ecHalf }],
    [
      'encrypted PKCS #8',
      rsa.export({ type: 'pkcs8', format: 'pem', ...PASSWORD }),
      { format: 'PKCS #8', encrypted: true, ...unknown },
    ],
    [
      'encrypted PKCS #1',
      rsa.export({ type: 'pkcs1', format: 'pem', ...PASSWORD }),
      { format: 'PEM', encrypted: true, ...unknown },
    ],
    [
      'encrypted SEC 1',
      ec.export({ type: 'sec1', format: 'pem', ...PASSWORD }),
      { format: 'PEM', encrypted: true, ...unknown },
    ],
    ['PKCS #8 DER', rsa.export({ type: 'pkcs8', format: 'der' }), { format: 'PKCS #8', encrypted: false, ...rsaHalf }],
    [
      'encrypted PKCS #8 DER',
      ec.export({ type: 'pkcs8', format: 'der', ...PASSWORD }),
      { format: 'PKCS #8', encrypted: true, ...unknown },
    ],
    ['PKCS #1 DER', rsa.export({ type: 'pkcs1', format: 'der' }), { format: 'PKCS #1', encrypted: false, ...rsaHalf }],
    ['SEC 1 DER', ec.export({ type: 'sec1', format: 'der' }), { format: 'SEC 1', encrypted: false, ...ecHalf }],
    ['JWK RSA', JSON.stringify(rsa.export({ format: 'jwk' })), { format: 'JWK', encrypted: false, ...rsaHalf }],
    ['JWK EC', JSON.stringify(ec.export({ format: 'jwk' })), { format: 'JWK', encrypted: false, ...ecHalf }],
  ])('%s', (_name, content, expected) => {
    expect(search(content).keys).toEqual([expect.objectContaining(expected)]);
    expect(search(content, 7).keys).toEqual(search(content).keys);
  });

  test.each(['ed25519', 'ed448', 'x25519', 'dsa'] as const)('a key of another kind: %s', (kind) => {
    const options = kind === 'dsa' ? { modulusLength: 1024, divisorLength: 160 } : undefined;
    const { privateKey } = generateKeyPairSync(
      kind as 'dsa',
      options as { modulusLength: number; divisorLength: number },
    );
    expect(search(privateKey.export({ type: 'pkcs8', format: 'pem' })).keys).toMatchObject([{ format: 'PKCS #8' }]);
    expect(search(privateKey.export({ type: 'pkcs8', format: 'der' })).keys).toMatchObject([{ format: 'PKCS #8' }]);
  });

  test('every curve that a certificate may be on is recognised by its public half', () => {
    for (const namedCurve of ['P-256', 'P-384', 'P-521', 'secp256k1']) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve });
      const [found] = search(privateKey.export({ type: 'pkcs8', format: 'pem' })).keys;
      expect(found).toMatchObject({ publicKeyFingerprint: fingerprint(privateKey), proven: true });
    }
  });

  test.each(['P-256', 'P-384', 'P-521'])('a key on %s is known in every form of its point', (namedCurve) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
    const [found] = search(privateKey.export({ type: 'pkcs8', format: 'pem' })).keys;
    const info = publicKey.export({ type: 'spki', format: 'der' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
    const algorithm = readChildren(readDer(info))[0]?.bytes ?? Buffer.alloc(0);
    const inForm = (form: 'compressed' | 'hybrid'): string => {
      const curve = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' }[namedCurve] ?? '';
      const converted = ECDH.convertKey(point, curve, undefined, undefined, form) as Buffer;
      return createHash('sha256')
        .update(writeSequence(algorithm, writeBitString(converted)))
        .digest('hex');
    };
    expect(found?.otherFingerprints).toEqual([inForm('compressed'), inForm('hybrid')]);
  });
});

describe('keys as other tools write them', () => {
  const openssl = testWith('openssl');
  const sshKeygen = testWith('ssh-keygen');
  const gpg = testWith('gpg');
  const keytool = testWith('keytool');
  const php = testWith('php');

  openssl.each([
    ['openssl genrsa', 'openssl genrsa -out out 2048', { format: 'PKCS #8', proven: true }],
    ['openssl genrsa -traditional', 'openssl genrsa -traditional -out out 2048', { format: 'PKCS #1', proven: true }],
    [
      'openssl genrsa -aes128 -traditional',
      'openssl genrsa -traditional -aes128 -passout pass:secret -out out 2048',
      { format: 'PEM', encrypted: true },
    ],
    [
      'openssl ecparam -genkey, behind its parameters',
      'openssl ecparam -name secp384r1 -genkey -out out',
      { format: 'SEC 1', proven: true },
    ],
    [
      'openssl pkcs12',
      'openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=calendar -keyout k -out c 2>/dev/null; openssl pkcs12 -export -inkey k -in c -passout pass:secret -out out',
      { format: 'PKCS #12', encrypted: true },
    ],
    [
      'openssl pkcs12 without a cipher',
      'openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=calendar -keyout k -out c 2>/dev/null; openssl pkcs12 -export -keypbe NONE -certpbe NONE -nomaciter -inkey k -in c -passout pass: -out out',
      { format: 'PKCS #12' },
    ],
    [
      'openssl dsa',
      'openssl dsaparam -out p 1024 2>/dev/null; openssl gendsa -out k p 2>/dev/null; openssl dsa -in k -traditional -out out 2>/dev/null || openssl pkey -traditional -in k -out out',
      { encrypted: false },
    ],
  ])('%s', async (_name, script, expected) => {
    expect(search(await fileFrom(script)).keys).toEqual([expect.objectContaining(expected)]);
  });

  sshKeygen.each([
    ['rsa', '', { encrypted: false, proven: true }],
    ['rsa', 'secret', { encrypted: true, proven: false }],
    ['ecdsa -b 384', '', { encrypted: false, proven: true }],
    ['ecdsa -b 384', 'secret', { encrypted: true, proven: false }],
  ])('ssh-keygen -t %s -N "%s": with the public half that openssl sees', async (kind, password, expected) => {
    const make = `ssh-keygen -q -t ${kind} -N "${password}" -C ada@example.org -f k`;
    const both = await fileFrom(`${make}; cat k k.pub > out`);
    const [found, ...more] = search(both).keys;
    expect(more).toEqual([]);
    expect(found).toMatchObject({ format: 'OpenSSH', ...expected });
    // OpenSSH converts the public key; openssl hashes it.
    const publicLine =
      both
        .toString('latin1')
        .split('\n')
        .find((line) => /^(?:ssh|ecdsa)-/.test(line)) ?? '';
    const pem = await fileFrom(`echo '${publicLine}' > p; ssh-keygen -e -m PKCS8 -f p > out`);
    const info = createPublicKey(pem).export({ type: 'spki', format: 'der' });
    expect(found?.publicKeyFingerprint).toBe(createHash('sha256').update(info).digest('hex'));
  });

  sshKeygen('ssh-keygen -t ed25519', async () => {
    expect(search(await fileFrom('ssh-keygen -q -t ed25519 -N "" -f out')).keys).toMatchObject([{ format: 'OpenSSH' }]);
  });

  gpg.each([
    ['armoured', '--armor', 'rsa2048', '', false],
    ['binary', '', 'rsa2048', '', false],
    ['armoured, of an elliptic curve', '--armor', 'ed25519', '', false],
    ['binary, with a password', '', 'ed25519', 'secret', true],
  ])('gpg --export-secret-keys, %s', async (_name, armour, kind, password, encrypted) => {
    const quiet = `--batch --quiet --pinentry-mode loopback --passphrase "${password}"`;
    const script =
      `gpg ${quiet} --quick-generate-key ada@example.org ${kind} sign 2>/dev/null; ` +
      `gpg ${quiet} ${armour} --export-secret-keys > out; gpgconf --kill all`;
    expect(search(await fileFrom(script)).keys).toMatchObject([{ format: 'OpenPGP', encrypted }]);
  });

  gpg.each([
    ['armoured', '--armor'],
    ['binary', ''],
  ])('gpg --export-secret-subkeys, where the secret of the first is left out, %s', async (_name, armour) => {
    const quiet = '--batch --quiet --pinentry-mode loopback --passphrase ""';
    const script =
      `gpg ${quiet} --quick-generate-key ada@example.org ed25519 cert 2>/dev/null; ` +
      `f=$(gpg --list-keys --with-colons 2>/dev/null | awk -F: '/^fpr/{print $10; exit}'); ` +
      `gpg ${quiet} --quick-add-key $f ed25519 sign 2>/dev/null; ` +
      `gpg ${quiet} ${armour} --export-secret-subkeys > out; gpgconf --kill all`;
    const exported = await fileFrom(script);
    expect(search(exported).keys).toMatchObject([{ format: 'OpenPGP', encrypted: false }]);
  });

  gpg('gpg --export-secret-subkeys of a key without subkeys holds no secret', async () => {
    const quiet = '--batch --quiet --pinentry-mode loopback --passphrase ""';
    const script =
      `gpg ${quiet} --quick-generate-key ada@example.org ed25519 cert 2>/dev/null; ` +
      `gpg ${quiet} --export-secret-subkeys > out; gpgconf --kill all`;
    expect(search(await fileFrom(script)).keys).toEqual([]);
  });

  keytool.each([
    ['JKS', '', { format: 'Java keystore', encrypted: true }],
    ['JCEKS', '', { format: 'Java keystore', encrypted: true }],
    ['PKCS12', '', { format: 'PKCS #12', encrypted: true }],
  ])('keytool -genkeypair -storetype %s', async (type, _none, expected) => {
    const script = `keytool -genkeypair -keyalg RSA -alias a -dname CN=calendar -storepass secret1 -keypass secret1 -storetype ${type} -keystore out 2>/dev/null`;
    expect(search(await fileFrom(script)).keys).toEqual([expect.objectContaining(expected)]);
  });

  keytool('a Java keystore that holds certificates only is none', async () => {
    const script =
      'keytool -genkeypair -keyalg RSA -alias a -dname CN=calendar -storepass secret1 -keypass secret1 -storetype JKS -keystore k 2>/dev/null; ' +
      'keytool -exportcert -alias a -storepass secret1 -keystore k -file c 2>/dev/null; ' +
      'keytool -importcert -noprompt -alias b -file c -storepass secret1 -storetype JKS -keystore out 2>/dev/null';
    expect(search(await fileFrom(script)).keys).toEqual([]);
  });

  php('openssl_pkey_export, and json_encode and var_export of what it gives', async () => {
    const make = '$k = openssl_pkey_new(["private_key_bits" => 2048]); openssl_pkey_export($k, $pem);';
    for (const write of [
      '$pem',
      'json_encode(["key" => $pem])',
      'json_encode([json_encode(["key" => $pem])])',
      'var_export($pem, true)',
    ]) {
      const found = search(await fileFrom(`php -r '${make} file_put_contents("out", ${write});'`));
      expect(found.keys).toMatchObject([{ format: 'PKCS #8', proven: true }]);
    }
  });
});

test('PuTTY’s format, made by the description of it', () => {
  const jwk = rsa.export({ format: 'jwk' });
  const string = (bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from([0, 0, bytes.length >> 8, bytes.length & 255]), bytes]);
  const number = (text = ''): Buffer => string(Buffer.concat([Buffer.from([0]), Buffer.from(text, 'base64url')]));
  const open = Buffer.concat([string(Buffer.from('ssh-rsa')), number(jwk.e), number(jwk.n)]);
  const secret = Buffer.concat([jwk.d, jwk.p, jwk.q, jwk.qi].map(number));
  const lines = (name: string, bytes: Buffer): string => {
    const all = bytes.toString('base64').match(/.{1,64}/g) ?? [];
    return `${name}: ${all.length}\r\n${all.join('\r\n')}\r\n`;
  };
  const file = (cipher: string): string =>
    `PuTTY-User-Key-File-2: ssh-rsa\r\nEncryption: ${cipher}\r\nComment: rsa-key\r\n${lines('Public-Lines', open)}${lines('Private-Lines', secret)}Private-MAC: 00\r\n`;
  expect(search(file('none')).keys).toMatchObject([{ format: 'PuTTY', encrypted: false, ...rsaHalf }]);
  expect(search(file('aes256-cbc')).keys).toMatchObject([
    { format: 'PuTTY', encrypted: true, ...rsaHalf, proven: false },
  ]);
  expect(search(file('none').slice(0, 300)).keys).toEqual([]);
});

describe('a key in the source of a program', () => {
  const lines = ecPem.trimEnd().split('\n');
  const quoted = (join: string): string => lines.map((line) => `"${line}\\n"`).join(join);
  test.each([
    ['one JSON string', JSON.stringify({ key: ecPem })],
    ['JSON within JSON', JSON.stringify(JSON.stringify({ key: ecPem }))],
    ['JSON with every slash and plus escaped', JSON.stringify(ecPem).replaceAll('/', '\\/').replaceAll('+', '\\u002b')],
    ['PHP strings put together', `<?php $key = ${quoted('\n    . ')};`],
    ['JavaScript strings put together', `const key = ${quoted(' +\n  ')};`],
    ['JavaScript strings with the line break apart', lines.map((line) => `'${line}'`).join(" + '\\n' + ")],
    ['PHP with PHP_EOL', lines.map((line) => `'${line}'`).join(' . PHP_EOL . ')],
    ['a list that is joined', `[\n${lines.map((line) => `  '${line}',`).join('\n')}\n].join('\\n')`],
    ['C strings side by side', quoted('\n  ')],
    ['statements that append', lines.map((line) => `$key .= "${line}\\n";`).join('\n')],
    ['a here document, indented', `key = <<~PEM\n${lines.map((line) => `      ${line}`).join('\n')}\nPEM`],
    ['a comment', `/**\n${lines.map((line) => ` * ${line}`).join('\n')}\n */`],
    ['a comment of a shell', lines.map((line) => `# ${line}`).join('\n')],
    ['CRLF', lines.join('\r\n')],
    ['one line, with blanks', `KEY="${lines.join(' ')}"`],
    ['YAML', `key: |\n${lines.map((line) => `  ${line}`).join('\n')}\n`],
    ['lines that end in a backslash', `"${lines.join('\\n\\\n')}"`],
    ['C strings with octal line ends', lines.map((line) => `"${line}\\012"`).join('\n')],
    ['an XML attribute', `<k v="${ecPem.replaceAll('\n', '&#10;')}"/>`],
    ['an XML attribute in hexadecimal', `<k v="${ecPem.replaceAll('\n', '&#xA;')}"/>`],
    ['escaped HTML', ecPem.replaceAll('+', '&#43;').replaceAll('/', '&#x2F;').replaceAll('=', '&#x3D;')],
    ['lines of HTML', lines.join('<br>\n')],
    ['lines of XHTML', lines.join('<br />\n')],
    ['without its last line', lines.slice(0, -1).join('\n')],
  ])('as %s', (_name, source) => {
    const offset = source.indexOf('-----BEGIN');
    const text = `// ${'filling '.repeat(100)}\n${source}`;
    expect(search(text).keys).toMatchObject([
      { format: 'PKCS #8', ...ecHalf, offset: text.length - source.length + offset },
    ]);
  });

  test.each(['// ', '//', '/// ', '; ', ';', '-- ', "' ", '# ', ' * ', '> ', '+', '-', '\u00a0\u00a0'])(
    'with %j before each line, without headers and with them',
    async (prefix) => {
      expect(search(lines.map((line) => `${prefix}${line}`).join('\n')).keys).toMatchObject([ecHalf]);
      const old = rsa.export({ type: 'pkcs1', format: 'pem', ...PASSWORD }).toString();
      const commented = old.replaceAll(/^/gm, prefix);
      expect(search(commented).keys).toMatchObject([{ format: 'PEM', encrypted: true }]);
      expect(search(commented.replaceAll('\n', '\r\n')).keys).toMatchObject([{ format: 'PEM', encrypted: true }]);
    },
  );

  test('with zero-width spaces at the ends of lines', () => {
    expect(search(lines.join('\u200b\n')).keys).toMatchObject([ecHalf]);
  });

  test.each([
    ['little-endian with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(ecPem, 'utf16le')]), 2],
    ['big-endian with a mark', Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(ecPem, 'utf16le').swap16()]), 3],
    ['little-endian without one', Buffer.from(`key:\r\n${ecPem}`, 'utf16le'), 12],
  ])('in UTF-16, %s', (_name, content, offset) => {
    expect(search(content).keys).toMatchObject([{ ...ecHalf, offset }]);
    expect(search(content, 11).keys).toMatchObject([{ ...ecHalf, offset }]);
  });

  test('a JWK in JavaScript, in PHP, in JSON within JSON and in a set of keys', () => {
    const jwk = ec.export({ format: 'jwk' });
    const members = Object.entries(jwk as Record<string, string>);
    for (const source of [
      `const key = { ${members.map(([name, value]) => `${name}: '${value}'`).join(', ')} };`,
      `$key = [ ${members.map(([name, value]) => `'${name}' => '${value}'`).join(', ')} ];`,
      JSON.stringify(JSON.stringify(jwk)),
      JSON.stringify(
        { keys: [createPublicKey(rsaPem).export({ format: 'jwk' }), { ...jwk, key_ops: ['sign'], x5c: ['AAAA'] }] },
        null,
        2,
      ),
      JSON.stringify(Object.fromEntries(members.toReversed())),
    ]) {
      expect(search(source).keys).toMatchObject([{ format: 'JWK', ...ecHalf }]);
    }
  });
});

describe('what is no key', () => {
  const cut = rsaPem.split('\n');
  const body = cut.slice(1, -2).join('');
  test.each([
    [
      'PHP that writes keys, as phpseclib does',
      `$RSAPrivateKey = "-----BEGIN RSA PRIVATE KEY-----\\r\\n" .
                     "Proc-Type: 4,ENCRYPTED\\r\\n" .
                     "DEK-Info: DES-EDE3-CBC,$iv\\r\\n" .
                     "\\r\\n" .
                     chunk_split(base64_encode($RSAPrivateKey), 64) .
                     '-----END RSA PRIVATE KEY-----';`,
    ],
    [
      'JavaScript that takes them apart',
      `if (pem.includes('-----BEGIN PRIVATE KEY-----')) return pem.replace(/-----BEGIN PRIVATE KEY-----|-----END PRIVATE KEY-----/g, '');`,
    ],
    [
      'a list of labels',
      `const LABELS = ['-----BEGIN RSA PRIVATE KEY-----', '-----BEGIN EC PRIVATE KEY-----', '-----BEGIN OPENSSH PRIVATE KEY-----', '-----BEGIN PGP PRIVATE KEY BLOCK-----', 'PuTTY-User-Key-File-2'];`,
    ],
    [
      'documentation with dots',
      '```\n-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC...\n-----END PRIVATE KEY-----\n```',
    ],
    [
      'documentation with [snip]',
      `-----BEGIN RSA PRIVATE KEY-----\n${body.slice(0, 64)}\n[snip]\n-----END RSA PRIVATE KEY-----\n`,
    ],
    [
      'a sentence about it',
      'The file starts with -----BEGIN PRIVATE KEY----- and ends with the line that goes with it, or else it is none of ours',
    ],
    ['a placeholder', '-----BEGIN PRIVATE KEY-----\nYOUR PRIVATE KEY HERE\n-----END PRIVATE KEY-----'],
    [
      'base64 of something else',
      `-----BEGIN PRIVATE KEY-----\n${randomBytes(600).fill(7, 0, 1).toString('base64')}\n-----END PRIVATE KEY-----`,
    ],
    ['the first half of a key', cut.slice(0, 12).join('\n')],
    ['a public key', createPublicKey(rsaPem).export({ type: 'spki', format: 'pem' }).toString()],
    ['a public key in DER', createPublicKey(rsaPem).export({ type: 'spki', format: 'der' })],
    ['a public JWK', JSON.stringify(createPublicKey(rsaPem).export({ format: 'jwk' }))],
    ['a JWK of words', '{"kty": "EC", "crv": "P-256", "x": "...", "y": "...", "d": "..."}'],
    [
      'code that reads JWKs',
      `switch (jwk.kty) { case 'RSA': return importRSA({ kty: 'RSA', n: jwk.n, e: jwk.e, d: jwk.d }); }`,
    ],
    [
      'a shared secret',
      '{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}',
    ],
    [
      'a digest in DER, which has the shape of an encrypted key',
      Buffer.from(`3031300d060960864801650304020105000420${'ab'.repeat(32)}`, 'hex'),
    ],
    ['text that begins as DER might', '0x02 is the tag of an INTEGER\n'],
    ['text that begins with a zero', `0000${'0'.repeat(2000)}`],
    ['an empty file', ''],
    ['a Java class', Buffer.from('cafebabe00000034', 'hex')],
    [
      'random bytes behind the tag of a secret key',
      Buffer.concat([Buffer.from([0x95, 0x01, 0x00, 4]), randomBytes(600).fill(0, 4, 5)]),
    ],
    [
      'OpenPGP’s public key, armoured',
      '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEY\n-----END PGP PUBLIC KEY BLOCK-----',
    ],
    [
      'an encrypted message’s headers in a test of a parser',
      `'Proc-Type: 4,ENCRYPTED', 'DEK-Info: AES-128-CBC,0123456789ABCDEF', '-----BEGIN RSA PRIVATE KEY-----'`,
    ],
  ])('%s', (_name, content) => {
    expect(search(content)).toEqual({ keys: [], unexamined: [] });
  });

  testWith('openssl')('certificates in DER, and in a PKCS #12 without keys or ciphers', async () => {
    const make = 'openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=calendar -keyout k -out c 2>/dev/null';
    expect(search(await fileFrom(`${make}; openssl x509 -in c -outform DER -out out`)).keys).toEqual([]);
    const nokeys = 'openssl pkcs12 -export -nokeys -certpbe NONE -nomac -in c -passout pass: -out out';
    expect(search(await fileFrom(`${make}; ${nokeys}`)).keys).toEqual([]);
  });
});

describe('where a key is in a file, and how the file comes', () => {
  test('at any place, and cut anywhere into chunks, it is found once, at its offset', () => {
    for (const place of [0, 1, 1_000, 262_000, 278_000, 294_900, 311_300, 600_001]) {
      const before = Buffer.alloc(place, 'x\n');
      const content = Buffer.concat([before, Buffer.from(ecPem), Buffer.alloc(400_000, 'y\n')]);
      for (const chunkBytes of [65_536, 131_072, 100_003, Infinity]) {
        expect(search(content, chunkBytes).keys).toMatchObject([{ ...ecHalf, offset: place }]);
      }
    }
  });

  test('a file that is shorter or longer than it said is watched all the same', () => {
    for (const said of [10, 1_000_000]) {
      const watch = watchForPrivateKeys();
      const file = watch.file('a', said);
      for (const part of [ecPem.slice(0, 40), ecPem.slice(40)]) file.take(Buffer.from(part));
      file.end();
      expect(watch.found.keys).toMatchObject([ecHalf]);
    }
  });

  test('two keys in one file are two, and a certificate between them is none', () => {
    const found = search(`${ecPem}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n${rsaPem}`);
    expect(found.keys).toMatchObject([ecHalf, rsaHalf]);
  });

  test('a key behind two hundred mentions is found', () => {
    expect(search(`${"'-----BEGIN PRIVATE KEY-----'\n".repeat(150)}${ecPem}`).keys).toMatchObject([ecHalf]);
  });
});

describe('against whoever wants to cost time or raise a false alarm', () => {
  test.each(['-----BEGIN PRIVATE KEY-----\n', ' kty:"EC"', '"kty"'])(
    'a file made of %j is not read through, and that is said',
    (mark) => {
      expect(search(mark.repeat(200_000), 131_072)).toMatchObject({ keys: [], unexamined: ['some/file'] });
    },
  );

  // A word costs a fixed amount of looking, wherever it stands, so there is nothing to limit.
  test.each(['produkty i kontakty ', 'VATE K', 'kty', 'V\0A\0T\0', 'PRIVATE KEY '])(
    'words cost nothing, however many: %j',
    (words) => {
      expect(search(words.repeat(200_000), 131_072)).toEqual({ keys: [], unexamined: [] });
    },
  );

  test('neither do bare mentions and public keys in ordinary numbers', () => {
    expect(search("'-----BEGIN PRIVATE KEY-----'\n".repeat(5_000))).toEqual({ keys: [], unexamined: [] });
    const keys = Array.from({ length: 2_000 }, () => createPublicKey(ecPem).export({ format: 'jwk' }));
    expect(search(JSON.stringify({ keys }))).toEqual({ keys: [], unexamined: [] });
  });

  test('files that begin as keys might, and are none, cost nothing', () => {
    const watch = watchForPrivateKeys();
    const certificate = Buffer.from('3082031030820200a003020102', 'hex');
    const text = Buffer.from('0.05 N\n');
    for (const [index, start] of Array.from({ length: 6_000 }, () => [certificate, text])
      .flat()
      .entries()) {
      const content = Buffer.concat([start, Buffer.alloc(8_000)]);
      const file = watch.file(`${index}`, content.length);
      file.take(content);
      file.end();
    }
    expect(watch.found).toEqual({ keys: [], unexamined: [] });
  });

  test('more keys than anybody has are not all computed, and that is said', () => {
    const jwk = JSON.stringify(ec.export({ format: 'jwk' }));
    const { keys, unexamined } = search(`${jwk}\n`.repeat(1_000));
    expect(keys.length).toBeGreaterThan(200);
    expect(keys.length).toBeLessThan(300);
    expect(unexamined).toEqual(['some/file']);
  });

  /*
   * Every character is looked at a fixed number of times. A pattern that begins anew at each of a run takes the square of
   * its length: hours for these, so that the test would be stopped.
   */
  test('runs of backslashes around a "kty", as often as there is work for', async () => {
    const place = `{${'\\'.repeat(14_000)}"kty":"RSA",${'\\'.repeat(17_000)}}`.repeat(3);
    for (let count = 0; count < 500; count += 1) {
      expect(search(place).keys).toEqual([]);
      await setImmediate();
    }
  });

  test.each([...'\\"\'`/-+:=,;&#<> \t\n\r\u00a0AaZ0_*|'].map((character) => [character]))(
    'runs of %j around a mark are read in a time that grows with their length',
    async (character) => {
      const [before, after] = [character.repeat(14_000), character.repeat(17_000)];
      const places = [
        `{${before}"kty":"RSA",${after}}`,
        `{${before}"kty":"RSA","d":"${after}`,
        `${before}-----BEGIN PRIVATE KEY-----\n${after}`,
        `-----BEGIN PRIVATE KEY-----\nProc-Type:${after}`,
        `-----BEGIN PGP PRIVATE KEY BLOCK-----\nComment:${after}`,
        `-----BEGIN PRIVATE KEY-----${`${character}"`.repeat(8_000)}`,
        `-----BEGIN PRIVATE KEY-----${`\\${character}`.repeat(8_000)}`,
        `-----BEGIN PRIVATE KEY-----&#${after}<br${after}`,
      ];
      for (const place of places) {
        expect(search(place.repeat(10)).keys).toEqual([]);
        await setImmediate();
      }
      expect(search(`PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none${after}x`).keys).toEqual([]);
    },
  );

  test('the public half of somebody else’s key beside other numbers proves nothing', () => {
    const theirs = createPublicKey(rsaPem).export({ format: 'jwk' });
    const ours = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
    const [forged] = search(JSON.stringify({ ...ours, n: theirs.n, e: theirs.e })).keys;
    expect(forged).toMatchObject({ publicKeyFingerprint: rsaHalf.publicKeyFingerprint, proven: false });
  });

  test('a public point beside an EC key is not believed', () => {
    const { d } = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ format: 'jwk' });
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const der = privateKey.export({ type: 'sec1', format: 'der' });
    const own = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
    const at = der.indexOf(own);
    const forged = Buffer.concat([
      der.subarray(0, at),
      Buffer.from(d ?? '', 'base64url'),
      der.subarray(at + own.length),
    ]);
    const [found] = search(forged).keys;
    expect(found?.publicKeyFingerprint).not.toBe(fingerprint(privateKey));
    expect(createPrivateKey(privateKey.export({ type: 'sec1', format: 'pem' }))).toBeDefined();
  });

  test('numbers of absurd length are not computed with', () => {
    const length = (n: number): Buffer => Buffer.from([0x82, n >> 8, n & 255]);
    const value = (tag: number, content: Buffer): Buffer =>
      Buffer.concat([Buffer.from([tag]), length(content.length), content]);
    const huge = value(2, Buffer.alloc(3_500, 0x77));
    const key = value(0x30, Buffer.concat([Buffer.from([2, 1, 0]), ...Array.from({ length: 8 }, () => huge)]));
    expect(search(key).keys).toMatchObject([{ format: 'PKCS #1', ...unknown }]);
  });

  test('nothing of the key is in what is found', () => {
    const found = JSON.stringify(search(rsaPem));
    const { d = '', p = '' } = rsa.export({ format: 'jwk' });
    for (const secret of [d, p]) {
      for (const encoding of ['base64', 'base64url', 'hex'] as const) {
        expect(found).not.toContain(Buffer.from(secret, 'base64url').toString(encoding).slice(4, 24));
      }
    }
  });
});
