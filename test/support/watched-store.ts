import { join } from 'node:path';
import { parseAuditEntry, readAuditLog, type AuditEntry } from '../../src/database/audit-log.js';
import { listStandingFindings } from '../../src/database/standing-findings.js';
import { request, sendJson, upload, type ApiAnswer } from './api.js';
import { startTestGate, type TestGate, type TestGateOptions } from './test-gate.js';

const START = Date.parse('2026-06-01T00:00:00Z');

/** A store whose clock the test moves, and what its tests ask of it; the app is `calendar`, its owner `ada`. */
export interface WatchedStore {
  readonly store: TestGate;
  /** Of the gate's clock, in milliseconds; to be moved forward. */
  time: number;
  /** Of `ada`. */
  readonly token: string;
  /** Uploads a release that must be accepted, and returns the SHA-256 of its archive. */
  publish(archive: Buffer): Promise<string>;
  statusOf(version?: string): Promise<string>;
  /** The codes of what the watch says of a release now. */
  found(version?: string): Promise<readonly string[]>;
  /** Of the audit log. */
  entries(...kinds: string[]): Promise<readonly AuditEntry[]>;
  setRule(code: string, mode: string | null): Promise<ApiAnswer>;
  /** Publishes a release again, as an operator. */
  restore(version?: string): Promise<ApiAnswer>;
  /** Where the storage keeps an archive. */
  fileOf(sha256: string): string;
}

/** Opens such a store, in June 2026; one with an authority of its own in the year that the machine is in, for so is that made. */
export async function openWatchedStore(options: TestGateOptions = {}): Promise<WatchedStore> {
  const clock = { time: options.ownAuthority === true ? Date.now() : START };
  const store = await startTestGate({ ...options, gate: { now: () => new Date(clock.time), ...options.gate } });
  const token = await store.token('calendar', { account: 'ada', scopes: ['upload', 'manage'] });
  const releases = `${store.url}/api/v1/apps/calendar/releases`;
  return {
    store,
    token,
    get time() {
      return clock.time;
    },
    set time(time) {
      clock.time = time;
    },
    async publish(archive) {
      const { status, body } = await upload(store.url, token, 'calendar', archive);
      expect(status).toBe(201);
      return body.report.archive.sha256;
    },
    statusOf: async (version = '1.0.0') => (await request(`${releases}/${version}`)).body.status,
    async found(version = '1.0.0') {
      const rows = await listStandingFindings(store.gate.database, [{ app: 'calendar', version }]);
      return rows.map(({ code }) => code);
    },
    async entries(...kinds) {
      const rows = await readAuditLog(store.gate.database, { after: 0, limit: 10_000 });
      return rows.map(parseAuditEntry).filter(({ kind }) => kinds.includes(kind));
    },
    setRule: (code, mode) =>
      sendJson(`${store.url}/api/v1/rules/${code}`, 'PUT', store.operatorToken, { mode, reason: 'because' }),
    restore: (version = '1.0.0') =>
      sendJson(`${releases}/${version}/status`, 'PUT', store.operatorToken, { status: 'published', reason: 'Fine.' }),
    fileOf: (sha256) => join(store.config.dataDir, 'archives', sha256.slice(0, 2), `${sha256.slice(2)}.zip`),
  };
}
