import { randomBytes } from 'node:crypto';
import { readReleaseInfo } from '../../src/storefront/release-info.js';
import { tokenIn, visitConsole, type ConsoleAnswer, type ConsoleVisit } from '../support/console-visit.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive, infoXml } from '../support/app-archive.js';
import { act, csrFor } from '../support/signing-requests.js';
import { issueSigner, signedBy } from '../support/store-signer.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';
import { decide, NESTED, onReview, uploadJunk, uploadNested } from '../support/verdicts.js';

/* The developer's and the public pages: what stands on them, for whom, and what their forms do, good and bad. */

const SCRIPT = '<script>alert(1)</script>';
const IMAGE = '"><img src=x onerror=alert(1)>';
const TURNED = '\u202Egnp.exe';

let gate: TestGate;
let token: string;
let ada: ConsoleVisit;
let bob: ConsoleVisit;
let mod: ConsoleVisit;
let modToken: string;
const nobody = (): ConsoleVisit => visitConsole(gate.url);

async function signedIn(bearer: string): Promise<ConsoleVisit> {
  const visit = nobody();
  expect((await visit.signInWithToken(bearer)).status).toBe(303);
  return visit;
}

beforeAll(async () => {
  gate = await startTestGate({ ownAuthority: true, environment: { RULES: 'JUNK_FILES=hold' } });
  token = await gate.token(null, { account: 'ada', scopes: ['upload', 'manage'] });
  ada = await signedIn(token);
  bob = await signedIn(await gate.token(null, { account: 'bob', scopes: ['upload', 'manage'] }));
  modToken = await gate.token(null, { account: 'mod', scopes: ['upload', 'manage', 'moderate'] });
  mod = await signedIn(modToken);
}, 120_000);

afterAll(() => gate.stop());

/** Publishes a release of an app of ada's, unsigned. */
async function publish(id: string, version = '1.0.0'): Promise<string> {
  const { status, body } = await upload(gate.url, token, id, await appArchive({ id, version }));
  if (status !== 201) throw new Error(`Not published but ${status}: ${JSON.stringify(body)}`);
  return body.id as string;
}

/** Sends a zip as a browser's form does. */
async function drop(
  visit: ConsoleVisit,
  path: string,
  archive: Buffer,
  { fields = {}, from = path, csrf }: { fields?: Record<string, string>; from?: string; csrf?: string } = {},
): Promise<ConsoleAnswer> {
  const form = new FormData();
  form.set('csrf', csrf ?? tokenIn((await visit.get(from)).html));
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('archive', new Blob([new Uint8Array(archive)]), 'app.zip');
  const cookie = [...visit.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await fetch(`${gate.url}${path}`, {
    method: 'POST',
    body: form,
    headers: { cookie, origin: gate.url },
    redirect: 'manual',
  });
  const { status, headers } = response;
  return { status, headers, setCookies: [], location: headers.get('location'), html: await response.text() };
}

async function openReviewOf(appId: string): Promise<string> {
  const { body } = await request(`${gate.url}/api/v1/reviews?app=${appId}`, { token: modToken });
  return body.reviews[0].id as string;
}

/** A page without anything that a text from outside could have brought into its markup. */
function expectHarmless(html: string): void {
  expect(html).not.toContain('<script>alert');
  expect(html).not.toContain('<img src=x');
  expect(html).not.toMatch(/href="\s*javascript:/i);
  expect(html).not.toContain('\u202E');
}

describe('my apps', () => {
  it('tells whoever has none what to do next', async () => {
    const newcomer = await signedIn(await gate.token(null, { account: 'newcomer', scopes: ['upload', 'manage'] }));
    const { html } = await newcomer.get('/console/my/apps');
    expect(html).toContain('You have no apps here yet');
    expect(html).toContain('console/my/certificates');
    expect(html).toContain('console/my/apps#upload');
  });

  it('lists each with its newest release, what waits and what was refused last', async () => {
    await publish('listed');
    await uploadJunk(gate, token, 'listed', { version: '1.1.0' });
    const refused = await uploadNested(gate, token, 'listed', { version: '1.2.0' });
    const { html } = await ada.get('/console/my/apps');
    const row = /<tr data-row="console\/my\/apps\/listed">.*?<\/tr>/s.exec(html)?.[0] ?? '';
    expect(row).toContain('1.0.0');
    expect(row).toContain('1 for a moderator');
    expect(row).toContain(`console/submissions/${refused.id}`);
  });

  it('lists nobody else’s', async () => {
    await publish('listed-apart');
    expect((await bob.get('/console/my/apps')).html).not.toContain('listed-apart');
  });

  it('lead whoever is not signed in to sign-in, and back', async () => {
    for (const path of ['my/apps', 'tokens', 'my/certificates', 'notifications']) {
      const { status, location } = await nobody().get(`/console/${path}`);
      expect([status, location]).toEqual([303, `/console/sign-in?returnTo=console%2F${path.replace('/', '%2F')}`]);
    }
  });
});

describe('an upload from a page', () => {
  it('of a new app leads to the submission, and the app is then theirs', async () => {
    const archive = await appArchive({ id: 'dropped' });
    const { status, location } = await drop(ada, '/console/my/apps', archive, { fields: { appId: 'dropped' } });
    expect(status).toBe(303);
    expect(location).toMatch(/^\/console\/submissions\/[0-9a-f-]{36}$/);
    const page = await ada.get(location ?? '');
    expect(page.status).toBe(200);
    expect(page.html).toContain('Accepted and published');
    expect((await ada.get('/console/my/apps/dropped')).status).toBe(200);
  });

  it('of an own app takes the id from the page, whatever the form says', async () => {
    await publish('fixed-id');
    const archive = await appArchive({ id: 'fixed-id', version: '1.1.0' });
    const path = '/console/my/apps/fixed-id/upload';
    const { status, location } = await drop(ada, path, archive, { fields: { appId: 'other' } });
    expect(status).toBe(303);
    expect((await ada.get(location ?? '')).html).toContain('<h1>fixed-id 1.1.0</h1>');
  });

  it('is told beside the form what is wrong, with what was typed', async () => {
    const zip = await appArchive({ id: 'told' });
    const wrongId = await drop(ada, '/console/my/apps', zip, { fields: { appId: 'X"><b>' } });
    expect(wrongId.status).toBe(400);
    expect(wrongId.html).toContain('An app id has 3 to 64');
    expect(wrongId.html).toContain('value="X&quot;>&lt;b>"');
    const noZip = await drop(ada, '/console/my/apps', Buffer.from('no zip at all'), { fields: { appId: 'told' } });
    expect(noZip.status).toBe(415);
    expect(noZip.html).toContain('not a zip');
    const form = new FormData();
    form.set('csrf', tokenIn((await ada.get('/console/my/apps')).html));
    form.set('appId', 'told');
    const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, origin: gate.url };
    const nothing = await fetch(`${gate.url}/console/my/apps`, { method: 'POST', body: form, headers });
    const html = await nothing.text();
    expect([nothing.status, html.includes('Choose the file to upload')]).toEqual([400, true]);
    expect(html).not.toContain('in the field');
  });

  it('of somebody else’s app is refused, on either way', async () => {
    await publish('not-bobs');
    const zip = await appArchive({ id: 'not-bobs', version: '2.0.0' });
    expect((await drop(bob, '/console/my/apps', zip, { fields: { appId: 'not-bobs' } })).status).toBe(403);
    const csrf = tokenIn((await bob.get('/console/my/apps')).html);
    expect((await drop(bob, '/console/my/apps/not-bobs/upload', zip, { csrf })).status).toBe(403);
    expect((await request(`${gate.url}/api/v1/apps/not-bobs`)).body.releases).toHaveLength(1);
  });

  it('without the form’s token does nothing', async () => {
    const zip = await appArchive({ id: 'forged' });
    const { status } = await drop(ada, '/console/my/apps', zip, { fields: { appId: 'forged' }, csrf: 'x' });
    expect(status).toBe(403);
    expect((await request(`${gate.url}/api/v1/apps/forged`)).status).toBe(404);
  });
});

describe('the page of an app', () => {
  it('is for its owners alone', async () => {
    await publish('owned');
    expect((await nobody().get('/console/my/apps/owned')).status).toBe(303);
    expect((await bob.get('/console/my/apps/owned')).status).toBe(403);
    expect((await bob.get('/console/my/apps/owned/upload')).status).toBe(403);
    expect((await bob.get('/console/my/apps/owned/releases/1.0.0/withdrawal')).status).toBe(403);
    expect((await ada.get('/console/my/apps/owned')).status).toBe(200);
  });

  it('says what the next upload needs, and because of which release', async () => {
    await publish('needs');
    expect((await ada.get('/console/my/apps/needs')).html).toContain('It need not be signed');
    const signer = await issueSigner(gate.gate, 'needs');
    const signed = await upload(gate.url, token, 'needs', await signedBy(signer, { id: 'needs', version: '1.1.0' }));
    expect(signed.status).toBe(201);
    const { html } = await ada.get('/console/my/apps/needs');
    expect(html).toContain('It must be signed');
    expect(html).toContain('for the first time with 1.1.0');
    expect(html).toContain('console/findings/SIGNATURE_DROPPED');
    expect(html).toContain('portcullis sign --path needs --key needs.key --cert needs.crt');
  });

  it('withdraws a release with its reason, and not without', async () => {
    await publish('withdrawing');
    const path = '/console/my/apps/withdrawing/releases/1.0.0/withdrawal';
    const empty = await ada.send(path, { reason: ' ' });
    expect(empty.status).toBe(422);
    expect(empty.html).toContain('A reason is needed.');
    const csrf = tokenIn((await bob.get('/console/my/apps')).html);
    const foreign = await bob.post(path, `csrf=${csrf}&reason=mine`, { origin: gate.url });
    expect(foreign.status).toBe(403);
    const done = await ada.send(path, { reason: `Broken ${SCRIPT}${TURNED}` });
    expect(done.location).toBe('/console/my/apps/withdrawing');
    const own = await ada.follow(done);
    expect(own.html).toContain('The release is withdrawn.');
    expectHarmless(own.html);
    const everybody = await nobody().get('/console/apps/withdrawing');
    expect(everybody.html).toContain('Broken &lt;script');
    expectHarmless(everybody.html);
    expect((await ada.get(path)).html).toContain('It is withdrawn already');
  });

  it('invites a co-owner with a link that is shown once, who can accept, leave and be removed', async () => {
    await publish('shared-app');
    const path = '/console/my/apps/shared-app';
    const unknown = await ada.send(`${path}/co-owners`, { account: 'who', email: '' }, path);
    expect([unknown.status, unknown.html.includes('There is no such account.')]).toEqual([400, true]);
    const both = await ada.send(`${path}/co-owners`, { account: 'bob', email: 'b@example.org' }, path);
    expect([both.status, both.html.includes('not both')]).toEqual([400, true]);
    const made = await ada.send(`${path}/co-owners`, { account: 'bob', email: '' }, path);
    expect(made.status).toBe(200);
    const [, link = ''] = /(\/console\/invitations\/portcullis_invitation_[\w-]+)/.exec(made.html) ?? [];
    expect((await ada.get(path)).html).not.toContain('portcullis_invitation_');
    expect((await bob.send(`${link}/accept`, {}, link)).status).toBe(303);
    expect((await bob.get(path)).html).toContain('Leave shared-app');
    expect((await bob.send(`${path}/leave`, {}, path)).location).toBe('/console/my/apps');
    expect((await bob.get(path)).status).toBe(403);
    const again = await ada.send(`${path}/co-owners`, { account: 'bob', email: '' }, path);
    const [second = ''] = /\/console\/invitations\/portcullis_invitation_[\w-]+/.exec(again.html) ?? [];
    expect((await bob.send(`${second}/accept`, {}, second)).status).toBe(303);
    expect((await bob.get(path)).status).toBe(200);
    expect((await ada.send(`${path}/owners/bob/removal`, {}, path)).status).toBe(303);
    expect((await bob.get(path)).status).toBe(403);
    const last = await ada.send(`${path}/leave`, {}, path);
    expect([last.status, last.html.includes('keeps at least one owner')]).toEqual([409, true]);
  });

  it('offers a transfer, and takes the offer back', async () => {
    await publish('offered-app');
    const path = '/console/my/apps/offered-app';
    expect((await ada.send(`${path}/transfer`, { account: 'bob', email: '' }, path)).status).toBe(200);
    const { html } = await ada.get(path);
    expect(html).toContain('to take it over');
    const [, id = ''] = /invitations\/([0-9a-f-]{36})\/revocation/.exec(html) ?? [];
    expect((await ada.send(`${path}/invitations/${id}/revocation`, {}, path)).status).toBe(303);
    expect((await ada.get(path)).html).not.toContain('to take it over');
  });

  it('says that an app is suspended, and takes no upload', async () => {
    await publish('suspended-app');
    const suspended = await sendJson(`${gate.url}/api/v1/apps/suspended-app/suspension`, 'PUT', modToken, {
      reason: `It mines ${IMAGE}`,
    });
    expect(suspended.status).toBe(200);
    for (const page of [
      await ada.get('/console/my/apps/suspended-app'),
      await nobody().get('/console/apps/suspended-app'),
    ]) {
      expect(page.html).toContain('This app is suspended');
      expect(page.html).toContain('It mines &quot;>&lt;img');
      expectHarmless(page.html);
    }
    const zip = await appArchive({ id: 'suspended-app', version: '2.0.0' });
    const path = '/console/my/apps/suspended-app/upload';
    expect((await drop(ada, path, zip, { from: '/console/my/apps' })).status).toBe(403);
  });
});

describe('the page of a submission', () => {
  it('is for whoever made it, the owners of the app and moderators', async () => {
    const id = await publish('read-by');
    const path = `/console/submissions/${id}`;
    expect((await nobody().get(path)).status).toBe(303);
    expect((await bob.get(path)).status).toBe(404);
    expect((await bob.get(`${path}/events`)).status).toBe(404);
    expect((await ada.get(path)).status).toBe(200);
    expect((await ada.get(path)).html).toContain('href="console/my/apps/read-by"');
    const asModerator = await mod.get(path);
    expect([asModerator.status, asModerator.html.includes('href="console/my/apps/read-by"')]).toEqual([200, false]);
    expect((await ada.get('/console/submissions/nothing')).status).toBe(404);
  });

  it('says the likely cause first, then every finding, with commands and the text to paste', async () => {
    const signer = await issueSigner(gate.gate, 'caused');
    const archive = await signedBy(signer, { id: 'caused' });
    expect((await upload(gate.url, token, 'caused', archive)).status).toBe(201);
    const unsigned = await upload(gate.url, token, 'caused', await appArchive({ id: 'caused', version: '1.1.0' }));
    const { html } = await ada.get(`/console/submissions/${unsigned.body.id}`);
    expect(html).toContain('The gate refused it');
    expect(html).toContain('href="console/findings/SIGNATURE_DROPPED"');
    expect(html).toContain('portcullis sign --path caused --key caused.key --cert caused.crt');
    expect(html.indexOf('How to go on')).toBeLessThan(html.indexOf('What is wrong'));
    expect(html).toContain(unsigned.body.report.archive.sha256);
  });

  it('groups findings by code, with counts, paths, and what was expected and found', async () => {
    const signer = await issueSigner(gate.gate, 'grouped');
    const { folder, zip } = await tampered(signer, 'grouped');
    const { status, body } = await upload(gate.url, token, 'grouped', zip);
    expect(status).toBe(422);
    const { html } = await ada.get(`/console/submissions/${body.id}`);
    expect(html).toContain('Likely cause');
    expect(html.indexOf('Likely cause')).toBeLessThan(html.indexOf('What is wrong'));
    expect(html.match(/href="console\/findings\/EXTRA_FILE"/g)).toHaveLength(1);
    expect(html).toContain(`${folder} times`);
    expect(html).toContain(`${folder - 5} more`);
    expect(html).toContain('Technical information');
    expect(html).toContain('- EXTRA_FILE');
    // An appeal is offered all the same, with what can't come of it.
    expect(/Is the refusal wrong\?.*?<form/s.exec(html)?.[0]).toMatch(/Nobody can lift this.*EXTRA_FILE/s);
  });

  it('takes one appeal, and shows what was decided about it, with its receipt, for good', async () => {
    await publish('appealing');
    const refused = await uploadNested(gate, token, 'appealing', { version: '1.1.0' });
    const path = `/console/submissions/${refused.id}`;
    expect((await mod.get(path)).html).not.toContain('Is the refusal wrong?');
    const offered = await ada.get(path);
    expect(/Is the refusal wrong\?.*?<form/s.exec(offered.html)?.[0]).not.toContain('Nobody can lift this');
    const short = await ada.send(`${path}/appeal`, { text: 'no' }, path);
    expect([short.status, short.html.includes('10 to 4000 characters')]).toEqual([400, true]);
    const csrf = tokenIn((await bob.get('/console/my/apps')).html);
    expect((await bob.post(`${path}/appeal`, `csrf=${csrf}&text=let+me+in+please`, { origin: gate.url })).status).toBe(
      404,
    );
    const words = `It is a test app. ${SCRIPT}`;
    const appealed = await ada.follow(await ada.send(`${path}/appeal`, { text: words }, path));
    expect(appealed.html).toContain('Your appeal is sent.');
    expect(appealed.html).toContain('The appeal waits for a moderator');
    expect(appealed.html).toContain('It is a test app. &lt;script');
    expect(appealed.html).not.toContain(`${path.slice(1)}/appeal`);
    const again = await ada.send(`${path}/appeal`, { text: 'once more, please' }, '/console/my/apps');
    expect([again.status, again.html.includes('appealed already')]).toEqual([409, true]);
    await decide(gate, modToken, await openReviewOf('appealing'), 'denied', { reason: `Not so. ${IMAGE}${TURNED}` });
    const decided = await ada.get(path);
    expect(decided.html).toContain('Refused, and the appeal was denied');
    expect(decided.html).toContain('Not so. &quot;>&lt;img');
    expect(decided.html).toMatch(/Receipt.*[0-9a-f]{64}/s);
    expectHarmless(decided.html);
  });

  it('takes one answer to a question', async () => {
    const held = await uploadJunk(gate, token, 'answering');
    const path = `/console/submissions/${held.id}`;
    expect((await ada.get(path)).html).toContain('It waits for a moderator');
    await onReview(gate, modToken, await openReviewOf('answering'), 'question', { text: `Why ${SCRIPT}?` });
    const asked = await ada.get(path);
    expect(asked.html).toContain('A moderator asks you something');
    expect(asked.html).toContain('may be decided without one');
    expect(asked.html).toContain('Why &lt;script>alert(1)&lt;/script>?');
    expect((await ada.get('/console/my/apps')).html).toContain('A moderator asks you something');
    expect((await ada.send(`${path}/answer`, { text: '' }, path)).status).toBe(422);
    const answered = await ada.follow(await ada.send(`${path}/answer`, { text: 'It is needed.' }, path));
    expect(answered.html).toContain('It waits for a moderator');
    expect(answered.html).toContain('It is needed.');
    expectHarmless(answered.html);
    const twice = await ada.send(`${path}/answer`, { text: 'And more' }, '/console/my/apps');
    expect([twice.status, twice.html.includes('Nothing was asked')]).toEqual([400, true]);
  });

  it('is told of every change as it happens, under the session', async () => {
    const held = await uploadJunk(gate, token, 'followed');
    const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const end = new AbortController();
    const response = await fetch(`${gate.url}/console/submissions/${held.id}/events`, {
      headers: { cookie },
      signal: end.signal,
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let told = '';
    const until = async (words: string): Promise<void> => {
      while (!told.includes(words)) {
        const next = await reader?.read();
        if (next === undefined || next.done) throw new Error(`It ended: ${told}`);
        told += next.value;
      }
    };
    await until('"state":"held"');
    await decide(gate, modToken, await openReviewOf('followed'), 'refused');
    await until('"state":"refused"');
    end.abort();
    const head = await fetch(`${gate.url}/console/submissions/${held.id}/events`, {
      method: 'HEAD',
      headers: { cookie },
    });
    expect(head.status).toBe(200);
  });

  it('shows nothing of an archive as markup: names of files, of the app, of its links', async () => {
    const files = { [`x/${IMAGE}.php`]: 'x', [`x/${TURNED}`]: 'x', '<script>alert(1)<.js': 'x' };
    const xml = infoXml({ id: 'hostile', name: 'Cal &lt;script&gt;alert(1)&lt;/script&gt;' })
      .replace('<summary>A', '<summary>&lt;script&gt;alert(1)&lt;/script&gt; \u202Etxt A')
      .replace(
        '</info>',
        '<website>javascript:alert(1)</website><bugs>https://example.org/"&gt;&lt;img src=x onerror=alert(1)&gt;</bugs></info>',
      );
    const archive = await appArchive({ id: 'hostile', files: { ...files, ...NESTED }, infoXml: xml });
    const { body } = await upload(gate.url, token, 'hostile', archive);
    const { html } = await ada.get(`/console/submissions/${body.id}`);
    expect(html).toContain('img src=x');
    expectHarmless(html);
    expectHarmless((await ada.get('/console/my/apps')).html);
  });
});

describe('tokens', () => {
  it('shows the secret once, and then what it may do and whether it was used', async () => {
    const made = await ada.send('/console/tokens', {
      label: `CI ${SCRIPT}${TURNED}`,
      scopes: 'upload',
      apps: 'first-app, second-app',
      lifetime: '30',
    });
    expect(made.status).toBe(200);
    const [secret = ''] = /portcullis_[\w-]{43}/.exec(made.html) ?? [];
    const { html } = await ada.get('/console/tokens');
    expect(html).not.toContain(secret);
    expect(html).toContain('CI &lt;script');
    expect(html).toContain('first-app, second-app');
    expectHarmless(html);
    expect((await request(`${gate.url}/api/v1/apps/first-app/signing-requests`, { token: secret })).status).toBe(200);
    expect((await request(`${gate.url}/api/v1/apps/third-app/signing-requests`, { token: secret })).status).toBe(403);
  });

  it('makes none that is mightier than the account, or of nonsense', async () => {
    const wish = { label: 'x', scopes: 'upload', apps: '', lifetime: '30' };
    const mighty = await ada.send('/console/tokens', { ...wish, scopes: ['upload', 'operate'] });
    expect(mighty.status).toBe(403);
    const wrong = [{ label: '' }, { scopes: 'fly' }, { scopes: [] }, { lifetime: '1' }, { apps: 'A B' }];
    for (const part of wrong) {
      const { status } = await ada.send('/console/tokens', { ...wish, ...part });
      expect([400, 422]).toContain(status);
    }
  });

  it('are revoked by their owner, and by nobody else', async () => {
    const own = await gate.token(null, { account: 'ada', scopes: ['upload'] });
    const [, id = ''] = /tokens\/([0-9a-f-]{36})\/revocation/.exec((await ada.get('/console/tokens')).html) ?? [];
    const path = `/console/tokens/${id}/revocation`;
    expect((await bob.send(path, {}, '/console/tokens')).status).toBe(404);
    const done = await ada.follow(await ada.send(path, {}, '/console/tokens'));
    expect(done.html).toContain('The token is revoked.');
    expect((await request(`${gate.url}/api/v1/tokens`, { token: own })).status).toBe(401);
  });

  it('shows an administrator their own only', async () => {
    const operator = await signedIn(gate.operatorToken);
    const { html } = await operator.get('/console/tokens');
    expect(html).not.toContain('first-app');
  });
});

describe('certificates', () => {
  it('are asked for with a request that is pasted; what is wrong with it is said beside the field', async () => {
    const path = '/console/my/certificates';
    const { html } = await ada.get(path);
    expect(html).toContain('portcullis keygen --out');
    expect(html).toContain('openssl req -nodes');
    const wish = { appId: 'asked-for', purpose: '', declaredUrl: '', contact: '', note: '' };
    const bad = await ada.send(path, { ...wish, csr: `hello ${SCRIPT}` });
    expect(bad.status).toBe(422);
    expect(bad.html).toMatch(/aria-invalid="true"[^>]*>\s*hello &lt;script/);
    expectHarmless(bad.html);
    await publish('taken-app');
    const taken = await bob.send(path, { ...wish, appId: 'taken-app', csr: await csrFor('taken-app') });
    expect([taken.status, taken.html.includes('belongs to somebody else')]).toEqual([400, true]);
    const good = await ada.send(path, { ...wish, csr: await csrFor('asked-for'), note: `Hello ${IMAGE}` });
    const page = await ada.follow(good);
    expect(page.html).toContain('Your request is sent.');
    expect(page.html).toContain('Hello &quot;>&lt;img');
    expectHarmless(page.html);
    expect((await bob.get(good.location ?? '')).status).toBe(404);
  });

  it('go from the request over a question to the files, the command and the revocation', async () => {
    const asked = await ada.send('/console/my/certificates', {
      appId: 'certified',
      csr: await csrFor('certified'),
      purpose: '',
      declaredUrl: 'https://example.org/certified',
      contact: 'ada@example.org',
      note: '',
    });
    const path = asked.location ?? '';
    const id = path.split('/').at(-1) ?? '';
    await act(gate, modToken, id, 'question', { reason: `Who are you? ${SCRIPT}` });
    const questioned = await ada.get(path);
    expect(questioned.html).toContain('Who are you? &lt;script');
    expectHarmless(questioned.html);
    expect((await ada.send(`${path}/answer`, { text: '' }, path)).status).toBe(422);
    expect((await mod.send(`${path}/answer`, { text: 'me' }, '/console/my/certificates')).status).toBe(403);
    expect((await ada.send(`${path}/answer`, { text: 'Its author' }, path)).status).toBe(303);
    expect((await act(gate, modToken, id, 'approval', { reason: 'known' })).status).toBe(200);
    const granted = await ada.get(path);
    expect(granted.html).toContain('portcullis sign --path certified --key certified.key --cert certified.crt');
    const [, serial = ''] = /certificates\/([0-9A-F]+)\/bundle/.exec(granted.html) ?? [];
    const own = `/console/my/certificates/${serial}`;
    const counts = { bundle: 2, leaf: 1, chain: 1 };
    for (const [part, count] of Object.entries(counts)) {
      const file = await ada.get(`${own}/${part}`);
      expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="certified[a-z-]*\.crt"$/);
      expect(file.html.match(/-----BEGIN CERTIFICATE-----/g)).toHaveLength(count);
      expect((await bob.get(`${own}/${part}`)).status).toBe(403);
    }
    expect((await bob.get(own)).status).toBe(403);
    expect((await bob.get(`${own}/revocation`)).status).toBe(403);
    expect((await ada.get('/console/my/certificates/NOPE')).status).toBe(404);
    const preview = await ada.get(`${own}/revocation?reason=keyCompromise&since=2020-01-01`);
    expect(preview.html).toContain('no certificate: it can’t sign until it has another');
    const sent = { reason: 'keyCompromise', since: '', note: '' };
    expect((await ada.send(`${own}/revocation`, sent, own + '/revocation')).status).toBe(422);
    const revoked = await ada.send(`${own}/revocation`, { ...sent, note: `Stolen ${SCRIPT}` }, own + '/revocation');
    const after = await ada.follow(revoked);
    expect(after.html).toContain('The certificate is revoked.');
    expect(after.html).toContain('Stolen &lt;script');
    expectHarmless(after.html);
    expect((await ada.get('/console/my/certificates')).html).toContain('revoked');
  });

  it('a request is taken back by whoever made it', async () => {
    const wish = { purpose: '', declaredUrl: '', contact: '', note: '' };
    const csr = await csrFor('taken-back');
    const { location } = await ada.send('/console/my/certificates', { ...wish, appId: 'taken-back', csr });
    const path = location ?? '';
    expect((await bob.send(`${path}/withdrawal`, {}, '/console/my/certificates')).status).toBe(404);
    const back = await ada.follow(await ada.send(`${path}/withdrawal`, {}, path));
    expect(back.html).toContain('It was taken back');
  });

  it('a common name from outside never becomes markup', async () => {
    const csr = await csrFor('markup', { commonNames: [`${SCRIPT}${TURNED}`] });
    const wish = { appId: 'markup', purpose: '', declaredUrl: '', contact: '', note: '', csr };
    const { status, html } = await ada.send('/console/my/certificates', wish);
    expect(status).toBe(422);
    expectHarmless(html);
  });
});

describe('notifications', () => {
  it('are chosen topic by topic; what is always told can not be switched off', async () => {
    const path = '/console/notifications';
    const send = (topic: readonly string[]): Promise<ConsoleAnswer> => ada.send(`${path}/mail`, { topic }, path);
    const saved = await ada.follow(await send(['submission.accepted']));
    expect(saved.html).toContain('Saved.');
    const chosen = await request(`${gate.url}/api/v1/account/notifications`, { token });
    const by = Object.fromEntries(chosen.body.topics.map((each: any) => [each.topic, each.byMail]));
    expect([by['submission.accepted'], by['submission.refused'], by['account.suspended']]).toEqual([true, false, true]);
    expect((await send(['no.topic'])).status).toBe(422);
    expect(saved.html).not.toContain('value="review.waiting"');
    expect((await mod.get(path)).html).toContain('value="review.waiting"');
  });

  it('go to webhooks, with a secret that is shown once', async () => {
    const path = '/console/notifications';
    const wish = { url: `https://hooks.example.org/${encodeURIComponent(IMAGE)}`, topic: ['submission.refused'] };
    const inside = await ada.send(`${path}/webhooks`, { ...wish, url: 'http://127.0.0.1/x' }, path);
    expect([inside.status, inside.html.includes('Nothing is sent there')]).toEqual([422, true]);
    expect((await ada.send(`${path}/webhooks`, { url: wish.url }, path)).status).toBe(422);
    expect((await ada.send(`${path}/webhooks`, { ...wish, topic: ['review.waiting'] }, path)).status).toBe(403);
    const made = await ada.send(`${path}/webhooks`, wish, path);
    expect(made.html).toContain('The secret, this once');
    const [, id = ''] = /notifications\/webhooks\/([0-9a-f-]{36})/.exec(made.html) ?? [];
    const own = `${path}/webhooks/${id}`;
    expectHarmless((await ada.get(path)).html);
    expect((await bob.get(own)).status).toBe(404);
    for (const what of ['ping', 'off', 'on', 'secret', 'removal']) {
      expect((await bob.send(`${own}/${what}`, {}, path)).status).toBe(404);
    }
    const pinged = await ada.follow(await ada.send(`${own}/ping`, {}, own));
    expect(pinged.html).toContain('<code>ping</code>');
    const [, replay = ''] = /action="(console\/notifications\/webhooks\/[^"]+\/replay)"/.exec(pinged.html) ?? [];
    expect((await ada.follow(await ada.send(`/${replay}`, {}, own))).html).toContain('again');
    expect((await ada.follow(await ada.send(`${own}/off`, {}, own))).html).toContain('It is switched off');
    const silent = await ada.send(`${own}/ping`, {}, own);
    expect([silent.status, silent.html.includes('switch it on first')]).toEqual([422, true]);
    expect((await ada.follow(await ada.send(`${own}/on`, {}, own))).html).not.toContain('It is switched off');
    const change = { url: 'https://other.example.org/x', topic: ['release.published', 'account.suspended'] };
    expect((await ada.follow(await ada.send(`${own}/change`, change, own))).html).toContain('other.example.org');
    const renewed = await ada.send(`${own}/secret`, {}, own);
    expect(renewed.html).toContain('The secret, this once');
    expect((await ada.send(`${own}/removal`, {}, own)).location).toBe(path);
    expect((await ada.get(own)).status).toBe(404);
  });
});

describe('the public pages', () => {
  it('show an app to everybody, with its signer and what became of its releases', async () => {
    const signer = await issueSigner(gate.gate, 'public-app');
    const archive = await signedBy(signer, { id: 'public-app', name: 'A public app' });
    expect((await upload(gate.url, token, 'public-app', archive)).status).toBe(201);
    for (const visit of [nobody(), bob, ada, mod]) {
      const { status, html } = await visit.get('/console/apps/public-app');
      expect(status).toBe(200);
      expect(html).toContain('A public app');
      expect(html).toContain('CN=public-app');
      expect(html).toContain('api/v1/apps/public-app/releases/1.0.0/archive');
      expect(html).toContain('console/apps/public-app/report');
    }
    const list = await nobody().get('/console/apps');
    expect(list.html).toContain('href="console/apps/public-app"');
    expect((await nobody().get('/console/apps/never-seen')).status).toBe(404);
  });

  it('show what was only refused to nobody', async () => {
    await uploadNested(gate, token, 'only-refused');
    expect((await nobody().get('/console/apps/only-refused')).status).toBe(404);
    expect((await nobody().get('/console/apps')).html).not.toContain('only-refused');
  });

  it('take what an app says of itself as text, and its links only where they lead to the web', async () => {
    const xml = infoXml({ id: 'boasting', name: 'Cal &lt;script&gt;alert(1)&lt;/script&gt;' })
      .replace('A calendar for everybody', '&quot;&gt;&lt;img src=x onerror=alert(1)&gt;')
      .replace('Keeps', '&lt;script&gt;alert(1)&lt;/script&gt; Keeps');
    expect((await upload(gate.url, token, 'boasting', await appArchive({ id: 'boasting', infoXml: xml }))).status).toBe(
      201,
    );
    const { html } = await nobody().get('/console/apps/boasting');
    expect(html).toContain('&lt;script>alert(1)');
    expectHarmless(html);
  });

  it('lead nowhere but to the web, whatever the database holds', () => {
    const links = {
      website: 'javascript:alert(1)',
      repository: ' JaVaScRiPt:alert(1)',
      bugs: 'https://example.org/"><img src=x>',
    };
    expect(readReleaseInfo({ name: 'x', ...links })).toMatchObject({
      website: null,
      repository: null,
      bugs: 'https://example.org/%22%3E%3Cimg%20src=x%3E',
    });
    expect(readReleaseInfo({ website: 'https://example.org' })).toBeNull();
    expect(readReleaseInfo(null)).toBeNull();
  });

  it('take reports from everybody, and keep them from the developers', async () => {
    await publish('reported');
    const path = '/console/apps/reported/report';
    const visit = nobody();
    const report = { category: 'malware', version: '1.0.0', text: `It sends my files away. ${SCRIPT}`, contact: '' };
    const wrong = [{ category: 'x' }, { text: 'short' }, { contact: 'nobody' }];
    for (const part of wrong) {
      const { status, html } = await visit.send(path, { ...report, ...part });
      expect(status).toBe(422);
      expectHarmless(html);
    }
    expect((await visit.send(path, { ...report, version: '9.9.9' })).status).toBe(404);
    expect((await visit.post(path, new URLSearchParams(report).toString(), { origin: gate.url })).status).toBe(403);
    const sent = await visit.send(path, report);
    expect([sent.status, sent.html.includes('Thank you')]).toEqual([200, true]);
    expect((await ada.get('/console/my/apps/reported')).html).not.toContain('sends my files');
    expect((await nobody().get('/console/apps/never-seen/report')).status).toBe(404);
  });
});

/** A signed app into which a build has put more files afterwards. */
async function tampered(
  signer: Awaited<ReturnType<typeof issueSigner>>,
  id: string,
): Promise<{ folder: number; zip: Buffer }> {
  const { appFiles, zipOf } = await import('../support/app-archive.js');
  const { buildManifest } = await import('../../src/signature/manifest.js');
  const { signManifest } = await import('../../src/signature/sign-manifest.js');
  const { contentsOf } = await import('../support/golden.js');
  const files = appFiles({ id });
  const manifest = await buildManifest(contentsOf(files), 'app');
  const { privateKey, leaf: certificate, chain } = signer;
  files.set('appinfo/signature.json', signManifest({ manifest, privateKey, certificate, chain, format: 2 }));
  for (let index = 0; index < 9; index++) files.set(`node_modules/x/index${index}.js`, randomBytes(4));
  return { folder: 9, zip: await zipOf([...files].map(([path, content]) => [`${id}/${path}`, content] as const)) };
}
