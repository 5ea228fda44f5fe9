import { createHmac, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { localOperator } from '../../src/accounts/local-operator.js';
import { claimDueDelivery } from '../../src/database/webhook-deliveries.js';
import { deliverWebhooks, MAX_DELIVERY_ATTEMPTS } from '../../src/notices/deliver-webhooks.js';
import { publicNetwork } from '../../src/network/network.js';
import { tellPeople } from '../../src/notices/tell-people.js';
import { addWebhook } from '../../src/notices/webhooks.js';
import { request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { webCertificate } from '../support/https-server.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';
import { RECEIVER_HOST, startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';
import { networkTo } from '../unit/network/network-to.js';

const DAY_MS = 24 * 60 * 60 * 1000;

let gate: TestGate;
let receiver: WebhookReceiver;
let ahead = 0;
const network = { ...networkTo(['127.0.0.1']) };
const now = (): Date => new Date(Date.now() + ahead);

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  gate = await startTestGate({ gate: { network, now } });
});

afterAll(async () => {
  await gate.stop();
  await receiver.close();
});

beforeEach(async () => {
  // What an earlier test left waiting is not this one's.
  await gate.gate.database.query('UPDATE webhook_deliveries SET next_try_at = NULL');
  receiver.received.length = 0;
  receiver.answer = (response) => void response.writeHead(204).end();
});

const address = (path = '/hook'): string => `https://${RECEIVER_HOST}:${receiver.port}${path}`;
const manager = (account: string): Promise<string> => gate.token(null, { account, scopes: ['upload', 'manage'] });

async function add(token: string, wish: object = {}): Promise<{ id: string; secret: string }> {
  const body = { url: address(), topics: ['release.published', 'submission.refused'], ...wish };
  const added = await sendJson(`${gate.url}/api/v1/webhooks`, 'POST', token, body);
  expect(added.status).toBe(201);
  return { id: added.body.webhook.id, secret: added.body.secret };
}

const post = (token: string, path: string): Promise<ApiAnswer> =>
  sendJson(`${gate.url}/api/v1/webhooks/${path}`, 'POST', token, {});

async function deliveriesOf(token: string, id: string): Promise<any[]> {
  return (await request(`${gate.url}/api/v1/webhooks/${id}/deliveries`, { token })).body.deliveries;
}

/** A webhook of an account of its own, with a ping that waits. */
async function pinged(wish: object = {}): Promise<{ token: string; id: string; secret: string }> {
  const token = await manager(`dev-${randomUUID().slice(0, 8)}`);
  const webhook = await add(token, wish);
  expect((await post(token, `${webhook.id}/ping`)).status).toBe(202);
  return { token, ...webhook };
}

const deliver = () => deliverWebhooks(gate.gate, { timeoutMs: 700 });

describe('what is sent', () => {
  test('what concerns the account comes once, signed as somebody else would sign it', async () => {
    const token = await manager('signed');
    const { id, secret } = await add(token);
    const uploaded = await upload(gate.url, token, 'signed-app', await appArchive({ id: 'signed-app' }));
    expect(uploaded.status).toBe(201);
    await gate.tell();
    await gate.tell();

    expect(receiver.received).toHaveLength(1);
    const [{ headers, body }] = receiver.received as [WebhookReceiver['received'][number]];
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    expect(Math.abs(Number(headers['webhook-timestamp']) * 1000 - Date.now())).toBeLessThan(60_000);
    expect(JSON.parse(body)).toMatchObject({
      type: 'release.published',
      data: { app: 'signed-app', version: '1.0.0', submission: uploaded.body.id },
    });
    expect(JSON.parse(body).data.link).toBe(`${gate.gate.baseUrl}/console/submissions/${uploaded.body.id}`);
    expect(await deliveriesOf(token, id)).toMatchObject([{ state: 'delivered', lastStatus: 204, attempts: 1 }]);
  });

  test('nothing that it is sent names who decided, nor says their words', async () => {
    const token = await manager('words');
    await add(token, { topics: ['release.quarantined'] });
    await upload(gate.url, token, 'words-app', await appArchive({ id: 'words-app' }));
    const status = { status: 'quarantined', reason: 'said in confidence' };
    const url = `${gate.url}/api/v1/apps/words-app/releases/1.0.0/status`;
    expect((await sendJson(url, 'PUT', gate.operatorToken, status)).status).toBe(200);
    await gate.tell();
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]?.body).not.toMatch(/operator|confidence|token/);
  });

  test('of two replicas that tell and deliver at once each thing is told once', async () => {
    const other = await startTestGate({ replicaOf: gate, gate: { network, now, secrets: gate.gate.secrets } });
    try {
      const token = await manager('replicas');
      await add(token, { topics: ['release.published', 'submission.accepted'] });
      for (let count = 0; count < 6; count += 1) {
        const id = `replicas-${count}`;
        await upload(gate.url, token, id, await appArchive({ id }));
      }
      await Promise.all([gate.tell(), other.tell(), gate.tell(), other.tell()]);
      await Promise.all([gate.tell(), other.tell()]);
      const told = receiver.received.map(({ body }) => `${JSON.parse(body).type} ${JSON.parse(body).data.app}`);
      expect(told).toHaveLength(12);
      expect(new Set(told).size).toBe(12);
    } finally {
      await other.stop();
    }
  });

  test('what dies between the outbox and the cursor leaves neither, and nothing is lost or told twice', async () => {
    const token = await manager('crash');
    const { id } = await add(token);
    await upload(gate.url, token, 'crash-app', await appArchive({ id: 'crash-app' }));
    await gate.gate.database.query(
      `CREATE FUNCTION break_cursor() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$`,
    );
    await gate.gate.database.query(
      'CREATE TRIGGER break_cursor BEFORE UPDATE ON audit_readers FOR EACH ROW EXECUTE FUNCTION break_cursor()',
    );
    await expect(tellPeople(gate.gate)).rejects.toThrow('broken');
    expect(await deliveriesOf(token, id)).toEqual([]);
    await gate.gate.database.query('DROP TRIGGER break_cursor ON audit_readers');
    expect((await tellPeople(gate.gate)).deliveries).toBe(1);
    expect((await tellPeople(gate.gate)).deliveries).toBe(0);
    expect(await deliveriesOf(token, id)).toHaveLength(1);
  });

  test('what a worker took and never finished is made by another, under the same id', async () => {
    const { token, id } = await pinged();
    const at = now();
    const taken = await claimDueDelivery(gate.gate.database, {
      at,
      untilAt: new Date(at.getTime() + 60_000),
      busy: { proven: [], unproven: [] },
      provenOnly: false,
    });
    expect(await deliver()).toEqual({ delivered: 0, failed: 0 });
    ahead += 61_000;
    expect(await deliver()).toEqual({ delivered: 1, failed: 0 });
    expect(receiver.received[0]?.headers['webhook-id']).toBe(taken?.id);
    expect(await deliveriesOf(token, id)).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  test('of many workers at once each delivery is made by one', async () => {
    for (let count = 0; count < 10; count += 1) await pinged();
    const counts = await Promise.all([deliver(), deliver(), deliver()]);
    expect(counts.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(10);
    expect(receiver.received).toHaveLength(10);
  });

  test('what is replayed comes again under its own id', async () => {
    const { token, id } = await pinged();
    await deliver();
    const [first] = await deliveriesOf(token, id);
    const replayed = await post(token, `${id}/deliveries/${first.id}/replay`);
    expect(replayed).toMatchObject({ status: 202, body: { replayOf: first.id, body: first.body } });
    await deliver();
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([first.id, first.id]);
  });

  test('a new secret signs at once, beside the one before for a day', async () => {
    const { token, id, secret } = await pinged();
    const next = (await post(token, `${id}/secret`)).body.secret as string;
    expect(next).not.toBe(secret);
    const signatures = async (): Promise<number> => {
      await deliver();
      return String(receiver.received.at(-1)?.headers['webhook-signature']).split(' ').length;
    };
    expect(await signatures()).toBe(2);
    ahead += DAY_MS + 1000;
    await post(token, `${id}/ping`);
    expect(await signatures()).toBe(1);
  });
});

describe('a receiver that', () => {
  async function attempted(answer?: WebhookReceiver['answer'], wish: object = {}): Promise<any> {
    if (answer !== undefined) receiver.answer = answer;
    const { token, id } = await pinged(wish);
    await deliver();
    return (await deliveriesOf(token, id))[0];
  }

  test('fails is tried again, and what it said is in the log', async () => {
    const tried = await attempted((response) => void response.writeHead(500).end('secret stack trace'));
    expect(tried).toMatchObject({ state: 'waiting', attempts: 1, lastStatus: 500 });
    expect(tried.lastFailure).toContain('500');
    expect(JSON.stringify(tried)).not.toContain('stack trace');
    expect(new Date(tried.nextTryAt).getTime()).toBeGreaterThan(now().getTime());
    receiver.answer = (response) => void response.writeHead(200).end();
    ahead += 10_000;
    expect(await deliver()).toEqual({ delivered: 1, failed: 0 });
  });

  test('hangs is given up in time, and holds up nobody else', async () => {
    receiver.answer = (response, { url }) => {
      if (url !== '/hangs') response.writeHead(204).end();
    };
    const hanging = await pinged({ url: address('/hangs') });
    const other = await pinged();
    expect(await deliver()).toEqual({ delivered: 1, failed: 1 });
    const [tried] = await deliveriesOf(hanging.token, hanging.id);
    expect(tried).toMatchObject({ state: 'waiting', lastStatus: null });
    expect(tried.lastFailure).toContain('did not answer in full');
    expect(await deliveriesOf(other.token, other.id)).toMatchObject([{ state: 'delivered' }]);
  });

  test('redirects to a private address is not followed', async () => {
    const location = `https://127.0.0.1:${receiver.port}/elsewhere`;
    const tried = await attempted((response) => void response.writeHead(307, { location }).end());
    expect(tried.lastFailure).toContain('redirects');
    expect(receiver.received.map(({ url }) => url)).toEqual(['/hook']);
  });

  test('answers ten megabytes is heard, and not listened to', async () => {
    let sent = 0;
    const tried = await attempted((response) => {
      response.writeHead(200, { 'content-length': 10 * 1024 * 1024 });
      const more = (): void => {
        while (sent < 10 * 1024 * 1024 && !response.destroyed) {
          sent += 64 * 1024;
          if (!response.write(Buffer.alloc(64 * 1024))) return void response.once('drain', more);
        }
      };
      more();
    });
    expect(tried).toMatchObject({ state: 'delivered', lastStatus: 200 });
    expect(sent).toBeLessThan(10 * 1024 * 1024);
  });

  test('closes in the middle is tried again', async () => {
    const tried = await attempted((response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    });
    expect(tried).toMatchObject({ state: 'waiting' });
    expect(tried.lastFailure).toContain('failed');
  });

  test('answers byte by byte is given up in time', async () => {
    const tried = await attempted((response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 50);
      response.on('close', () => clearInterval(drip));
    });
    expect(tried.lastFailure).toContain('did not answer in full');
  });

  test('has a certificate of another name is told nothing', async () => {
    const wrong = await startWebhookReceiver(webCertificate(['other.example']));
    try {
      const tried = await attempted(undefined, { url: `https://${RECEIVER_HOST}:${wrong.port}/` });
      expect(tried.lastFailure).toContain('certificate');
      expect(wrong.received).toEqual([]);
    } finally {
      await wrong.close();
    }
  });

  test('is within our own network is not asked, and what is there is not told', async () => {
    const { token, id } = await pinged();
    const replica = { ...gate.gate, network: { ...network, isAllowed: () => false } };
    await deliverWebhooks(replica);
    const [tried] = await deliveriesOf(token, id);
    expect(tried.lastFailure).not.toContain('127.0.0.1');
    expect(receiver.received).toEqual([]);
  });

  test('fails for three days is switched off, its owner is told, and can switch it on again', async () => {
    receiver.answer = (response) => void response.writeHead(503).end();
    const { token, id } = await pinged();
    const began = now().getTime();
    for (let attempt = 1; attempt < MAX_DELIVERY_ATTEMPTS; attempt += 1) {
      expect(await deliver()).toEqual({ delivered: 0, failed: 1 });
      const [{ nextTryAt }] = await deliveriesOf(token, id);
      ahead += new Date(nextTryAt).getTime() - now().getTime() + 1000;
    }
    expect(now().getTime() - began).toBeGreaterThan(3 * DAY_MS);
    expect(await deliver()).toEqual({ delivered: 0, failed: 1 });
    const disabled = await request(`${gate.url}/api/v1/webhooks/${id}`, { token });
    expect(disabled.body).toMatchObject({ enabled: false });
    expect((await deliveriesOf(token, id))[0]).toMatchObject({ state: 'given-up', attempts: MAX_DELIVERY_ATTEMPTS });
    const { rows } = await gate.gate.database.query(
      `SELECT 1 FROM audit_log WHERE kind = 'webhook-disabled' AND subject_id = $1`,
      [id],
    );
    expect(rows).toHaveLength(1);
    expect((await post(token, `${id}/ping`)).body.code).toBe('WEBHOOK_REFUSED');
    const wish = { url: address(), topics: ['release.published'], enabled: true };
    const enabled = await sendJson(`${gate.url}/api/v1/webhooks/${id}`, 'PUT', token, wish);
    expect(enabled.body).toMatchObject({ enabled: true });
    expect((await post(token, `${id}/ping`)).status).toBe(202);
  });
});

describe('what hangs or fails', () => {
  /** Pings that wait, of one account each: hooks that nothing is answered to. */
  async function hanging(accounts: number, hooks: number): Promise<void> {
    const token = await Promise.all(Array.from({ length: accounts }, () => manager(`dev-${randomUUID().slice(0, 8)}`)));
    for (const each of token) {
      for (let hook = 0; hook < hooks; hook += 1) {
        const { id } = await add(each, { url: address('/hangs') });
        expect((await post(each, `${id}/ping`)).status).toBe(202);
      }
    }
  }

  const urls = (): readonly string[] => receiver.received.map(({ url }) => url);

  test('in many webhooks of eight accounts comes once an account before the ninth account is served', async () => {
    receiver.answer = (response, { url }) => {
      if (url !== '/hangs') response.writeHead(204).end();
    };
    await hanging(8, 4);
    await pinged();
    await deliver();
    expect(urls().filter((url) => url === '/hook')).toHaveLength(1);
    expect(urls().indexOf('/hook')).toBeLessThanOrEqual(8);
  });

  test('keeps nothing from a webhook to which things get through, though nobody lets go of it', async () => {
    const held: ServerResponse[] = [];
    let answered = 0;
    let allAnswered = (): void => {};
    const done = new Promise<void>((resolve) => (allAnswered = resolve));
    receiver.answer = (response, { url }) => {
      if (url === '/hangs') return void held.push(response);
      response.writeHead(204).end();
      answered += 1;
      if (answered === 4) allAnswered();
    };
    const good = await pinged();
    await deliver();
    const own = await add(good.token, { url: address('/hangs') });
    await post(good.token, `${own.id}/ping`);
    await hanging(8, 2);
    const delivering = deliverWebhooks(gate.gate, { timeoutMs: 60_000 });
    for (let count = 0; count < 3; count += 1) await post(good.token, `${good.id}/ping`);
    await done;
    expect(await deliveriesOf(good.token, good.id)).toHaveLength(4);
    receiver.answer = (response) => void response.writeHead(204).end();
    for (const response of held) response.writeHead(204).end();
    expect((await delivering).failed).toBe(0);
  }, 60_000);

  test('at a webhook is waited for by every replica, and then the rest comes in order', async () => {
    const other = await startTestGate({ replicaOf: gate, gate: { network, now, secrets: gate.gate.secrets } });
    try {
      let release = (): void => {};
      const arrived = new Promise<void>((resolve) => {
        receiver.answer = (response) => {
          release = () => void response.writeHead(204).end();
          receiver.answer = (next) => void next.writeHead(204).end();
          resolve();
        };
      });
      const { token, id } = await pinged();
      for (let count = 0; count < 2; count += 1) await post(token, `${id}/ping`);
      const first = deliverWebhooks(gate.gate, { timeoutMs: 60_000 });
      await arrived;
      expect(await deliverWebhooks(other.gate)).toEqual({ delivered: 0, failed: 0 });
      expect(receiver.received).toHaveLength(1);
      release();
      expect(await first).toEqual({ delivered: 3, failed: 0 });
      const told = [...(await deliveriesOf(token, id))].reverse().map((each) => String(each.id));
      expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(told);
    } finally {
      await other.stop();
    }
  });

  test('is left alone for a while: one thing is tried, and the others not before that', async () => {
    receiver.answer = (response) => void response.writeHead(500).end();
    const { token, id } = await pinged();
    for (let count = 0; count < 2; count += 1) await post(token, `${id}/ping`);
    expect(await deliver()).toEqual({ delivered: 0, failed: 1 });
    expect(await deliver()).toEqual({ delivered: 0, failed: 0 });
    ahead += 10_000;
    expect(await deliver()).toEqual({ delivered: 0, failed: 1 });
    // What waits longest goes first, whoever has been tried already: it is what tells that the webhook is hopeless.
    expect((await deliveriesOf(token, id)).map(({ attempts }) => attempts as number)).toEqual([0, 0, 2]);
    receiver.answer = (response) => void response.writeHead(204).end();
    ahead += 10 * 60_000;
    expect(await deliver()).toEqual({ delivered: 3, failed: 0 });
  });
});

describe('who may have one', () => {
  test.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://169.254.169.254/latest',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://hook.localhost/',
  ])('%s is refused before anything is sent there', async (url) => {
    const caller = await localOperator(gate.gate.database);
    const added = addWebhook({ ...gate.gate, network: publicNetwork }, caller, { url, topics: ['release.published'] });
    await expect(added).rejects.toMatchObject({
      code: 'WEBHOOK_REFUSED',
      message: expect.stringMatching(/^Nothing is sent there: .* within reach\.$/),
    });
  });

  test.each([
    'http://hooks.example/',
    'https://user:pass@hooks.example/',
    'ftp://hooks.example/',
    'file:///etc/passwd',
    'nonsense',
  ])('nothing is sent to %s', async (url) => {
    const token = await manager('refused-urls');
    const answer = await sendJson(`${gate.url}/api/v1/webhooks`, 'POST', token, { url, topics: ['release.published'] });
    expect([answer.status, answer.body.code]).toEqual([422, 'WEBHOOK_REFUSED']);
  });

  test('a token for some apps, or without "manage", adds none, nor does a developer ask for moderators\' topics', async () => {
    const wish = { url: address(), topics: ['release.published'] };
    const url = `${gate.url}/api/v1/webhooks`;
    const narrow = await gate.token(['narrow-app'], { account: 'narrow', scopes: ['manage'] });
    const uploader = await gate.token(null, { account: 'narrow', scopes: ['upload'] });
    expect((await sendJson(url, 'POST', narrow, wish)).body.code).toBe('SCOPE_INSUFFICIENT');
    expect((await sendJson(url, 'POST', uploader, wish)).body.code).toBe('SCOPE_INSUFFICIENT');
    const token = await manager('narrow');
    const moderators = await sendJson(url, 'POST', token, { ...wish, topics: ['review.waiting'] });
    expect(moderators.body.code).toBe('SCOPE_INSUFFICIENT');
  });

  test("somebody else's webhook is not there, whatever is done with it", async () => {
    const { id, token } = await pinged();
    const other = await manager('somebody-else');
    const [delivery] = await deliveriesOf(token, id);
    const wish = { url: address(), topics: ['release.published'], enabled: true };
    for (const answer of [
      await request(`${gate.url}/api/v1/webhooks/${id}`, { token: other }),
      await sendJson(`${gate.url}/api/v1/webhooks/${id}`, 'PUT', other, wish),
      await request(`${gate.url}/api/v1/webhooks/${id}`, { token: other, method: 'DELETE' }),
      await request(`${gate.url}/api/v1/webhooks/${id}/deliveries`, { token: other }),
      await post(other, `${id}/ping`),
      await post(other, `${id}/secret`),
      await post(other, `${id}/deliveries/${delivery.id}/replay`),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
    }
  });

  test('an account has twenty at most, also where many are asked for at once', async () => {
    const token = await manager('many');
    const wish = { url: address(), topics: ['release.published'] };
    const answers = await Promise.all(
      Array.from({ length: 24 }, () => sendJson(`${gate.url}/api/v1/webhooks`, 'POST', token, wish)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
  });

  test('the secret is sealed, and is nowhere else in the database', async () => {
    const { secret } = await pinged();
    const { rows } = await gate.gate.database.query(
      `SELECT 1 FROM webhooks WHERE position($1::bytea IN secret) > 0
       UNION ALL SELECT 1 FROM audit_log WHERE position($2 IN entry) > 0
       UNION ALL SELECT 1 FROM webhook_deliveries WHERE position($2 IN body) > 0`,
      [Buffer.from(secret.slice(6)), secret.slice(6)],
    );
    expect(rows).toEqual([]);
  });

  test('the webhooks of a suspended account are silent, and what waited for them is given up', async () => {
    const { token, id } = await pinged();
    const name = (
      await gate.gate.database.query<{ name: string }>(
        'SELECT name FROM accounts JOIN webhooks ON account_id = accounts.id WHERE webhooks.id = $1',
        [id],
      )
    ).rows[0]?.name;
    const suspend = `UPDATE accounts SET suspended_at = now(), suspended_by = id, suspension_reason = 'test' WHERE name = $1`;
    await gate.gate.database.query(suspend, [name]);
    expect(await deliver()).toEqual({ delivered: 0, failed: 0 });
    await gate.gate.database.query(
      'UPDATE accounts SET suspended_at = NULL, suspended_by = NULL, suspension_reason = NULL WHERE name = $1',
      [name],
    );
    expect(await deliver()).toEqual({ delivered: 0, failed: 0 });
    expect(await deliveriesOf(token, id)).toMatchObject([{ state: 'given-up' }]);
  });

  test('it is told what its account owned then, not what it came to own since', async () => {
    const [first, second] = [await manager('owner-then'), await manager('owner-since')];
    const then = await add(first, { topics: ['release.withdrawn', 'owners.changed'] });
    const since = await add(second, { topics: ['release.withdrawn', 'owners.changed'] });
    await upload(gate.url, first, 'handed-on', await appArchive({ id: 'handed-on' }));
    const url = `${gate.url}/api/v1/apps/handed-on`;
    const status = { status: 'withdrawn', reason: 'test' };
    expect((await sendJson(`${url}/releases/1.0.0/status`, 'PUT', first, status)).status).toBe(200);
    expect((await request(`${url}/owners/owner-since`, { method: 'PUT', token: first })).status).toBe(200);
    expect((await request(`${url}/owners/owner-then`, { method: 'DELETE', token: second })).status).toBe(200);
    await tellPeople(gate.gate);
    const topicsOf = async (token: string, id: string): Promise<string[]> =>
      (await deliveriesOf(token, id)).map(({ topic }) => String(topic)).sort();
    expect(await topicsOf(first, then.id)).toEqual(['owners.changed', 'owners.changed', 'release.withdrawn']);
    expect(await topicsOf(second, since.id)).toEqual(['owners.changed', 'owners.changed']);
  });
});
