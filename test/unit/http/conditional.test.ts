import type { IncomingHttpHeaders } from 'node:http';
import {
  isUnmodified,
  knownTag,
  lastModifiedOf,
  namesTag,
  requirePreconditions,
  tagInCoding,
  tagOf,
} from '../../../src/http/conditional.js';

test('other bytes have another tag, and so have other codings', () => {
  const tag = tagOf(Buffer.from('one'));
  expect(tag).toMatch(/^"[\w-]{32}"$/);
  expect(tagOf(Buffer.from('two'))).not.toBe(tag);
  expect(new Set([null, 'br' as const, 'gzip' as const].map((coding) => tagInCoding(tag, coding))).size).toBe(3);
  expect(tagInCoding('W/"state"', 'br')).toBe('W/"state"');
});

describe('If-None-Match', () => {
  test.each(['"x"', 'W/"x"', '"a", "x"', '"a","x" , W/"b"', '*', ' * ', '"a,b", "x"'])('%p names "x"', (header) => {
    expect(namesTag(header, '"x"')).toBe(true);
    expect(namesTag(header, 'W/"x"')).toBe(true);
  });

  test.each([undefined, '', 'x', '"X"', '"xx"', '"a, "x', "'x'", '"*"', '**', '*, "a"', '"a\\"x"', '"x'])(
    '%p does not',
    (header) => {
      expect(namesTag(header, '"x"')).toBe(false);
    },
  );

  test('a header as long as a server lets through is read at once', () => {
    expect(namesTag('"'.repeat(16_000), '"x"')).toBe(false);
    expect(namesTag(`${'"a",'.repeat(4_000)}"x"`, '"x"')).toBe(true);
  });
});

describe('whoever asks has it already', () => {
  const having = (tag: string) => ({ 'if-none-match': tag });
  const gzip = { coding: 'gzip', takesIdentity: true } as const;

  test('as it is, or in the coding that they would get', () => {
    expect(knownTag(having('"x"'), '"x"', gzip)).toBe('"x"');
    expect(knownTag(having('"x-gzip"'), '"x"', gzip)).toBe('"x-gzip"');
    expect(knownTag(having('"x-gzip", "x"'), '"x"', gzip)).toBe('"x-gzip"');
    expect(knownTag(having('W/"state"'), 'W/"state"', gzip)).toBe('W/"state"');
  });

  test('but not in one that they do not take now', () => {
    expect(knownTag(having('"x-br"'), '"x"', gzip)).toBeNull();
    expect(knownTag(having('"x-gzip"'), '"x"', { coding: null, takesIdentity: true })).toBeNull();
    expect(knownTag(having('"x"'), '"x"', { coding: 'gzip', takesIdentity: false })).toBeNull();
  });
});

describe('If-Modified-Since', () => {
  const now = new Date('2026-03-01T12:00:00.500Z');
  const since = (date: string, more = {}) => ({ 'if-modified-since': date, ...more });
  const changed = 'Sun, 01 Mar 2026 11:00:00 GMT';

  test('a time is told only once nothing more can happen in its second, also by a clock that is almost a minute ahead', () => {
    expect(lastModifiedOf(undefined, now)).toBeNull();
    expect(lastModifiedOf(new Date(now.getTime() - 59_999), now)).toBeNull();
    expect(lastModifiedOf(new Date(now.getTime() + 60_000), now)).toBeNull();
    expect(lastModifiedOf(new Date(now.getTime() - 60_000), now)).toBe('Sun, 01 Mar 2026 11:59:00 GMT');
  });

  test.each([changed, 'Sunday, 01-Mar-26 11:00:00 GMT', 'Mon, 02 Mar 2026 11:00:00 GMT'])(
    '%p: nothing changed',
    (date) => {
      expect(isUnmodified(since(date), changed)).toBe(true);
    },
  );

  test.each([
    'Sun, 01 Mar 2026 10:59:59 GMT',
    'never',
    '',
    'Sun Mar  1 11:00:00 2026',
    '2026-03-02T00:00:00Z',
    'x GMT',
  ])('%p: it did, or who knows', (date) => {
    expect(isUnmodified(since(date), changed)).toBe(false);
  });

  test('a date counts for nothing where there is a tag', () => {
    expect(isUnmodified(since(changed, { 'if-none-match': '"y"' }), changed)).toBe(false);
    expect(isUnmodified(since(changed, { 'if-none-match': '' }), changed)).toBe(false);
    expect(isUnmodified(since(changed), null)).toBe(false);
  });
});

describe('a request that is for one state only', () => {
  const changed = 'Sun, 01 Mar 2026 11:00:00 GMT';
  const gzip = { coding: 'gzip', takesIdentity: true } as const;
  const hold = (headers: IncomingHttpHeaders, tag: string | null = '"x"', lastModified: string | null = changed) => {
    requirePreconditions(headers, { tag, lastModified }, gzip);
  };

  test.each(['"x"', '"a", "x"', '"x-gzip"', '*', ' * '])('is answered where it is that: If-Match %p', (header) => {
    expect(() => hold({ 'if-match': header })).not.toThrow();
  });

  test.each(['"y"', 'W/"x"', 'x', '', '"x-br"', '"a, "x'])('and refused where it is another: If-Match %p', (header) => {
    expect(() => hold({ 'if-match': header })).toThrow(expect.objectContaining({ code: 'PRECONDITION_FAILED' }));
  });

  test('a weak tag, and none, are never the same for sure', () => {
    expect(() => hold({ 'if-match': 'W/"x"' }, 'W/"x"')).toThrow();
    expect(() => hold({ 'if-match': '"x"' }, null)).toThrow();
    expect(() => hold({ 'if-match': '*' }, null)).not.toThrow();
  });

  test('by date: what changed later is another', () => {
    const since = (date: string, more = {}) => ({ 'if-unmodified-since': date, ...more });
    expect(() => hold(since('Sun, 01 Mar 2026 10:59:59 GMT'))).toThrow();
    expect(() => hold(since(changed))).not.toThrow();
    for (const none of ['never', '', '1970-01-01T00:00:00Z']) expect(() => hold(since(none))).not.toThrow();
    const early = 'Thu, 01 Jan 1970 00:00:00 GMT';
    expect(() => hold(since(early), '"x"', null)).not.toThrow();
    // A tag says it better (RFC 9110 §13.2.2).
    expect(() => hold(since(early, { 'if-match': '"x"' }))).not.toThrow();
  });
});
