import { catalogue, type FindingCode } from '../../../src/report/catalogue.js';
import { finding } from '../../../src/report/finding.js';
import { printable } from '../../../src/report/printable.js';
import { listFindings, MAX_FINDINGS_PER_CODE, outcomeOf } from '../../../src/report/report.js';

describe('a finding', () => {
  test('has the severity and the words of the catalogue', () => {
    expect(finding('VERSION_EXISTS')).toMatchObject({ code: 'VERSION_EXISTS', severity: 'error' });
    expect(finding('VERSION_EXISTS').message).toBe(catalogue.VERSION_EXISTS.message);
  });

  // The sentences that ownCloud's documentation gives; other programs show them as they are.
  test.each([
    ['MISSING_SIGNATURE', 'Signature data not found.'],
    ['BAD_CHAIN', 'Certificate is not valid.'],
    ['BAD_SIGNATURE', 'Signature could not get verified.'],
    ['REVOKED', 'Certificate has been revoked.'],
  ] as const)('%s begins with ownCloud’s sentence', (code, sentence) => {
    expect(finding(code, { detail: 'More.' }).message).toBe(`${sentence} More.`);
  });

  test('CN_MISMATCH names both, whatever they hold', () => {
    const { message } = finding('CN_MISMATCH', { expected: 'calendar', actual: '{expected}$&' });
    expect(message).toBe(
      'Certificate is not valid for required scope. (Requested: calendar, current: CN={expected}$&)',
    );
  });

  test('never carries what misleads a reader, breaks a terminal or does not fit into jsonb', () => {
    const hostile = finding('INVALID_HASH', { path: 'a\u0000\u001b[2J\u202Egpj.exe\uD800', actual: 'x'.repeat(5_000) });
    expect(hostile.path).toBe('a\\u{0}\\u{1b}[2J\\u{202e}gpj.exe\\u{d800}');
    expect(hostile.actual).toHaveLength(1_024);
  });

  test('every code has a sentence, an explanation and one line each', () => {
    for (const [code, { message, about }] of Object.entries(catalogue)) {
      expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
      for (const text of [message, about]) expect(text).toMatch(/^[^\n]{5,}[.)]$/);
    }
  });
});

describe('printable', () => {
  test('never repeats a private key that stands where a name or a hash should be', () => {
    const pem = '-----BEGIN RSA PRIVATE KEY-----\nMIIEsecret\n-----END RSA PRIVATE KEY-----';
    const made = finding('INFO_XML_ELEMENT_INVALID', {
      path: `a/${pem}`,
      actual: pem,
      detail: `It is "${pem.slice(0, 44)}`,
    });
    expect(JSON.stringify(made)).not.toMatch(/MIIE|secret/);
    expect(made).toMatchObject({ path: 'a/(a private key)', actual: '(a private key)' });
  });

  test('leaves ordinary text of every language as it is', () => {
    for (const text of ['café/menü.txt', '日本語.txt', 'emoji-😀.png', 'שלום']) expect(printable(text, 100)).toBe(text);
  });

  test('does not cut a character in two', () => {
    expect(printable('😀😀😀', 4)).not.toMatch(/\\u\{d83d\}$/);
  });
});

describe('a list of findings', () => {
  test('names at most a hundred of a code and counts the rest', () => {
    const many = Array.from({ length: 250 }, (_, index) => finding('EXTRA_FILE', { path: `f${index}` }));
    const { findings, omittedFindings } = listFindings([finding('BAD_SIGNATURE'), ...many]);
    expect(findings).toHaveLength(1 + MAX_FINDINGS_PER_CODE);
    expect(omittedFindings).toEqual({ EXTRA_FILE: 150 });
  });

  test('decides by its worst member', () => {
    const of = (...codes: FindingCode[]) => outcomeOf(codes.map((code) => finding(code)));
    expect(of()).toBe('accepted');
    expect(of('SIGNER_CHANGED', 'LEGACY_ACCEPTED_WARN')).toBe('accepted');
    expect(of('SIGNER_CHANGED', 'REVOKED')).toBe('refused');
  });
});
