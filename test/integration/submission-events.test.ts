import { setTimeout as sleep } from 'node:timers/promises';
import { inTransaction } from '../../src/database/connect.js';
import { appendReviewEvent, listReviewsOfSubmission } from '../../src/database/reviews.js';
import { findAccount } from '../../src/database/accounts.js';
import { followSubmission } from '../../src/notices/follow-submission.js';
import { createStreamRoom } from '../../src/notices/stream-room.js';
import { authenticate } from '../../src/accounts/tokens.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;

beforeAll(async () => {
  gate = await startTestGate({ gate: { streamRoom: createStreamRoom({ total: 5, perAccount: 3 }) } });
});

afterAll(async () => gate.stop());

interface Stream {
  readonly status: number;
  readonly headers: Headers;
  /** The next event; null where the stream ended. */
  next(): Promise<{ event: string; id: string | null; data: any } | null>;
  close(): void;
}

async function follow(id: string, token: string, headers: Record<string, string> = {}): Promise<Stream> {
  const end = new AbortController();
  const response = await fetch(`${gate.url}/api/v1/submissions/${id}/events`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: end.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  return {
    status: response.status,
    headers: response.headers,
    async next() {
      for (;;) {
        const cut = rest.indexOf('\n\n');
        if (cut !== -1) {
          const lines = rest.slice(0, cut).split('\n');
          rest = rest.slice(cut + 2);
          const field = (name: string) =>
            lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null;
          const event = field('event');
          if (event === null) continue;
          return { event, id: field('id'), data: JSON.parse(field('data') ?? 'null') };
        }
        const chunk = await reader?.read().catch(() => undefined);
        if (chunk?.value === undefined) return null;
        rest += chunk.value;
      }
    },
    close: () => end.abort(),
  };
}

/** A submission that was accepted, and the token of whoever made it. */
async function submitted(id: string): Promise<{ id: string; token: string }> {
  const token = await gate.token(id, { scopes: ['upload', 'manage'] });
  const answer = await upload(gate.url, token, id, await appArchive({ id }));
  expect(answer.status).toBe(201);
  return { id: answer.body.id as string, token };
}

async function setStatus(appId: string, status: string): Promise<void> {
  const url = `${gate.url}/api/v1/apps/${appId}/releases/1.0.0/status`;
  expect((await sendJson(url, 'PUT', gate.operatorToken, { status, reason: `now ${status}` })).status).toBe(200);
}

async function readUntil(stream: Stream, event: string): Promise<{ id: string | null; data: any }> {
  for (;;) {
    const next = await stream.next();
    if (next === null) throw new Error(`The stream ended before ${event}.`);
    if (next.event === event) return next;
  }
}

test('the state comes first, then what happened, then what happens, with nobody of the store named', async () => {
  const { id, token } = await submitted('follow-life');
  const stream = await follow(id, token);
  expect(stream.status).toBe(200);
  expect(stream.headers.get('content-type')).toBe('text/event-stream');
  expect(stream.headers.get('cache-control')).toBe('no-store');
  expect(stream.headers.get('x-accel-buffering')).toBe('no');
  expect(await stream.next()).toMatchObject({ event: 'state', id: null, data: { submission: id, state: 'accepted' } });
  expect(await stream.next()).toMatchObject({ event: 'submission-accepted', data: { from: 'developer' } });
  expect(await stream.next()).toMatchObject({ event: 'release-published' });
  expect(await stream.next()).toMatchObject({ event: 'state' });
  await setStatus('follow-life', 'quarantined');
  const told = await readUntil(stream, 'release-quarantined');
  expect(told.data).toMatchObject({ from: 'store', text: 'now quarantined' });
  expect(JSON.stringify(told)).not.toContain('operator');
  stream.close();
});

test('whoever goes on from the last id gets all that came since, and nothing twice', async () => {
  const { id, token } = await submitted('follow-on');
  const first = await follow(id, token);
  const { id: last } = await readUntil(first, 'release-published');
  first.close();
  await setStatus('follow-on', 'quarantined');
  await setStatus('follow-on', 'published');
  const second = await follow(id, token, { 'last-event-id': last ?? '' });
  const events = [];
  for (let count = 0; count < 3; count += 1) events.push((await second.next())?.event);
  expect(events).toEqual(['state', 'release-quarantined', 'release-restored']);
  second.close();
});

test('what moderators say among themselves is not told', async () => {
  const { id, token } = await submitted('follow-quiet');
  const account = await findAccount(gate.gate.database, 'operator');
  await gate.gate.database.query(
    `INSERT INTO reviews (kind, app_id, submission_id, version, opened_at) VALUES ('appeal', 'follow-quiet', $1, '1.0.0', now())`,
    [id],
  );
  const [review] = await listReviewsOfSubmission(gate.gate.database, id);
  const say = (kind: 'note' | 'question', isInternal: boolean, text: string): Promise<void> =>
    inTransaction(gate.gate.database, (tx) =>
      appendReviewEvent(tx, {
        reviewId: review?.id ?? '',
        kind,
        accountId: account?.id ?? null,
        isInternal,
        text,
        detail: {},
        happenedAt: new Date(),
      }),
    );
  const stream = await follow(id, token);
  await readUntil(stream, 'release-published');
  await say('note', true, 'a secret note');
  await say('question', true, 'a secret question');
  await say('question', false, 'an open question');
  const events: string[] = [];
  for (;;) {
    const next = await stream.next();
    if (next === null) break;
    events.push(JSON.stringify(next));
    if (next.event === 'review-question') break;
  }
  expect(events.at(-1)).toContain('an open question');
  expect(events.join()).not.toContain('secret');
  stream.close();
});

test('only who may read the submission follows it', async () => {
  const { id } = await submitted('follow-mine');
  const other = await gate.token('follow-other');
  const narrow = await gate.token(['some-other-app'], { account: 'follow-mine' });
  expect((await request(`${gate.url}/api/v1/submissions/${id}/events`)).status).toBe(401);
  for (const token of [other, narrow]) {
    const answer = await request(`${gate.url}/api/v1/submissions/${id}/events`, { token });
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
  }
  const moderator = await follow(id, gate.operatorToken);
  expect(moderator.status).toBe(200);
  moderator.close();
});

test('a token that is revoked hears nothing more', async () => {
  const { id, token } = await submitted('follow-revoked');
  const stream = await follow(id, token);
  await readUntil(stream, 'release-published');
  const own = await authenticate(gate.gate.database, token, gate.gate.now());
  await request(`${gate.url}/api/v1/tokens/${own.tokenId}`, { method: 'DELETE', token });
  await setStatus('follow-revoked', 'quarantined');
  for (;;) {
    const next = await stream.next();
    if (next === null) break;
    expect(next.event).not.toBe('release-quarantined');
  }
});

test('an account that is suspended hears nothing more, also where nothing happens', async () => {
  const { id, token } = await submitted('follow-suspended');
  const caller = await authenticate(gate.gate.database, token, gate.gate.now());
  const { signal } = new AbortController();
  const events: (string | null)[] = [];
  for await (const { event } of followSubmission(gate.gate, caller, id, { after: 0, signal, keepAliveMs: 50 })) {
    events.push(event);
    if (event !== null) continue;
    await gate.gate.database.query(
      `UPDATE accounts SET suspended_at = now(), suspended_by = id, suspension_reason = 'test' WHERE name = 'follow-suspended'`,
    );
  }
  expect(events.filter((event) => event === null)).toHaveLength(1);
});

test('an account and the process have their bounds, and whoever goes makes room', async () => {
  const { id, token } = await submitted('follow-bounds');
  const own = await Promise.all([follow(id, token), follow(id, token), follow(id, token)]);
  const refused = await request(`${gate.url}/api/v1/submissions/${id}/events`, { token });
  expect([refused.status, refused.body.code]).toEqual([429, 'TOO_MANY_OPEN']);
  const others = await Promise.all([follow(id, gate.operatorToken), follow(id, gate.operatorToken)]);
  const full = await request(`${gate.url}/api/v1/submissions/${id}/events`, { token: gate.operatorToken });
  expect([full.status, full.headers.get('retry-after')]).toEqual([503, '10']);
  for (const stream of [...own, ...others]) stream.close();
  for (let left = 100; ; left -= 1) {
    const again = await follow(id, token);
    again.close();
    if (again.status === 200) break;
    expect(left).toBeGreaterThan(0);
    await sleep(20);
  }
});

test('HEAD is answered and ends', async () => {
  const { id, token } = await submitted('follow-head');
  const answer = await fetch(`${gate.url}/api/v1/submissions/${id}/events`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${token}` },
  });
  expect([answer.status, await answer.text()]).toEqual([200, '']);
});

test('the end of the gate ends the stream', async () => {
  const other = await startTestGate({ replicaOf: gate });
  try {
    const { id, token } = await submitted('follow-end');
    const response = await fetch(`${other.url}/api/v1/submissions/${id}/events`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await other.gate.audit.close();
    expect(await response.text()).toContain('event: state');
  } finally {
    await other.stop();
  }
});

test('what another replica writes is told at once, and where nothing is passed on, soon', async () => {
  const other = await startTestGate({ replicaOf: gate });
  try {
    const { id, token } = await submitted('follow-replica');
    const response = await fetch(`${other.url}/api/v1/submissions/${id}/events`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    const listen = async (until: string): Promise<void> => {
      while (!heard.includes(until)) heard += (await reader?.read())?.value ?? '';
    };
    await listen('release-published');
    await setStatus('follow-replica', 'quarantined');
    await listen('release-quarantined');
    // The connection that listens breaks.
    await gate.gate.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'portcullis audit' AND datname = current_database()`,
    );
    await setStatus('follow-replica', 'published');
    await listen('release-restored');
    await reader?.cancel();
  } finally {
    await other.stop();
  }
});
