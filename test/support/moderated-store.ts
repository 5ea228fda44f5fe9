import { request, sendJson, upload, type ApiAnswer } from './api.js';
import type { AppArchiveOptions } from './app-archive.js';
import { ask, csrFor } from './signing-requests.js';
import { issueSigner, signedBy } from './store-signer.js';
import { startTestGate, type TestGate } from './test-gate.js';

/** Texts that somebody would send who wants a moderator's browser to do something. */
export const HOSTILE = `<script>alert(1)</script> "><img src=x onerror=alert(2)> javascript:alert(3) \u202Egnp.exe`;

/** A store with one of everything that waits for a moderator, and the tokens of the people in it. */
export interface ModeratedStore {
  readonly store: TestGate;
  /** Of `ada`, who owns the app `calendar`. */
  readonly developer: string;
  /** Of `mia` and `max`. */
  readonly moderator: string;
  readonly secondModerator: string;
  /** The id of the review of that kind. */
  readonly reviews: Readonly<Record<'held' | 'appeal' | 'signing-request' | 'quarantine' | 'report', string>>;
  /** The serial of a certificate of `calendar`. */
  readonly serial: string;
  /** Uploads another held version of `calendar`, and returns its review. */
  readonly holdAnother: (version: string) => Promise<string>;
  readonly reviewOf: (kind: string, version: string) => Promise<string>;
}

const JAVASCRIPT = 'console.log("calendar");\nconst greeting = "hello";\nexport { greeting };\n';
const CHANGED = `console.log("calendar");\nconst greeting = "${HOSTILE.replaceAll('"', "'")}";\nexport { greeting };\n`;

/** Files that a moderator looks at, with names and contents of somebody who means no good. */
const hostileFiles: Readonly<Record<string, string | Buffer | null>> = {
  'js/script.js': CHANGED,
  'templates/evil"><img src=x onerror=alert(4)>.php': '<script>alert(5)</script>\n',
  'img/evil.svg': '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(6)</script></svg>\n',
  'img/photo.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]),
  'css/style.css': null,
};

/** Starts a gate and makes, by its API, everything that a moderator can find in the console. */
export async function startModeratedStore(): Promise<ModeratedStore> {
  const store = await startTestGate({
    ownAuthority: true,
    gate: { rules: { requireSignature: false, modes: { SIGNER_CHANGED: 'hold', INFO_XML_INCOMPLETE: 'refuse' } } },
  });
  try {
    return await fill(store);
  } catch (error) {
    await store.stop();
    throw error;
  }
}

async function fill(store: TestGate): Promise<ModeratedStore> {
  const { url, gate } = store;
  const developer = await store.token(null, { account: 'ada', scopes: ['upload', 'manage'] });
  const moderator = await store.token(null, { account: 'mia', scopes: ['upload', 'manage', 'moderate'] });
  const secondModerator = await store.token(null, { account: 'max', scopes: ['upload', 'manage', 'moderate'] });
  const send = async (version: string, options: AppArchiveOptions = {}): Promise<ApiAnswer> => {
    const signer = await issueSigner(gate, 'calendar');
    return upload(url, developer, 'calendar', await signedBy(signer, { version, ...options }));
  };
  const signer = await issueSigner(gate, 'calendar');
  const first = { version: '1.0.0', files: { 'js/script.js': JAVASCRIPT } };
  expectStatus(await upload(url, developer, 'calendar', await signedBy(signer, first)), 201);
  const next = { version: '1.0.1', files: { 'js/script.js': JAVASCRIPT } };
  expectStatus(await upload(url, developer, 'calendar', await signedBy(signer, next)), 201);

  const reviewOf = async (kind: string, version: string): Promise<string> => {
    const { body } = await request(`${url}/api/v1/reviews?kind=${kind}`, { token: moderator });
    const found = (body.reviews as { id: string; version: string | null; appId: string }[]).find(
      (each) => each.version === version || version === '',
    );
    if (found === undefined) throw new Error(`No review of the kind ${kind}`);
    return found.id;
  };
  const holdAnother = async (version: string): Promise<string> => {
    expectStatus(await send(version), 202);
    return reviewOf('held', version);
  };

  expectStatus(
    await send('1.1.0', { name: `Calendar ${HOSTILE.replace(/[<>&\u202E]/g, '')}`, files: hostileFiles }),
    202,
  );
  const refused = await send('1.2.0', { infoXml: INCOMPLETE });
  expectStatus(refused, 422);
  const { id } = refused.body as { id: string };
  const appeal = { text: `It is complete, look again. ${HOSTILE}` };
  expectStatus(await sendJson(`${url}/api/v1/submissions/${id}/appeal`, 'POST', developer, appeal), 201);
  const csr = await csrFor('contacts');
  const wish = { csr, purpose: 'new', contact: 'ada@example.org', note: HOSTILE.replace('\u202E', '') };
  expectStatus(await ask(store, developer, 'contacts', wish), 201);
  const status = { status: 'quarantined', reason: `Somebody says it is harmful. ${HOSTILE}`, reasonCode: 'malware' };
  const release = `${url}/api/v1/apps/calendar/releases/1.0.1/status`;
  expectStatus(await sendJson(release, 'PUT', moderator, status), 200);
  const report = {
    version: '1.0.0',
    category: 'malware',
    text: `It does harm. ${HOSTILE}`,
    contact: 'bob@example.org',
  };
  const reported = await request(`${url}/api/v1/apps/calendar/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(report),
  });
  expectStatus(reported, 201);
  return {
    store,
    developer,
    moderator,
    secondModerator,
    serial: signer.leaf.serial,
    holdAnother,
    reviewOf,
    reviews: {
      held: await reviewOf('held', '1.1.0'),
      appeal: await reviewOf('appeal', '1.2.0'),
      'signing-request': await reviewOf('signing-request', ''),
      quarantine: await reviewOf('quarantine', '1.0.1'),
      report: await reviewOf('report', '1.0.0'),
    },
  };
}

/** Without what people choose an app by. */
const INCOMPLETE = `<?xml version="1.0" encoding="UTF-8"?>
<info>
  <id>calendar</id>
  <name>Calendar</name>
  <version>1.2.0</version>
</info>
`;

function expectStatus({ status, body }: ApiAnswer, wanted: number): void {
  if (status !== wanted)
    throw new Error(`The store answered ${status}, not ${wanted}: ${JSON.stringify(body).slice(0, 2000)}`);
}
