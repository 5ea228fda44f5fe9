import type pg from 'pg';
import { inTransaction, type Database } from '../../src/database/connect.js';

/** A query as it was sent. */
export interface RecordedQuery {
  readonly text: string;
  readonly values: readonly unknown[];
  /** What the transaction had set before. */
  readonly settings: readonly string[];
}

/** Keeps every query that goes over the connections of a pool from now on, in transactions or not. */
export function recordQueries(database: Database): readonly RecordedQuery[] {
  const recorded: RecordedQuery[] = [];
  const known = new WeakSet<pg.PoolClient>();
  database.on('acquire', (client) => {
    if (known.has(client)) return;
    known.add(client);
    let settings: readonly string[] = [];
    const query = client.query.bind(client) as (...sent: unknown[]) => unknown;
    const record = (...sent: unknown[]): unknown => {
      const [text, values] = sent;
      if (typeof text === 'string') {
        if (text.startsWith('BEGIN')) settings = [];
        if (text.startsWith('SET LOCAL')) settings = [...settings, text];
        recorded.push({ text, values: Array.isArray(values) ? values : [], settings });
        if (text.startsWith('COMMIT') || text.startsWith('ROLLBACK')) settings = [];
      }
      return query(...sent);
    };
    Object.assign(client, { query: record });
  });
  return recorded;
}

/** How Postgres read a table. */
export interface Scan {
  /** `Index Scan`, `Seq Scan` … */
  readonly kind: string;
  readonly table: string;
}

/** What a query cost. */
export interface QueryCost {
  readonly scans: readonly Scan[];
  /** Of how many rows it found only at the row that they are none it was asked for. */
  readonly lookedAtInVain: number;
}

/** Runs a query with its values once more, with the settings that it had, and tells what Postgres did for it. */
export async function explain(database: Database, { text, values, settings }: RecordedQuery): Promise<QueryCost> {
  return inTransaction(database, async (tx) => {
    for (const setting of settings) await tx.query(setting);
    const { rows } = await tx.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`,
      values,
    );
    const nodes = rows.flatMap((row) => nodesOf(row['QUERY PLAN'][0].Plan));
    return {
      scans: nodes.flatMap((node) => {
        const table = node['Relation Name'];
        return table === undefined ? [] : [{ kind: node['Node Type'], table }];
      }),
      lookedAtInVain: nodes.reduce((sum, node) => sum + removedBy(node), 0),
    };
  });
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  /** On average of its loops, as is the next. */
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function removedBy(node: PlanNode): number {
  const each = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return each * node['Actual Loops'];
}
