import fc from 'fast-check';
import type { AuditHead, AuditRow } from '../../../src/database/audit-log.js';
import { hashOf, verifyChain, type ChainVerdict, type ChainWitness } from '../../../src/moderation/verify-audit.js';

const ZEROS = '0'.repeat(64);

/** A log of these entries, as the database makes it. */
function chain(entries: readonly string[], after: AuditHead = { position: 0, hash: ZEROS }): AuditRow[] {
  const rows: AuditRow[] = [];
  let last = after;
  for (const entry of entries) {
    const position = last.position + 1;
    const hash = hashOf(last.hash, position, entry);
    rows.push({ position, previous: last.hash, hash, entry });
    last = { position, hash };
  }
  return rows;
}

function headOf(rows: readonly AuditRow[]): AuditHead {
  const last = rows.at(-1);
  return last === undefined ? { position: 0, hash: ZEROS } : { position: last.position, hash: last.hash };
}

async function* stream(rows: readonly AuditRow[]): AsyncIterable<AuditRow> {
  yield* rows;
}

async function verify(
  rows: readonly AuditRow[],
  head: AuditHead | null = headOf(rows),
  witness?: ChainWitness,
): Promise<ChainVerdict> {
  return verifyChain(stream(rows), head, witness);
}

const entries = Array.from({ length: 9 }, (_, index) => JSON.stringify({ kind: 'test', number: index }));
const log = chain(entries);
const head = headOf(log);

/** The row at that position. */
function at(rows: readonly AuditRow[], position: number): AuditRow {
  const row = rows[position - 1];
  if (row === undefined) throw new Error('no such position');
  return row;
}

const changed = (position: number, change: Partial<AuditRow>): AuditRow[] =>
  log.map((row) => (row.position === position ? { ...row, ...change } : row));

test('the hash of an entry is the SHA-256 of what comes before, its position and its text', () => {
  // printf '%064d\n1\n{"a":1}' 0 | sha256sum
  expect(hashOf(ZEROS, 1, '{"a":1}')).toBe('58a8b64ede0a31c39c4c0afb728c913a6b777e6ee987ceea8e4264a089470621');
});

describe('a log that nobody tampered with', () => {
  test.each([0, 1, 2, 9])('of %d entries is whole', async (length) => {
    const rows = log.slice(0, length);
    expect(await verify(rows)).toMatchObject({ isWhole: true, head: headOf(rows) });
    expect(await verify(rows, null)).toMatchObject({ isWhole: true });
  });

  test('holds what was witnessed, and tells where receipts stand', async () => {
    const receipt = at(log, 4).hash;
    const heads = [{ position: 0, hash: ZEROS }, headOf(log.slice(0, 5)), head];
    const verdict = await verify(log, head, { heads, receipts: [receipt] });
    expect(verdict.isWhole && verdict.receipts.get(receipt)?.position).toBe(4);
  });

  test('the head may be told once all is read', async () => {
    expect(await verifyChain(stream(log), () => head)).toMatchObject({ isWhole: true });
    expect(await verifyChain(stream(log), () => ({ ...head, position: 12 }))).toMatchObject({
      fault: 'cut-off',
      position: 10,
    });
    expect(await verifyChain(stream(log), () => headOf(log.slice(0, 7)))).toMatchObject({
      fault: 'beyond-head',
      position: 8,
    });
  });
});

describe('tampering is found, with its position:', () => {
  test('an entry that was changed', async () => {
    expect(await verify(changed(4, { entry: '{}' }))).toMatchObject({ fault: 'altered', position: 4 });
  });

  test('the last entry that was changed', async () => {
    expect(await verify(changed(9, { entry: '{}' }), head)).toMatchObject({ fault: 'altered', position: 9 });
  });

  test('a hash that was changed', async () => {
    expect(await verify(changed(4, { hash: 'a'.repeat(64) }))).toMatchObject({ fault: 'altered', position: 4 });
  });

  test('what an entry follows that was changed', async () => {
    expect(await verify(changed(4, { previous: 'a'.repeat(64) }))).toMatchObject({ fault: 'altered', position: 4 });
  });

  test('an entry that was changed together with its hash', async () => {
    const { previous } = at(log, 4);
    const rows = changed(4, { entry: '{}', hash: hashOf(previous, 4, '{}') });
    expect(await verify(rows)).toMatchObject({ fault: 'forked', position: 5 });
  });

  test('the last entry that was changed together with its hash', async () => {
    const rows = changed(9, { entry: '{}', hash: hashOf(at(log, 9).previous, 9, '{}') });
    expect(await verify(rows, head)).toMatchObject({ fault: 'head-differs', position: 9 });
  });

  test('a position that was changed', async () => {
    expect(await verify(changed(4, { position: 40 }))).toMatchObject({ fault: 'position-changed', position: 4 });
  });

  test('a position that was changed, where the log is read in the order of positions', async () => {
    const rows = [...changed(4, { position: 40 })].sort((one, other) => one.position - other.position);
    expect(await verify(rows, head)).toMatchObject({ fault: 'position-changed', position: 4 });
  });

  test.each([
    ['first', 1],
    ['middle', 5],
  ])('the %s entry that was taken out', async (_, position) => {
    const rows = log.filter((row) => row.position !== position);
    expect(await verify(rows, head)).toMatchObject({ fault: 'gap', position });
  });

  test('several entries that were taken out', async () => {
    const rows = log.filter(({ position }) => position < 3 || position > 6);
    const verdict = await verify(rows, head);
    expect(verdict).toMatchObject({ fault: 'gap', position: 3 });
    expect(!verdict.isWhole && verdict.message).toContain('3 to 6');
  });

  test('the last entry that was taken out', async () => {
    expect(await verify(log.slice(0, -1), head)).toMatchObject({ fault: 'cut-off', position: 9 });
  });

  test('everything that was taken out', async () => {
    expect(await verify([], head)).toMatchObject({ fault: 'cut-off', position: 1 });
  });

  test('the first entry that was taken out, and the others numbered anew', async () => {
    const rows = log.slice(1).map((row) => ({ ...row, position: row.position - 1 }));
    expect(await verify(rows, { position: 8, hash: head.hash })).toMatchObject({ isWhole: false, position: 1 });
  });

  test('an entry that stands behind later ones', async () => {
    const rows = [...log.slice(0, 3), ...log.slice(4, 7), at(log, 4), ...log.slice(7)];
    expect(await verify(rows, head)).toMatchObject({ fault: 'out-of-order', position: 4 });
  });

  test('two entries that were swapped', async () => {
    const rows = [...log.slice(0, 3), at(log, 5), at(log, 4), ...log.slice(5)];
    expect(await verify(rows, head)).toMatchObject({ fault: 'out-of-order', position: 4 });
  });

  test('two entries whose texts were swapped', async () => {
    const rows = log.map((row) =>
      row.position === 4
        ? { ...row, entry: at(log, 5).entry }
        : row.position === 5
          ? { ...row, entry: at(log, 4).entry }
          : row,
    );
    expect(await verify(rows)).toMatchObject({ fault: 'altered', position: 4 });
  });

  test('an entry that is there twice', async () => {
    const rows = [...log.slice(0, 5), at(log, 5), ...log.slice(5)];
    expect(await verify(rows, head)).toMatchObject({ fault: 'out-of-order', position: 5 });
  });

  test('a tail that is of another log', async () => {
    const other = chain(entries.map((entry) => `${entry} `));
    expect(await verify([...log.slice(0, 5), ...other.slice(5)], headOf(other))).toMatchObject({
      fault: 'forked',
      position: 6,
    });
  });

  test('an entry behind the head', async () => {
    const longer = [...log, ...chain(['{}'], head)];
    expect(await verify(longer, head)).toMatchObject({ fault: 'beyond-head', position: 10 });
  });

  test('a text that Postgres could not hold, and whose hash is that of another one', async () => {
    const rows = chain(['"\ufffd"']).map((row) => ({ ...row, entry: '"\ud800"' }));
    expect(hashOf(ZEROS, 1, '"\ud800"')).toBe(rows[0]?.hash);
    expect(await verify(rows)).toMatchObject({ fault: 'malformed', position: 1 });
  });
});

describe('a log that was written anew from some entry on', () => {
  const forged = [...log.slice(0, 4), ...chain(['{"forged":true}', ...entries.slice(5)], headOf(log.slice(0, 4)))];

  test('looks whole to whoever kept nothing', async () => {
    expect(await verify(forged)).toMatchObject({ isWhole: true });
  });

  test('is found by a head that was kept', async () => {
    expect(await verify(forged, headOf(forged), { heads: [headOf(log.slice(0, 7))] })).toMatchObject({
      fault: 'head-differs',
      position: 7,
    });
    expect(await verify(forged, headOf(forged), { heads: [headOf(log.slice(0, 4))] })).toMatchObject({ isWhole: true });
  });

  test('is found by a receipt', async () => {
    const receipts = [at(log, 6).hash];
    expect(await verify(forged, headOf(forged), { receipts })).toMatchObject({ fault: 'receipt-unknown' });
  });

  test('and cut off with its head is found by one that is further on', async () => {
    const short = log.slice(0, 6);
    expect(await verify(short, headOf(short), { heads: [head] })).toMatchObject({ fault: 'cut-off', position: 7 });
  });
});

describe('whatever is done to a log', () => {
  const texts = fc.array(fc.json(), { minLength: 1, maxLength: 12 });

  test('any row changed in any part is found, not after the row behind it', async () => {
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.nat(),
        fc.oneof(
          fc.record({ entry: fc.string() }),
          fc.record({ position: fc.integer() }),
          fc.record({ hash: fc.stringMatching(/^[0-9a-f]{64}$/) }),
          fc.record({ previous: fc.stringMatching(/^[0-9a-f]{64}$/) }),
        ),
        async (given, which, change: Partial<AuditRow>) => {
          const rows = chain(given);
          const index = which % rows.length;
          const tampered = rows.map((row, each) => (each === index ? { ...row, ...change } : row));
          fc.pre(JSON.stringify(rows) !== JSON.stringify(tampered));
          const verdict = await verify(tampered, headOf(rows));
          return !verdict.isWhole && verdict.position >= index + 1 && verdict.position <= index + 2;
        },
      ),
    );
  });

  test('any rows taken out are found, at the first of them', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), async (given, kept) => {
        const rows = chain(given);
        const rest = rows.filter((_, index) => kept[index] === true);
        fc.pre(rest.length < rows.length);
        const first = kept.indexOf(false) + 1;
        const verdict = await verify(rest, headOf(rows));
        return !verdict.isWhole && verdict.position === first;
      }),
    );
  });

  test('any other order is found, at the first that is not in its place', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(), { minLength: 12, maxLength: 12 }), async (given, keys) => {
        const rows = chain(given);
        const shuffled = rows
          .map((row, index) => ({ row, key: keys[index] ?? 0 }))
          .sort((one, other) => one.key - other.key)
          .map(({ row }) => row);
        const first = shuffled.findIndex((row, index) => row !== rows[index]);
        fc.pre(first >= 0);
        const verdict = await verify(shuffled, headOf(rows));
        return !verdict.isWhole && verdict.position === first + 1;
      }),
    );
  });

  test('a tail written anew is found by any head kept of what it took the place of', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.nat(), fc.nat(), async (given, from, kept) => {
        const rows = chain(given);
        const start = from % rows.length;
        const forged = [
          ...rows.slice(0, start),
          ...chain(
            given.slice(start).map((text) => `${text} `),
            headOf(rows.slice(0, start)),
          ),
        ];
        const witness = rows[start + (kept % (rows.length - start))];
        if (witness === undefined) return false;
        const verdict = await verify(forged, headOf(forged), { heads: [witness] });
        return !verdict.isWhole && verdict.fault === 'head-differs' && verdict.position === witness.position;
      }),
    );
  });
});
