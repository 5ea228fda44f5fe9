import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { readConfig } from '../../src/config.js';
import { operatorTokenFile, serve } from '../../src/serve.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { startMailServer } from '../support/mail-server.js';
import { createTestDatabase } from '../support/test-database.js';

test('a running server tells people by itself, and whoever follows something holds up no end of it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'portcullis-telling-'));
  const { connectionString, database, drop } = await createTestDatabase();
  const mail = await startMailServer();
  const environment = {
    DATA_DIR: dataDir,
    DATABASE_URL: connectionString,
    HOST: '127.0.0.1',
    PORT: '0',
    // What the app declares isn't there.
    SCREENSHOTS: 'off',
    SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
    MAIL_FROM: 'store@example.org',
  };
  const config = { ...readConfig(environment, dataDir), port: 0, shutdownGraceMs: 30_000 };
  const server = await serve(config, pino({ level: 'silent' }));
  let isStopped = false;
  try {
    const token = (await readFile(operatorTokenFile(config), 'utf8')).trim();
    const uploaded = await upload(server.address, token, 'by-itself', await appArchive({ id: 'by-itself' }));
    expect(uploaded.status).toBe(201);
    const other = { scopes: ['upload'], account: 'listener' };
    await sendJson(`${server.address}/api/v1/tokens`, 'POST', token, other);
    await request(`${server.address}/api/v1/apps/by-itself/owners/listener`, { method: 'PUT', token });
    await database.query(`UPDATE accounts SET email = 'listener@example.org' WHERE name = 'listener'`);
    const url = `${server.address}/api/v1/apps/by-itself/releases/1.0.0/status`;
    await sendJson(url, 'PUT', token, { status: 'quarantined', reason: 'Look.' });
    while (!mail.received.some(({ source }) => source.includes('put under quarantine'))) await sleep(20);

    const stream = await fetch(`${server.address}/api/v1/submissions/${String(uploaded.body.id)}/events`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(stream.status).toBe(200);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    while (!heard.includes('release-quarantined')) heard += (await reader?.read())?.value ?? '';
    const began = performance.now();
    isStopped = true;
    await server.stop();
    // Otherwise it would have taken the whole grace.
    expect(performance.now() - began).toBeLessThan(config.shutdownGraceMs);
    while ((await reader?.read())?.done === false);
  } finally {
    if (!isStopped) await server.stop();
    await mail.close();
    await drop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
