import { decide, type Inspected } from '../../../src/policy/decide.js';
import { noHistory, type AppHistory, type UploadFacts } from '../../../src/policy/facts.js';
import { defaultRules, type RuleMode, type StoreRules } from '../../../src/policy/rules.js';
import { finding } from '../../../src/report/finding.js';

const clean: Inspected = { complete: true, findings: [] };
const KEY = 'aa'.repeat(32);
const OTHER_KEY = 'bb'.repeat(32);

function upload(override: Partial<UploadFacts> = {}): UploadFacts {
  return {
    appId: 'calendar',
    version: '2.0.0',
    archiveSha256: '11'.repeat(32),
    signature: 'valid',
    signerKey: KEY,
    ...override,
  };
}

const unsigned = upload({ signature: 'absent', signerKey: null });

function history(override: Partial<AppHistory> = {}): AppHistory {
  return { ...noHistory, ...override };
}

const signedBefore = history({ firstSigned: { version: '1.0.0', publishedAt: '2026-01-01T00:00:00.000Z' } });

function store(override: Partial<StoreRules> = {}): StoreRules {
  return { ...defaultRules, ...override };
}

function codes(inspected: Inspected, facts: UploadFacts, past: AppHistory, rules = store()): readonly string[] {
  return decide(inspected, facts, past, rules).findings.map(({ code }) => code);
}

describe('the two rules of the mission', () => {
  test('an unsigned upload of an experimental app is accepted', () => {
    expect(decide(clean, unsigned, noHistory, store())).toEqual({ outcome: 'accepted', findings: [] });
  });

  test('an unsigned upload of an official app is refused', () => {
    expect(codes(clean, unsigned, history({ trustLevel: 'official' }))).toEqual(['OFFICIAL_APP_UNSIGNED']);
    expect(decide(clean, unsigned, history({ trustLevel: 'official' }), store()).outcome).toBe('refused');
  });

  test('an unsigned update of an app that was ever signed is refused, at every trust level', () => {
    for (const trustLevel of ['experimental', 'approved', 'official'] as const) {
      const decision = decide(clean, unsigned, { ...signedBefore, trustLevel }, store());
      expect(decision.outcome).toBe('refused');
      expect(decision.findings.map(({ code }) => code)).toContain('SIGNATURE_DROPPED');
    }
  });

  test('no setting lifts either rule', () => {
    for (const mode of ['off', 'shadow', 'hold'] satisfies RuleMode[]) {
      // What a careless or hostile settings file might hold: the type forbids it, the decision must too.
      const modes = { OFFICIAL_APP_UNSIGNED: mode, SIGNATURE_DROPPED: mode } as StoreRules['modes'];
      const decision = decide(clean, unsigned, { ...signedBefore, trustLevel: 'official' }, store({ modes }));
      expect(decision.outcome).toBe('refused');
      expect(decision.findings.map(({ code }) => code)).toEqual(['OFFICIAL_APP_UNSIGNED', 'SIGNATURE_DROPPED']);
    }
  });

  test('an invalid signature is refused for what is wrong with it, not as unsigned', () => {
    const invalid = { complete: true, findings: [finding('BAD_SIGNATURE')] };
    const past = { ...signedBefore, trustLevel: 'official' } as const;
    const decision = decide(invalid, upload({ signature: 'invalid' }), past, store({ requireSignature: true }));
    expect(decision.outcome).toBe('refused');
    expect(decision.findings.map(({ code }) => code)).toEqual(['BAD_SIGNATURE']);
  });

  test('a store may ask for a signature of every app', () => {
    expect(codes(clean, unsigned, noHistory, store({ requireSignature: true }))).toEqual(['SIGNING_REQUIRED']);
    expect(codes(clean, upload(), noHistory, store({ requireSignature: true }))).toEqual([]);
  });
});

describe('versions', () => {
  const published = { version: '2.0.0', status: 'published', publishedAt: '2026-01-01T00:00:00.000Z' } as const;

  test('other bytes for a published version are refused', () => {
    const past = history({ sameVersion: { ...published, archiveSha256: '22'.repeat(32) } });
    expect(codes(clean, upload(), past)).toEqual(['VERSION_EXISTS']);
  });

  test('the same bytes again are fine', () => {
    const past = history({
      sameVersion: { ...published, archiveSha256: upload().archiveSha256 },
      newest: { version: '2.0.0' },
    });
    expect(decide(clean, upload(), past, store())).toEqual({ outcome: 'accepted', findings: [] });
  });

  test('a withdrawn version is never used again, not even for the same bytes', () => {
    const past = history({
      sameVersion: { ...published, status: 'withdrawn', archiveSha256: upload().archiveSha256 },
    });
    expect(codes(clean, upload(), past)).toEqual(['VERSION_WITHDRAWN']);
  });

  test('a version below the newest is said, and passes unless the store wants otherwise', () => {
    const past = history({ newest: { version: '10.0.0' } });
    expect(decide(clean, upload(), past, store()).outcome).toBe('accepted');
    expect(codes(clean, upload(), past)).toEqual(['VERSION_NOT_NEWER']);
    expect(codes(clean, upload(), history({ newest: { version: '1.9.9' } }))).toEqual([]);
  });
});

describe('a new signing key', () => {
  const past = history({ ...signedBefore, lastSigner: { version: '1.0.0', signerKey: OTHER_KEY } });

  test('is said, never silent, and passes by default', () => {
    const decision = decide(clean, upload(), past, store());
    expect(decision.findings.map(({ code, severity }) => [code, severity])).toEqual([['SIGNER_CHANGED', 'warning']]);
    expect(decision.outcome).toBe('accepted');
  });

  test.each([
    ['hold', 'held'],
    ['refuse', 'refused'],
    ['shadow', 'accepted'],
  ] as const)('under the mode %s is %s', (mode, outcome) => {
    expect(decide(clean, upload(), past, store({ modes: { SIGNER_CHANGED: mode } })).outcome).toBe(outcome);
  });

  test('under the mode off is not looked at', () => {
    expect(codes(clean, upload(), past, store({ modes: { SIGNER_CHANGED: 'off' } }))).toEqual([]);
  });

  test('the same key under a renewed certificate is no change', () => {
    expect(codes(clean, upload({ signerKey: OTHER_KEY }), past)).toEqual([]);
  });
});

describe('weighing', () => {
  test('findings of the inspection count, and configurable ones are weighed too', () => {
    const incomplete = { complete: true, findings: [finding('INFO_XML_INCOMPLETE')] };
    expect(decide(incomplete, upload(), noHistory, store()).outcome).toBe('accepted');
    expect(decide(incomplete, upload(), noHistory, store({ modes: { INFO_XML_INCOMPLETE: 'refuse' } })).outcome).toBe(
      'refused',
    );
  });

  test('an error outweighs a hold', () => {
    const both = {
      complete: true,
      findings: [{ ...finding('SIGNER_CHANGED'), severity: 'hold' as const }, finding('INVALID_HASH')],
    };
    expect(decide(both, upload(), noHistory, store()).outcome).toBe('refused');
  });

  test('a broken archive is refused for what broke, with no rule on top', () => {
    const broken = { complete: false, findings: [finding('ARCHIVE_MALFORMED')] };
    const decision = decide(broken, unsigned, { ...signedBefore, trustLevel: 'official' }, store());
    expect(decision.findings.map(({ code }) => code)).toEqual(['ARCHIVE_MALFORMED']);
    expect(decision.outcome).toBe('refused');
  });

  test('an inspection that stopped early without an error is a bug, never an acceptance', () => {
    expect(() => decide({ complete: false, findings: [] }, upload(), noHistory, store())).toThrow(
      'must carry an error',
    );
  });
});
