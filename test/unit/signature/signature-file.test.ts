import { parseSignatureFile, serializeSignatureFile } from '../../../src/signature/signature-file.js';
import { goldenBytes } from '../../support/golden.js';

const hash = 'a'.repeat(128);
const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const legacy = { hashes: { 'a.txt': hash }, signature: 'AAAA', certificate: pem };
const current = {
  v: 2,
  alg: 'ecdsa-p384-sha384',
  hashes: { 'a.txt': hash },
  signature: 'AAAA',
  certificates: { leaf: pem, chain: [pem] },
};

const parse = (document: unknown) => parseSignatureFile(Buffer.from(JSON.stringify(document)));
const without = (document: object, name: string) =>
  Object.fromEntries(Object.entries(document).filter(([key]) => key !== name));

test.each(['format1-rsa2048', 'core-format1'])('%s is written again as it stands', (name) => {
  const bytes = goldenBytes(`signatures/${name}.json`);
  const { file } = parseSignatureFile(bytes);
  expect(file?.format).toBe(1);
  expect(file && serializeSignatureFile(file).toString()).toBe(bytes.toString());
});

test.each(['format2-p384', 'core-format2'])('%s is written again as it stands', (name) => {
  const bytes = goldenBytes(`signatures/${name}.json`);
  const { file } = parseSignatureFile(bytes);
  expect(file?.format).toBe(2);
  expect(file && serializeSignatureFile(file).toString()).toBe(bytes.toString());
});

test('the signed bytes of format 2 are those in the file, however they are laid out', () => {
  const hashes = `{ "a.txt" :\t"${hash}",\r\n "\\u0062.txt": "${hash}" }`;
  const text = JSON.stringify({ ...current, hashes: 'HERE' }).replace('"HERE"', ` ${hashes} `);
  const { file } = parseSignatureFile(Buffer.from(text));
  expect(file?.format === 2 && file.signedBytes.toString()).toBe(hashes);
  expect([...(file?.hashes.keys() ?? [])]).toEqual(['a.txt', 'b.txt']);
});

test('names that JavaScript objects know are paths like any other', () => {
  const text = JSON.stringify({ ...legacy, hashes: 'HERE' }).replace(
    '"HERE"',
    `{"__proto__":"${hash}","constructor":"${hash}"}`,
  );
  expect([...(parseSignatureFile(Buffer.from(text)).file?.hashes.keys() ?? [])]).toEqual(['__proto__', 'constructor']);
});

test.each([
  ['an extra certificateChain in format 1', { ...legacy, certificateChain: [pem] }],
  ['false for a file that could not be read in format 1', { ...legacy, hashes: { x: false } }],
  ['a list, as PHP writes the names 0…n-1', { ...legacy, hashes: [hash, hash] }],
  ['an empty list, as PHP writes an empty map', { ...legacy, hashes: [] }],
  ['format 2 without a chain', { ...current, certificates: { leaf: pem } }],
])('%s is read', (_, document) => {
  expect(parse(document)).toMatchObject({ file: { hashes: expect.any(Map) as unknown }, findings: [] });
});

test.each([
  ['text', 'hello'],
  ['an empty object', {}],
  ['no hashes', without(legacy, 'hashes')],
  ['no signature', without(legacy, 'signature')],
  ['no certificate', without(legacy, 'certificate')],
  ['hashes as text', { ...legacy, hashes: 'x' }],
  ['hashes as null', { ...legacy, hashes: null }],
  ['a hash in capitals', { ...legacy, hashes: { x: hash.toUpperCase() } }],
  ['a short hash', { ...legacy, hashes: { x: 'abc' } }],
  ['a hash that is a number', { ...legacy, hashes: { x: 1 } }],
  ['a hash that is null', { ...legacy, hashes: { x: null } }],
  ['true for a hash', { ...legacy, hashes: { x: true } }],
  ['a folder for a hash', { ...legacy, hashes: { x: { y: hash } } }],
  ['an empty signature', { ...legacy, signature: '' }],
  ['a signature that is no base64', { ...legacy, signature: '!!!!' }],
  ['a signature in base64url', { ...legacy, signature: '-_-_' }],
  ['a signature without its padding', { ...legacy, signature: 'AAA' }],
  ['a signature with loose bits behind', { ...legacy, signature: 'AB==' }],
  ['a signature with a line break', { ...legacy, signature: 'AAAA\nAAAA' }],
  ['a signature of 3 MB', { ...legacy, signature: 'AAAA'.repeat(1_000_000) }],
  ['a signature in a list', { ...legacy, signature: ['AAAA'] }],
  ['a certificate in a list', { ...legacy, certificate: [pem] }],
  ['a member of its own', { ...legacy, comment: 'x' }],
  ['members of both formats', { ...legacy, ...current }],
  ['v in format 1', { ...legacy, v: 1 }],
  ['alg in format 1', { ...legacy, alg: 'rsa-pss-sha1' }],
  ['format 3', { ...current, v: 3 }],
  ['v as text', { ...current, v: '2' }],
  ['no v', without(current, 'v')],
  ['no alg', without(current, 'alg')],
  ['another alg', { ...current, alg: 'none' }],
  ["format 1's alg in format 2", { ...current, alg: 'rsa-pss-sha1' }],
  ['a list of hashes in format 2', { ...current, hashes: [hash] }],
  ['false in format 2', { ...current, hashes: { x: false } }],
  ['no certificates', without(current, 'certificates')],
  ['certificates in a list', { ...current, certificates: [pem] }],
  ['no leaf', { ...current, certificates: { chain: [] } }],
  ['a chain of text', { ...current, certificates: { leaf: pem, chain: pem } }],
  ['a chain of numbers', { ...current, certificates: { leaf: pem, chain: [1] } }],
  ['a chain without end', { ...current, certificates: { leaf: pem, chain: Array.from({ length: 100 }, () => pem) } }],
  ['a third kind of certificate', { ...current, certificates: { leaf: pem, chain: [], root: pem } }],
])('%s is malformed, and said to be', (_, document) => {
  const { file, findings } = parse(document);
  expect(file).toBeNull();
  expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(['SIGNATURE_FILE_MALFORMED']));
});

test.each(['2.0', '2e0', '02', ' 2x'])('%s is not the 2 of format 2', (v) => {
  const text = JSON.stringify(current).replace('"v":2', `"v":${v}`);
  expect(parseSignatureFile(Buffer.from(text)).file).toBeNull();
});

test('a name that stands twice is malformed, wherever it stands', () => {
  const twice = [
    JSON.stringify(legacy).replace('{', '{"certificate":"x",'),
    JSON.stringify(legacy).replace('"a.txt"', `"a.txt":"${'b'.repeat(128)}","a.txt"`),
    JSON.stringify(current).replace('"leaf"', '"leaf":"x","leaf"'),
  ];
  expect(twice.map((text) => parseSignatureFile(Buffer.from(text)).file)).toEqual([null, null, null]);
});

test('all that is wrong is said at once', () => {
  expect(parse({ hashes: { x: 'y' }, signature: '?', extra: 1 }).findings).toHaveLength(4);
});

test('more files than asked for are not read', () => {
  const hashes = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, false]));
  const bytes = Buffer.from(JSON.stringify({ ...legacy, hashes }));
  expect(parseSignatureFile(bytes, 500).file?.hashes.size).toBe(500);
  expect(parseSignatureFile(bytes, 300)).toMatchObject({
    file: null,
    findings: [{ code: 'SIGNATURE_FILE_MALFORMED' }],
  });
  expect(parseSignatureFile(bytes).file?.hashes.size).toBe(500);
});
