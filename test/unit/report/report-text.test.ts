import { finding } from '../../../src/report/finding.js';
import type { Finding } from '../../../src/report/finding.js';
import { reportAsText } from '../../../src/report/report-text.js';
import { listFindings, outcomeOf } from '../../../src/report/report.js';
import type { Report } from '../../../src/report/report.js';

const HASH = 'a'.repeat(128);
const OTHER_HASH = `b${'c'.repeat(120)}ddddddd`;

function report(findings: readonly Finding[] = [], changes: Partial<Report> = {}): Report {
  return {
    schema: 1,
    app: { id: 'calendar', version: '1.2.3', name: 'Calendar' },
    archive: { sha256: 'e'.repeat(64), bytes: 2_048, entries: 5, files: 4, inflatedBytes: 3 * 1024 * 1024 },
    signature: {
      status: 'valid',
      format: 2,
      algorithm: 'ecdsa-p384-sha384',
      signer: {
        commonName: 'calendar',
        serial: '01AB',
        fingerprint: 'f'.repeat(64),
        publicKeyFingerprint: 'f'.repeat(64),
        issuer: 'CN=Example Developers',
        notBefore: '2026-01-01T00:00:00.000Z',
        notAfter: '2028-01-01T00:00:00.000Z',
      },
    },
    ...listFindings(findings),
    outcome: outcomeOf(findings),
    inspectedAt: '2026-05-01T00:00:00.000Z',
    gate: { version: '0.1.0', trust: '0'.repeat(64) },
    ...changes,
  };
}

const plain = (findings: readonly Finding[] = [], changes: Partial<Report> = {}): string =>
  reportAsText(report(findings, changes), { colour: false });

const changed = (count: number, details = {}): readonly Finding[] =>
  Array.from({ length: count }, (_, index) =>
    finding('INVALID_HASH', { path: `lib/${index}.php`, expected: HASH, actual: OTHER_HASH, ...details }),
  );

describe('the verdict', () => {
  test.each([
    ['ACCEPTED', []],
    ['ACCEPTED', [finding('CRL_STALE')]],
    ['HELD', [{ ...finding('SIGNER_CHANGED'), severity: 'hold' as const }]],
    ['REFUSED', [finding('BAD_SIGNATURE')]],
  ])('comes first: %s', (word, findings) => {
    expect(plain(findings).startsWith(word)).toBe(true);
  });

  test('is followed by what was inspected', () => {
    expect(reportAsText(report(), { colour: false, input: 'calendar.zip' }).split('\n')[0]).toContain('calendar.zip');
  });

  test('app, version and signer are said', () => {
    const text = plain();
    for (const word of ['calendar 1.2.3', 'CN=calendar', '01AB', 'CN=Example Developers', '2028-01-01', '3.0 MiB']) {
      expect(text).toContain(word);
    }
  });

  test('a report on nothing that could be read is told all the same', () => {
    const signature = { status: 'absent', format: null, algorithm: null, signer: null } as const;
    const text = plain([finding('ARCHIVE_NOT_ZIP')], { app: null, archive: null, signature });
    expect(text).toContain('ARCHIVE_NOT_ZIP');
    expect(text).not.toContain('null');
  });
});

describe('findings', () => {
  test('errors come before what a moderator decides, then warnings', () => {
    const text = plain([
      finding('CRL_STALE'),
      { ...finding('SIGNER_CHANGED'), severity: 'hold' },
      finding('BAD_CHAIN'),
      { ...finding('VERSION_NOT_NEWER'), severity: 'notice' },
    ]);
    const order = ['BAD_CHAIN', 'SIGNER_CHANGED', 'CRL_STALE', 'VERSION_NOT_NEWER'].map((code) => text.indexOf(code));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order.every((place) => place > 0)).toBe(true);
  });

  test('carry their path, shortened hashes, cause and fix', () => {
    const text =
      plain(changed(1, { cause: 'Line endings.', fix: 'Sign again.' })).split('Technical information')[0] ?? '';
    expect(text).toContain('lib/0.php');
    expect(text).toContain('Line endings.');
    expect(text).toContain('Sign again.');
    expect(text).not.toContain(HASH);
    expect(text).toMatch(/expected a+…a+\n/);
    expect(text).toMatch(/found {4}bc+…cd+\n/);
  });

  test('what the sentence says is not said twice, and a 0 is not said by a 609', () => {
    const text = plain([finding('ARCHIVE_HEADER_MISMATCH', { detail: 'At byte 609.', expected: 609, actual: 0 })]);
    expect(text).not.toMatch(/expected/);
    expect(text).toMatch(/found {4}0\n/);
  });

  test('of one kind are counted whole and listed in part, those that the report left out included', () => {
    const [summary = ''] = plain(changed(250)).split('Technical information');
    expect(summary).toContain('250 errors');
    expect(summary).toContain('lib/9.php');
    expect(summary).not.toContain('lib/10.php');
    expect(summary).toContain('and 240 more');
    expect(summary.match(/INVALID_HASH/g)).toHaveLength(1);
  });

  test('of one code with two causes are told apart', () => {
    const text = plain([
      ...changed(2, { cause: 'Line endings.' }),
      ...changed(1, { path: 'other', cause: 'Tampering.' }),
    ]);
    const [summary = ''] = text.split('Technical information');
    expect(summary.match(/INVALID_HASH/g)).toHaveLength(2);
    expect(summary.match(/Line endings\./g)).toHaveLength(1);
  });
});

describe('the part that ownCloud prints', () => {
  test('has its layout, to the tab', () => {
    const text = plain([
      finding('EXTRA_FILE', { path: 'y.txt', actual: HASH }),
      finding('INVALID_HASH', { path: 'lib/x.php', expected: HASH, actual: OTHER_HASH }),
    ]);
    const part = text.slice(text.indexOf('Technical information'));
    expect(part.startsWith('Technical information\n=====================\n')).toBe(true);
    expect(part).toContain(
      '\n\nResults\n=======\n- calendar\n\t- INVALID_HASH\n\t\t- lib/x.php\n\t- EXTRA_FILE\n\t\t- y.txt\n\nRaw output\n==========\nArray\n(\n',
    );
    // What PHP 8's print_r makes of the same array.
    expect(part.slice(part.indexOf('Array\n'))).toBe(`Array
(
    [calendar] => Array
        (
            [INVALID_HASH] => Array
                (
                    [lib/x.php] => Array
                        (
                            [expected] => ${HASH}
                            [current] => ${OTHER_HASH}
                        )

                )

            [EXTRA_FILE] => Array
                (
                    [y.txt] => Array
                        (
                            [expected] => ${''}
                            [current] => ${HASH}
                        )

                )

        )

)
`);
  });

  test('is not there where no file failed', () => {
    expect(plain([finding('BAD_CHAIN')])).not.toContain('Technical information');
  });

  test('says how many were left out', () => {
    expect(plain(changed(250))).toContain('\t\t- (and 150 more)');
  });
});

describe('colours', () => {
  test('are there when they are wanted, and not otherwise', () => {
    expect(reportAsText(report(changed(1)), { colour: true })).toContain('\u001b[31m');
    expect(plain(changed(1))).not.toContain('\u001b');
  });

  test('nothing but colours ever reaches the terminal as an escape', () => {
    const evil = '\u001b[2J\u0007\r\nACCEPTED\u202e';
    const text = reportAsText(
      report(
        [
          {
            ...finding('INVALID_HASH'),
            path: evil,
            cause: evil,
            fix: evil,
            expected: evil,
            actual: evil,
            message: evil,
          },
        ],
        {
          app: { id: evil, version: evil, name: evil },
        },
      ),
      { colour: false, input: evil },
    );
    expect([...text].filter((letter) => letter === '\u202e' || (letter < ' ' && !'\n\t'.includes(letter)))).toEqual([]);
    expect(text.split('\n').filter((line) => line.startsWith('ACCEPTED'))).toEqual([]);
  });
});
