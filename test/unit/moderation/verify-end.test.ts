import { hashOf, verifyChain } from '../../../src/moderation/verify-audit.js';
import type { AuditHead, AuditRow } from '../../../src/database/audit-log.js';

/** A log of so many entries. */
function logOf(count: number): readonly AuditRow[] {
  const rows: AuditRow[] = [];
  let previous = '0'.repeat(64);
  for (let position = 1; position <= count; position++) {
    const entry = JSON.stringify({ kind: `entry-${position}` });
    const hash = hashOf(previous, position, entry);
    rows.push({ position, previous, hash, entry });
    previous = hash;
  }
  return rows;
}

async function* from(rows: readonly AuditRow[]): AsyncIterable<AuditRow> {
  yield* rows;
}

const log = logOf(10);
const headOf = ({ position, hash }: AuditRow): AuditHead => ({ position, hash });
const [sixth, last] = [rowAt(6), rowAt(10)];

function rowAt(wanted: number): AuditRow {
  const row = log.find(({ position }) => position === wanted);
  if (row === undefined) throw new Error(`No entry at ${wanted}`);
  return row;
}

test('the end of a log is whole where it follows the entry before it', async () => {
  const verdict = await verifyChain(from(log.slice(6)), headOf(last), {}, headOf(sixth));
  expect(verdict).toMatchObject({ isWhole: true, head: headOf(last) });
});

test('an end that follows another entry than the one before it is found, at its first position', async () => {
  const other = { position: 6, hash: 'f'.repeat(64) };
  expect(await verifyChain(from(log.slice(6)), headOf(last), {}, other)).toMatchObject({
    fault: 'forked',
    position: 7,
  });
});

test('an altered, a missing and a cut-off entry of the end are found with their positions', async () => {
  const end = log.slice(6);
  const altered = end.map((row) => (row.position === 8 ? { ...row, entry: '{"kind":"another"}' } : row));
  const verify = (rows: readonly AuditRow[]) => verifyChain(from(rows), headOf(last), {}, headOf(sixth));
  expect(await verify(altered)).toMatchObject({ fault: 'altered', position: 8 });
  expect(await verify(end.filter(({ position }) => position !== 8))).toMatchObject({ fault: 'gap', position: 8 });
  expect(await verify(end.slice(0, 3))).toMatchObject({ fault: 'cut-off', position: 10 });
});
