import { noteFetchAttempt } from '../../src/database/fetched-revocation-lists.js';
import type { Gate } from '../../src/gate.js';
import { createMetrics } from '../../src/metrics.js';
import { queueMail } from '../../src/notices/queue-mail.js';
import { writeOid, writeSequence, writeSet, writeUtf8 } from '../../src/pki/der-writer.js';
import { createTrust } from '../../src/pki/trust.js';
import { request, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { createTestAuthority, makeCertificate, rootOptions } from '../support/test-authority.js';
import { startTestGate } from '../support/test-gate.js';
import type { TestGate } from '../support/test-gate.js';

const URLS = ['https://crl.example.org/a.crl?token=secret', 'https://crl.example.org/a.crl?token=other'] as const;

let store: TestGate;

beforeAll(async () => {
  store = await startTestGate({ config: { revocationListUrls: URLS } });
});

afterAll(() => store.stop());

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text format of Prometheus (version 0.0.4), strictly: what is not of it is an error. Numbers are as Go reads them. */
function parse(text: string): ReadonlyMap<string, readonly Sample[]> {
  const samples = new Map<string, Sample[]>();
  const types = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (type !== null) {
      const [, name = '', kind = ''] = type;
      if (types.has(name)) throw new Error(`${name} has two types`);
      types.set(name, kind);
      continue;
    }
    if (line.startsWith('# HELP ')) continue;
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?[\d.e+-]+|NaN|[+-]Inf)$/i.exec(line);
    if (sample === null) throw new Error(`not a sample: ${line}`);
    const [, name = '', labels = '', value] = sample;
    const read = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/g)];
    if (read.map(([whole]) => whole).join('') !== labels) throw new Error(`not labels: ${labels}`);
    const unescape = (each: string): string =>
      each.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
    const found = {
      labels: Object.fromEntries(read.map(([, key, each]) => [key, unescape(each ?? '')])),
      value: Number(value),
    };
    samples.set(name, [...(samples.get(name) ?? []), found]);
  }
  return samples;
}

/** The metrics of now, not those of a few seconds ago. */
async function fresh(gate: Partial<Gate> = {}): Promise<ReadonlyMap<string, readonly Sample[]>> {
  return parse((await createMetrics({ ...store.gate, ...gate }).read()).text);
}

function valueOf(samples: ReadonlyMap<string, readonly Sample[]>, name: string, labels: Sample['labels'] = {}): number {
  const found = (samples.get(name) ?? []).filter((each) =>
    Object.entries(labels).every(([key, value]) => each.labels[key] === value),
  );
  if (found.length !== 1) throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`);
  return found[0]?.value ?? NaN;
}

test('anybody reads them at /metrics, in the format of Prometheus', async () => {
  const answer = await request(`${store.url}/metrics`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const samples = parse(answer.body);
  expect(valueOf(samples, 'portcullis_build_info', { version: store.gate.version })).toBe(1);
  expect(samples.has('process_cpu_seconds_total')).toBe(true);
  for (const { value } of samples.get('portcullis_scrape_errors_total') ?? []) expect(value).toBe(0);
});

test('an answer is given again for a few seconds, whatever happens meanwhile', async () => {
  const before = await request(`${store.url}/metrics`);
  await queueMail(
    store.gate.database,
    { smtpUrl: 'smtp://localhost', from: 'a@b.org', to: [] },
    { topic: 'cached', recipients: ['a@b.org'], subject: 's', body: 'b', at: new Date() },
  );
  const metrics = createMetrics(store.gate);
  let queries = 0;
  const counting = createMetrics({
    ...store.gate,
    trust: {
      current: async (db) => {
        queries += 1;
        return store.gate.trust.current(db);
      },
    },
  });
  const all = await Promise.all(Array.from({ length: 20 }, () => counting.read()));
  expect(queries).toBe(1);
  expect(new Set(all.map(({ text }) => text)).size).toBe(1);
  expect(valueOf(parse(before.body), 'portcullis_mail', { state: 'waiting' })).toBe(0);
  expect(valueOf(parse((await metrics.read()).text), 'portcullis_mail', { state: 'waiting' })).toBe(1);
});

test('releases, certificates, requests and mail are counted, also where there are none', async () => {
  const before = await fresh();
  expect(valueOf(before, 'portcullis_releases', { status: 'published' })).toBe(0);
  const answer = await upload(store.url, await store.token('notes'), 'notes', await appArchive({ id: 'notes' }));
  expect(answer.status).toBe(201);
  const after = await fresh();
  expect(valueOf(after, 'portcullis_releases', { status: 'published' })).toBe(1);
  for (const status of ['intended', 'valid', 'expired', 'revoked']) {
    expect(valueOf(after, 'portcullis_certificates', { status })).toBe(0);
  }
  for (const state of ['pending', 'questioned', 'approved', 'declined', 'withdrawn']) {
    expect(valueOf(after, 'portcullis_signing_requests', { state })).toBe(0);
  }
  expect(after.has('portcullis_certificates_earliest_end_seconds')).toBe(false);
});

test('authorities and their lists are there with their times; a list nobody trusts is not', async () => {
  const samples = await fresh();
  const { root, intermediate } = store.authority;
  for (const [kind, { certificate }] of [
    ['root', root],
    ['intermediate', intermediate],
  ] as const) {
    const labels = { kind, subject: certificate.subject, fingerprint: certificate.fingerprint };
    expect(valueOf(samples, 'portcullis_certificate_not_after_seconds', labels)).toBe(
      certificate.notAfter.getTime() / 1000,
    );
  }
  const issuer = intermediate.certificate.subject;
  expect(valueOf(samples, 'portcullis_crl_this_update_seconds', { issuer })).toBe(
    Date.parse('2026-01-02T00:00:00Z') / 1000,
  );
  expect(valueOf(samples, 'portcullis_crl_next_update_seconds', { issuer })).toBe(
    Date.parse('2046-01-01T00:00:00Z') / 1000,
  );
  const stranger = createTestAuthority('current', 'Stranger').trust();
  const trust = await store.gate.trust.current();
  const mixed = createTrust({ ...trust, revocationLists: [...trust.revocationLists, ...stranger.revocationLists] });
  const others = await fresh({ trust: { current: async () => mixed } });
  expect(others.get('portcullis_crl_this_update_seconds')).toHaveLength(1);
});

test('what is fetched is there with its failures, and what stands behind the question mark of an address is not', async () => {
  await noteFetchAttempt(store.gate.database, { url: URLS[0], at: new Date(5_000_000), failure: 'no answer' });
  await noteFetchAttempt(store.gate.database, { url: URLS[1], at: new Date(6_000_000), failure: null });
  const samples = await fresh();
  const [one, two] = ['https://crl.example.org/a.crl', 'https://crl.example.org/a.crl #2'];
  expect(valueOf(samples, 'portcullis_crl_fetch_failing', { address: one ?? '' })).toBe(1);
  expect(valueOf(samples, 'portcullis_crl_fetch_failing', { address: two ?? '' })).toBe(0);
  expect(valueOf(samples, 'portcullis_crl_fetch_attempt_seconds', { address: one ?? '' })).toBe(5_000);
  expect(samples.has('portcullis_crl_fetch_success_seconds')).toBe(false);
  const { text } = await createMetrics(store.gate).read();
  expect(text).not.toContain('secret');
});

test('a name can not forge a sample', async () => {
  const commonName = 'x"} 1\nportcullis_releases{status="published"} 1000000\\';
  const subjectDer = writeSequence(writeSet(writeSequence(writeOid('2.5.4.3'), writeUtf8(commonName))));
  const root = makeCertificate({ ...rootOptions, subjectDer });
  const trust = await store.gate.trust.current();
  const [first] = trust.roots;
  if (first === undefined) throw new Error('no root');
  const odd = createTrust({
    ...trust,
    roots: [...trust.roots, { ...first, certificate: root.certificate, file: 'x' }],
  });
  const samples = await fresh({ trust: { current: async () => odd } });
  expect(samples.get('portcullis_certificate_not_after_seconds')).toHaveLength(3);
  expect(valueOf(samples, 'portcullis_releases', { status: 'published' })).toBeLessThan(1000);
});

test('a part that can not be read is left out and counted, and takes no other with it', async () => {
  const samples = await fresh({ trust: { current: () => Promise.reject(new Error('the folder is damaged')) } });
  for (const name of ['certificate_not_after', 'crl_this_update', 'crl_next_update']) {
    expect(samples.has(`portcullis_${name}_seconds`)).toBe(false);
  }
  expect(valueOf(samples, 'portcullis_scrape_errors_total', { part: 'trust' })).toBe(1);
  expect(valueOf(samples, 'portcullis_scrape_errors_total', { part: 'releases' })).toBe(0);
  expect(samples.has('portcullis_releases')).toBe(true);
});

test('a database that is gone leaves nothing but the process and the errors', async () => {
  const database = { query: () => Promise.reject(new Error('gone')) } as unknown as Gate['database'];
  const samples = await fresh({ database });
  for (const name of ['releases', 'certificates', 'mail', 'signing_requests', 'certificates_ending_soon']) {
    expect(samples.has(`portcullis_${name}`)).toBe(false);
  }
  for (const part of ['releases', 'certificates', 'mail', 'signing_requests', 'fetched_lists']) {
    expect(valueOf(samples, 'portcullis_scrape_errors_total', { part })).toBe(1);
  }
  expect(samples.has('process_cpu_seconds_total')).toBe(true);
});
