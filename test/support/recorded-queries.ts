import type pg from 'pg';
import type { Database } from '../../src/database/connect.js';

/** A query as it was sent. */
export interface RecordedQuery {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Keeps every query that goes over the connections of a pool from now on, in transactions or not. */
export function recordQueries(database: Database): readonly RecordedQuery[] {
  const recorded: RecordedQuery[] = [];
  const known = new WeakSet<pg.PoolClient>();
  database.on('acquire', (client) => {
    if (known.has(client)) return;
    known.add(client);
    const query = client.query.bind(client) as (...sent: unknown[]) => unknown;
    const record = (...sent: unknown[]): unknown => {
      const [text, values] = sent;
      if (typeof text === 'string') recorded.push({ text, values: Array.isArray(values) ? values : [] });
      return query(...sent);
    };
    Object.assign(client, { query: record });
  });
  return recorded;
}

/** How Postgres would read a table. */
export interface PlannedScan {
  /** `Index Scan`, `Seq Scan` … */
  readonly kind: string;
  readonly table: string;
}

/** Every scan in the plan of a query with these values. Nothing is run. */
export async function explain(database: Database, { text, values }: RecordedQuery): Promise<readonly PlannedScan[]> {
  const { rows } = await database.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
    `EXPLAIN (FORMAT JSON) ${text}`,
    values as unknown[],
  );
  return rows.flatMap((row) => scansOf(row['QUERY PLAN'][0].Plan));
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

function scansOf(node: PlanNode): readonly PlannedScan[] {
  const table = node['Relation Name'];
  const own = table === undefined ? [] : [{ kind: node['Node Type'], table }];
  return [...own, ...(node.Plans ?? []).flatMap(scansOf)];
}
