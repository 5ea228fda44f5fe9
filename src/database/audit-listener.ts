import pg from 'pg';
import { readAuditHead } from './audit-log.js';
import type { Database } from './connect.js';

/** Where Postgres says that the log has grown; see `migrations/0004-moderation.sql`. */
const CHANNEL = 'portcullis_audit';

/** How often the log is looked at all the same: a pooler in between may take LISTEN and never pass anything on. */
const POLL_MS = 3_000;
const RECONNECT_MS = 5_000;

/** Says when the audit log has grown, over one connection for the whole program. */
export interface AuditListener {
  /** A number that grows with the log. Taken before the log is read, it keeps what comes meanwhile from being missed. */
  growth(): number;
  /** Waits until the log has grown beyond `since`, `signal` says that nobody waits any more, `ms` have passed, or all ends. Never rejects. */
  waitForAudit(since: number, signal: AbortSignal, ms: number): Promise<void>;
  /** Calls `listener` whenever the log has grown, until what comes back is called. */
  onGrowth(listener: () => void): () => void;
  /** Aborted when the program ends: whoever follows the log stops. */
  readonly closing: AbortSignal;
  /** Ends every wait and the connection; for good. */
  close(): Promise<void>;
}

/**
 * Listens to the audit log from the first time that somebody wants to know. A connection that breaks is replaced; meanwhile,
 * and where nothing is passed on, the end of the log is asked for every few seconds.
 */
export function createAuditListener(database: Database, pollMs = POLL_MS): AuditListener {
  const end = new AbortController();
  const listeners = new Set<() => void>();
  const waiting = new Set<() => void>();
  let growth = 0;
  let started = false;
  let client: pg.Client | null = null;
  let underWay: Promise<void> = Promise.resolve();
  let position: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  let reconnectAt = 0;

  const grow = (): void => {
    growth += 1;
    for (const listener of [...listeners, ...waiting]) listener();
  };
  const drop = (broken: pg.Client): void => {
    if (client === broken) client = null;
    broken.end().catch(() => undefined);
  };
  const connect = async (): Promise<void> => {
    const { connectionString, ssl } = database.options;
    const made = new pg.Client({
      ...(connectionString !== undefined && { connectionString }),
      ...(ssl !== undefined && { ssl }),
      application_name: 'portcullis audit',
      connectionTimeoutMillis: RECONNECT_MS,
      keepAlive: true,
    });
    made.on('error', () => drop(made));
    made.on('end', () => drop(made));
    made.on('notification', grow);
    try {
      await made.connect();
      await made.query(`LISTEN ${CHANNEL}`);
      client = made;
    } catch {
      drop(made);
      reconnectAt = Date.now() + RECONNECT_MS;
    }
  };
  const look = async (): Promise<void> => {
    // What was appended while nobody listened is found by the position.
    const head = await readAuditHead(database).catch(() => null);
    if (head === null || head.position === position) return;
    position = head.position;
    grow();
  };
  const tick = async (): Promise<void> => {
    if (client === null && Date.now() >= reconnectAt) await connect();
    if (!end.signal.aborted) await look();
  };
  const turn = (): void => {
    underWay = tick().finally(() => {
      if (!end.signal.aborted) timer = setTimeout(turn, pollMs).unref();
    });
  };
  const start = (): void => {
    if (started || end.signal.aborted) return;
    started = true;
    turn();
  };

  return {
    growth: () => growth,
    closing: end.signal,
    onGrowth(listener) {
      start();
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    waitForAudit(since, signal, ms) {
      start();
      if (growth > since || signal.aborted || end.signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(limit);
          waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const limit = setTimeout(done, ms);
        waiting.add(done);
        signal.addEventListener('abort', done);
      });
    },
    async close() {
      if (end.signal.aborted) return underWay;
      end.abort();
      clearTimeout(timer);
      listeners.clear();
      for (const done of [...waiting]) done();
      await underWay;
      const last = client;
      client = null;
      await last?.end().catch(() => undefined);
    },
  };
}
