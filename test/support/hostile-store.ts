import { request, sendJson, upload, type ApiAnswer } from './api.js';
import { appArchive, type AppArchiveOptions } from './app-archive.js';
import { webCertificate } from './https-server.js';
import { startMailServer, type TestMailServer } from './mail-server.js';
import { signedApp } from './signed-app.js';
import { act, ask, csrFor } from './signing-requests.js';
import { issueSigner } from './store-signer.js';
import { createTestAuthority } from './test-authority.js';
import { startTestGate, type TestGate } from './test-gate.js';
import { JUNK, NESTED, onReview } from './verdicts.js';
import { RECEIVER_HOST, startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.js';
import { networkTo } from '../unit/network/network-to.js';

/** Breaks out of texts, attributes in either quotes, titles, textareas, scripts and comments; `mark` tells where it came from. */
export function hostile(mark: string): string {
  return `${mark}"'></title></textarea></script>--><x-evil onclick=1></x-evil><img src=x onerror=broken()> " x-evil="1" onclick="1 ' x-evil='1`;
}

/** The same for mail, too: with lines that would be headers. */
export function hostileLines(mark: string): string {
  return `${hostile(mark)}\r\nBcc: evil@example.org\r\nX-Evil: 1\r\n\r\n<x-evil>`;
}

const short = (mark: string): string => `${mark}"'><x-evil onclick=1> x-evil=1`;

/** Where texts come in; each is the mark of what came in there, and must be seen by somebody. */
export const marks = [
  'in-file-name',
  'in-junk-name',
  'in-app-name',
  'in-common-name',
  'in-appeal',
  'in-question',
  'in-answer',
  'in-note',
  'in-report',
  'in-contact',
  'in-verdict',
  'in-quarantine',
  'in-app-suspension',
  'in-account-suspension',
  'in-level',
  'in-rule',
  'in-role',
  'in-revocation',
  'in-token-label',
  'in-user-agent',
  'in-request-note',
  'in-request-contact',
] as const;

/** A store in which everybody who can say something means harm. */
export interface HostileStore {
  readonly gate: TestGate;
  readonly mail: TestMailServer;
  readonly receiver: WebhookReceiver;
  readonly tokens: Readonly<Record<'developer' | 'moderator' | 'administrator', string>>;
  /** Addresses of the console that are linked from none of its pages for sure. */
  readonly seeds: readonly string[];
  stop(): Promise<void>;
}

const xml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

function hostileInfo(id: string, version: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<info>
  <id>${id}</id>
  <name>${xml(short('in-app-name'))}</name>
  <summary>${xml(hostile('in-summary'))}</summary>
  <description>${xml(hostile('in-description'))}</description>
  <version>${version}</version>
  <licence>AGPL</licence>
  <author mail="ada@example.org" homepage="javascript:broken()">${xml(short('in-author'))}</author>
  <category>productivity</category>
  <website>javascript:broken()//in-website</website>
  <bugs>javascript:broken()//in-bugs</bugs>
  <repository>javascript:broken()//in-repository</repository>
  <screenshot>https://example.org/calendar.png</screenshot>
  <dependencies><owncloud min-version="10.0" max-version="10"/></dependencies>
</info>
`;
}

/** Starts it, and says everything that can be said by the API. */
export async function startHostileStore(): Promise<HostileStore> {
  const mail = await startMailServer();
  const receiver = await startWebhookReceiver(webCertificate([RECEIVER_HOST]));
  const gate = await startTestGate({
    ownAuthority: true,
    environment: { SMTP_URL: `smtp://127.0.0.1:${mail.port}`, MAIL_FROM: 'store@example.org' },
    gate: {
      network: networkTo(['127.0.0.1']),
      rules: { requireSignature: false, modes: { JUNK_FILES: 'hold' } },
    },
  });
  const { url } = gate;
  const developer = await gate.token(null, { account: 'ada', scopes: ['upload', 'manage'] });
  const moderator = await gate.token(null, { account: 'mia', scopes: ['upload', 'manage', 'moderate'] });
  const administrator = await gate.token(null, {
    account: 'anna',
    scopes: ['upload', 'manage', 'moderate', 'operate'],
  });
  for (const name of ['ada', 'mia', 'anna']) {
    await gate.gate.database.query('UPDATE accounts SET email = $2 WHERE name = $1', [name, `${name}@example.org`]);
  }
  const send = async (method: string, path: string, token: string, body: unknown, wanted = 200): Promise<any> =>
    wantedOf(await sendJson(`${url}/api/v1/${path}`, method, token, body), wanted);
  const put = async (wanted: number, options: AppArchiveOptions): Promise<any> =>
    wantedOf(await upload(url, developer, options.id ?? 'calendar', await appArchive(options)), wanted);

  const hook = {
    url: `https://${RECEIVER_HOST}:${receiver.port}/in-webhook?"'><x-evil>`,
    topics: ['release.published', 'release.quarantined', 'review.decided', 'appeal.decided', 'app.suspended'],
  };
  await send('POST', 'webhooks', developer, hook, 201);
  await send('POST', 'tokens', developer, { scopes: ['upload'], label: short('in-token-label') }, 201);

  const files = {
    [`js/${short('in-file-name')}.js`]: hostile('in-file'),
    [`img/${short('in-picture')}.svg`]: hostile('in-svg'),
  };
  await put(201, { version: '1.0.0' });
  await put(201, { version: '1.1.0', infoXml: hostileInfo('calendar', '1.1.0'), files });
  const junk = { ...files, ...JUNK, [`${short('in-junk-name')}/.env`]: 'A=1\n' };
  const held = await put(202, { version: '1.2.0', infoXml: hostileInfo('calendar', '1.2.0'), files: junk });
  await put(202, { version: '1.3.0', infoXml: hostileInfo('calendar', '1.3.0'), files: { ...junk, 'a.txt': 'a' } });
  const refused = await put(422, {
    version: '1.4.0',
    files: { ...NESTED, [`${short('in-nested')}/appinfo/info.xml`]: '<info/>' },
  });
  const again = await put(422, { version: '1.5.0', infoXml: hostileInfo('calendar', '1.5.0'), files: NESTED });

  await send('POST', `reviews/${held.review.id}/notes`, moderator, { text: hostileLines('in-note') }, 201);
  await send('POST', `reviews/${held.review.id}/question`, moderator, { text: hostileLines('in-question') });
  await send('POST', `submissions/${held.id}/answer`, developer, { text: hostileLines('in-answer') });
  await send('POST', `submissions/${refused.id}/appeal`, developer, { text: hostileLines('in-appeal') }, 201);
  const appeal = await send(
    'POST',
    `submissions/${again.id}/appeal`,
    developer,
    { text: hostileLines('in-appeal') },
    201,
  );
  const denied = { verdict: 'denied', reason: hostileLines('in-verdict') };
  wantedOf(await onReview(gate, moderator, appeal.review.id, 'verdict', denied), 200);
  const report = {
    category: 'malware',
    text: hostileLines('in-report'),
    contact: `in-contact'x-evil@example.org`,
    version: '1.0.0',
  };
  wantedOf(
    await request(`${url}/api/v1/apps/calendar/reports`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(report),
    }),
    201,
  );

  // A stranger's certificate, whose name is what the stranger likes.
  const stranger = createTestAuthority();
  const foreign = await signedApp(stranger, { version: '1.6.0', leaf: stranger.issue(short('in-common-name')) });
  const unknown = wantedOf(await upload(url, developer, 'calendar', foreign), 422);

  const wish = {
    csr: await csrFor('calendar'),
    note: hostileLines('in-request-note'),
    contact: `in-request-contact'x-evil@example.org`,
  };
  const { id: requestId } = wantedOf(await ask(gate, developer, 'calendar', wish), 201);
  await act(gate, moderator, requestId, 'question', { reason: hostileLines('in-request-question') });
  await ask(gate, developer, 'calendar', { csr: await csrFor('calendar', { commonNames: [short('in-csr')] }) });
  const { leaf } = await issueSigner(gate.gate, 'calendar');
  await send('POST', `certificates/${leaf.serial}/revocation`, moderator, {
    reason: 'superseded',
    note: hostileLines('in-revocation'),
  });

  const quarantined = { status: 'quarantined', reason: hostileLines('in-quarantine'), reasonCode: null };
  await send('PUT', 'apps/calendar/releases/1.0.0/status', moderator, quarantined);
  await send('PUT', 'apps/calendar/trust-level', moderator, {
    trustLevel: 'approved',
    reason: hostileLines('in-level'),
  });
  await put(201, { id: 'notes', version: '1.0.0', infoXml: hostileInfo('notes', '1.0.0'), files });
  await send('PUT', 'apps/notes/suspension', moderator, { reason: hostileLines('in-app-suspension') });
  await gate.token(null, { account: 'eve', scopes: ['upload'] });
  await send('PUT', 'accounts/eve/suspension', moderator, { reason: hostileLines('in-account-suspension') });
  await send('PUT', 'accounts/mia/role', administrator, { role: 'administrator', reason: hostileLines('in-role') });
  await send('PUT', 'accounts/mia/role', administrator, { role: 'moderator', reason: 'back' });
  await send('PUT', 'rules/JUNK_FILES', administrator, { mode: 'hold', reason: hostileLines('in-rule') });
  const invitation = await send(
    'POST',
    'invitations',
    developer,
    { kind: 'co-owner', appId: 'calendar', email: `"in-mail'x-evil=1"@example.org` },
    201,
  ).catch(() => null);
  const link = await send('POST', 'invitations', developer, { kind: 'co-owner', appId: 'calendar' }, 201);
  const secret = String((invitation ?? link).link ?? link.link).replace(/^.*\/console/, '/console');

  return {
    gate,
    mail,
    receiver,
    tokens: { developer, moderator, administrator },
    seeds: [
      secret,
      '/console/apps/calendar',
      '/console/apps/notes',
      '/console/apps/calendar/report',
      ...[held.id, refused.id, again.id, unknown.submission?.id ?? unknown.id].map(
        (id) => `/console/submissions/${String(id)}`,
      ),
    ],
    async stop() {
      await gate.stop();
      await receiver.close();
      await mail.close();
    },
  };
}

function wantedOf({ status, body }: ApiAnswer, wanted: number): any {
  if (status === wanted) return body;
  throw new Error(`${status}, not ${wanted}: ${JSON.stringify(body).slice(0, 1500)}`);
}
