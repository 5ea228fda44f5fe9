import { tokenIn, visitConsole, type ConsoleAnswer, type ConsoleVisit } from '../support/console-visit.js';
import { sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { startModeratedStore, type ModeratedStore } from '../support/moderated-store.js';
import { ask, csrFor } from '../support/signing-requests.js';

let all: ModeratedStore;
let mia: ConsoleVisit;
let max: ConsoleVisit;
let ada: ConsoleVisit;
let boss: ConsoleVisit;
beforeAll(async () => {
  all = await startModeratedStore();
  mia = await signedIn(all.moderator);
  max = await signedIn(all.secondModerator);
  ada = await signedIn(all.developer);
  boss = await signedIn(all.store.operatorToken);
}, 120_000);
afterAll(async () => {
  await all.store.stop();
});

async function signedIn(token: string): Promise<ConsoleVisit> {
  const visit = visitConsole(all.store.url);
  const answer = await visit.signInWithToken(token);
  if (answer.status !== 303) throw new Error(`Signing in was answered with ${answer.status}`);
  return visit;
}

/** Every page that moderators have and that takes no form. */
function paths(): readonly string[] {
  const { held, appeal, quarantine, report } = all.reviews;
  return [
    '/console/queue',
    ...Object.values(all.reviews).map((id) => `/console/reviews/${id}`),
    ...[held, appeal, quarantine, report].flatMap((id) => [
      `/console/reviews/${id}/difference`,
      `/console/reviews/${id}/files`,
      `/console/reviews/${id}/files?path=js%2Fscript.js`,
    ]),
    `/console/reviews/${held}/files?path=img%2Fevil.svg`,
    `/console/reviews/${held}/files?path=img%2Fphoto.png`,
    `/console/reviews/${held}/files?path=${encodeURIComponent('templates/evil"><img src=x onerror=alert(4)>.php')}`,
    '/console/store/apps',
    '/console/store/apps/calendar',
    '/console/people',
    '/console/people/ada',
    '/console/store/certificates',
    `/console/store/certificates/${all.serial}`,
    `/console/store/certificates/${all.serial}/revocation?reason=keyCompromise`,
    '/console/rules?show=all',
    '/console/rules/SIGNER_CHANGED',
    '/console/audit',
    '/console/statistics',
  ];
}

/** What a browser would take for markup of somebody else's. */
function faultsOf({ html }: ConsoleAnswer): readonly string[] {
  const faults: string[] = [];
  if (/<script(?! type="module" src="console\/assets)/i.test(html)) faults.push('a script');
  if (/<img(?! src="console\/assets)/i.test(html)) faults.push('an image');
  if (/(?:href|src|action)="\s*javascript:/i.test(html)) faults.push('a javascript: address');
  if (/<[^>]+\son[a-z]+\s*=/i.test(html.replace(/"[^"]*"/g, '""'))) faults.push('a handler');
  if (/[\u202a-\u202e\u2066-\u2069]/u.test(html)) faults.push('a character that turns the text round');
  return faults;
}

const unchanged = (id: string): Promise<ConsoleAnswer> => mia.get(`/console/reviews/${id}`);
const reason = { reason: 'Looked at it closely.' };

/** An info.xml without what people choose an app by. */
const incomplete = (id: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<info><id>${id}</id><name>Tasks</name><version>1.0.0</version></info>\n`;

describe('who comes in', () => {
  test('nobody is led to sign-in, a developer is refused, moderators and administrators see every page', async () => {
    const stranger = visitConsole(all.store.url);
    for (const path of paths()) {
      const nobody = await stranger.get(path);
      expect([path, nobody.status]).toEqual([path, 303]);
      expect(nobody.location).toContain('/console/sign-in?returnTo=');
      expect([path, (await ada.get(path)).status]).toEqual([path, 403]);
      // The refused archive of the appeal has its files, too.
      expect([path, (await mia.get(path)).status]).toEqual([path, 200]);
      expect([path, (await boss.get(path)).status]).toEqual([path, 200]);
    }
  });

  test('a developer sends no form of theirs', async () => {
    const { held } = all.reviews;
    const account = await ada.get('/console/account');
    const csrf = tokenIn(account.html);
    for (const path of [
      `/console/reviews/${held}/verdicts/accepted`,
      `/console/reviews/${held}/claim`,
      '/console/queue/next',
      '/console/people/mia/suspension',
      '/console/people/ada/role',
      '/console/store/apps/calendar/trust-level',
      '/console/rules/SIGNER_CHANGED',
      '/console/audit/verification',
      `/console/store/certificates/${all.serial}/revocation`,
    ]) {
      const answer = await ada.post(path, new URLSearchParams({ csrf, reason: 'x' }).toString(), {
        origin: all.store.url,
      });
      expect([path, answer.status]).toEqual([path, 403]);
    }
  });

  test('what only administrators do, moderators can’t', async () => {
    const token = tokenIn((await mia.get('/console/people')).html);
    const send = (path: string, fields: Record<string, string>): Promise<ConsoleAnswer> =>
      mia.post(path, new URLSearchParams({ csrf: token, ...fields }).toString(), { origin: all.store.url });
    expect((await send('/console/people/ada/role', { role: 'moderator', ...reason })).status).toBe(403);
    expect((await send('/console/rules/SIGNER_CHANGED', { mode: 'off', ...reason })).status).toBe(403);
    expect((await send(`/console/reviews/${all.reviews.held}/take-over`, {})).status).toBe(403);
  });
});

test('nothing that somebody else wrote becomes markup, on any page', async () => {
  for (const path of paths()) {
    const page = await mia.get(path);
    expect([path, faultsOf(page)]).toEqual([path, []]);
  }
  const { html } = await mia.get(`/console/reviews/${all.reviews.report}`);
  expect(html).toContain('&lt;script>alert(1)');
  expect(html).toContain('\\u{202e}');
});

describe('the queue', () => {
  test('counts by kind, filters, and says what to do where nothing fits', async () => {
    const { html } = await mia.get('/console/queue');
    for (const id of Object.values(all.reviews)) expect(html).toContain(`href="console/reviews/${id}"`);
    const reports = await mia.get('/console/queue?kind=report');
    expect(reports.html).toContain(all.reviews.report);
    expect(reports.html).not.toContain(all.reviews.held);
    expect((await mia.get('/console/queue?q=1.1.0')).html).toContain(all.reviews.held);
    expect((await mia.get('/console/queue?q=%25')).html).toContain('Nothing fits');
    expect((await mia.get('/console/queue?kind=nonsense&state=x&claimed=y')).status).toBe(200);
    expect((await mia.get('/console/queue?after=nonsense')).status).toBe(400);
  });

  test('gives the next one that is free, and takes no other moderator’s', async () => {
    const taken = await mia.send('/console/queue/next', {}, '/console/queue');
    expect(taken.location).toMatch(/\/console\/reviews\/[0-9a-f-]{36}$/);
    const id = taken.location?.split('/').at(-1) ?? '';
    const claimed = await max.send(`/console/reviews/${id}/claim`, {}, '/console/queue');
    expect([claimed.status, claimed.html.includes('mia is at this review')]).toEqual([409, true]);
    const other = await max.send('/console/queue/next', {}, '/console/queue');
    expect(other.location).not.toBe(taken.location);
    expect((await mia.send(`/console/reviews/${id}/let-go`, {}, `/console/reviews/${id}`)).status).toBe(303);
    const second = other.location?.split('/').at(-1) ?? '';
    expect((await boss.send(`/console/reviews/${second}/take-over`, {}, `/console/reviews/${second}`)).status).toBe(
      303,
    );
    expect((await boss.send(`/console/reviews/${second}/let-go`, {}, `/console/reviews/${second}`)).status).toBe(303);
  });
});

describe('a review', () => {
  test('shows the findings that decide, who uploaded it, what differs, and its files as text', async () => {
    const { held } = all.reviews;
    const { html } = await mia.get(`/console/reviews/${held}`);
    expect(html).toContain('href="console/findings/SIGNER_CHANGED"');
    expect(html).toContain('name="codes" value="SIGNER_CHANGED" checked');
    for (const key of ['a', 'r', 'q', 'g', 'n', 'v', 's', 'c', 'o', 'b']) {
      expect([key, html.split(`data-key="${key}"`).length - 1]).toEqual([key, 1]);
    }
    expect(html).toContain('href="console/people/ada"');
    const difference = await mia.get(`/console/reviews/${held}/difference`);
    expect(difference.html).toContain('js/script.js');
    expect(difference.html).toContain('css/style.css');
    expect(difference.html).toContain('Another signature');
    const svg = await mia.get(`/console/reviews/${held}/files?path=img%2Fevil.svg`);
    expect(svg.html).toContain('&lt;script>alert(6)');
    const download = await mia.get(`/console/reviews/${held}/files/download?path=img%2Fevil.svg`);
    expect(download.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(download.headers.get('content-disposition')).toBe('attachment; filename="evil.svg.txt"');
    expect(download.headers.get('content-security-policy')).toContain('sandbox');
    expect((await mia.get(`/console/reviews/${held}/files?path=no/such`)).status).toBe(404);
    expect((await mia.get(`/console/reviews/${held}/files?path=..%2F..%2Fetc%2Fpasswd`)).status).toBe(404);
    expect((await mia.get(`/console/reviews/${held}/files?path=%00`)).status).toBe(400);
  });

  test('a verdict without a reason, with a foreign one or of another kind is not given', async () => {
    const { held } = all.reviews;
    const from = `/console/reviews/${held}`;
    const bare = await mia.send(`${from}/verdicts/refused`, {}, from);
    expect(bare.status).toBe(422);
    expect(bare.html).toContain('A reason is needed');
    expect((await mia.send(`${from}/verdicts/refused`, { reasonCode: 'reviewed-and-fine' }, from)).status).toBe(400);
    expect((await mia.send(`${from}/verdicts/granted`, reason, from)).status).toBe(409);
    expect((await mia.send(`${from}/verdicts/nonsense`, reason, from)).status).toBe(404);
    expect((await mia.send(`${from}/verdicts/refused`, { reason: 'x'.repeat(4_001) }, from)).status).toBe(422);
    const nul = await mia.send(`${from}/verdicts/refused`, { reason: 'a\0b' }, from);
    expect(nul.status).toBe(422);
    const fixed = await mia.send(`${from}/verdicts/accepted`, { ...reason, codes: ['BAD_SIGNATURE'] }, from);
    expect([fixed.status, fixed.html.includes('Nobody lifts BAD_SIGNATURE')]).toEqual([409, true]);
    const lifted = await mia.send(`${from}/verdicts/accepted`, { reason: 'Fine <b>as it is</b>.' }, from);
    expect([lifted.status, lifted.html.includes('still finds: SIGNER_CHANGED')]).toEqual([409, true]);
    // What was typed is still there.
    expect(lifted.html).toContain('Fine &lt;b>as it is&lt;/b>.');
    expect((await unchanged(held)).html).toContain('waits for a moderator');
  });

  test('notes, questions and another look stay in the thread; empty ones are not taken', async () => {
    const { held } = all.reviews;
    const from = `/console/reviews/${held}`;
    for (const [act, field] of [
      ['notes', 'text'],
      ['question', 'text'],
      ['inspection', 'reason'],
    ] as const) {
      expect((await mia.send(`${from}/${act}`, { [field]: ' ' }, from)).status).toBe(422);
      expect((await mia.send(`${from}/${act}`, { [field]: `Said by ${act} <i>` }, from)).status).toBe(303);
    }
    const { html } = await mia.get(from);
    for (const act of ['notes', 'question', 'inspection']) expect(html).toContain(`Said by ${act} &lt;i>`);
    expect(html).toContain('waits for the developer');
    expect(html).toContain('ran the gate again');
  });

  test('whoever owns the app is told why they can’t decide, and finds no form that would fail', async () => {
    await boss.send('/console/people/ada/role', { role: 'moderator', ...reason }, '/console/people/ada');
    const owner = await signedIn(
      await all.store.token(null, { account: 'ada', scopes: ['upload', 'manage', 'moderate'] }),
    );
    const { html } = await owner.get(`/console/reviews/${all.reviews.held}`);
    expect(html).toContain('Not yours to decide');
    expect(html).not.toContain('/verdicts/');
    expect(html).not.toContain(`${all.reviews.held}/claim`);
    expect(html).toContain('/notes');
    await boss.send('/console/people/ada/role', { role: 'developer', ...reason }, '/console/people/ada');
  });

  test('a canned reason alone decides; the receipt and the next one are shown', async () => {
    const { held } = all.reviews;
    const from = `/console/reviews/${held}`;
    const sent = { reasonCode: 'key-change-confirmed', reason: '', codes: ['SIGNER_CHANGED'] };
    const answer = await mia.send(`${from}/verdicts/accepted`, sent, from);
    expect([answer.status, answer.location]).toEqual([303, from]);
    const { html } = await mia.follow(answer);
    expect(html).toContain('The verdict is given');
    expect(html).toMatch(/<code[^>]*>[0-9a-f]{64}<\/code>/);
    expect(html).toContain('Next: ');
    expect(html).not.toContain('/verdicts/');
    // Who comes too late is told so, and what they wrote is not lost.
    const csrf = tokenIn((await max.get('/console/queue')).html);
    const body = new URLSearchParams({ csrf, reason: 'My <i>careful</i> words.' }).toString();
    const late = await max.post(`${from}/verdicts/refused`, body, { origin: all.store.url });
    expect([late.status, late.html.includes('Nothing was done')]).toEqual([409, true]);
    expect(late.html).toContain('My &lt;i>careful&lt;/i> words.');
  });

  test('an appeal is denied, a report dismissed, a quarantine lifted, a request declined', async () => {
    const { appeal, quarantine, report } = all.reviews;
    const decide = (id: string, verdict: string, fields: Record<string, string | readonly string[]>) =>
      max.send(`/console/reviews/${id}/verdicts/${verdict}`, fields, `/console/reviews/${id}`);
    expect((await decide(appeal, 'denied', reason)).status).toBe(303);
    expect((await decide(report, 'dismissed', { reasonCode: 'not-confirmed' })).status).toBe(303);
    const { html: before } = await max.get(`/console/reviews/${quarantine}`);
    expect(before).toContain('What the gate said of it then');
    expect(before).not.toContain('Why it waits');
    expect(before).toContain('Why it is under quarantine');
    expect((await decide(quarantine, 'restored', reason)).status).toBe(303);
    // It says what was, not how the release stands now.
    const { html: after } = await max.get(`/console/reviews/${quarantine}`);
    const then = /Why it was under quarantine.*?<\/dl>/s.exec(after)?.[0] ?? '';
    expect(then).toContain('Somebody says it is harmful.');
    expect(then).toContain('malware');
    expect(then).not.toContain(reason.reason);
    const request = all.reviews['signing-request'];
    const page = await max.get(`/console/reviews/${request}`);
    expect(page.html).toContain('the first certificate of the app');
    const declined = await decide(request, 'declined', reason);
    expect(declined.status).toBe(303);
    expect((await max.follow(declined)).html).toMatch(/Receipt.*[0-9a-f]{64}/s);
  });

  test('says who will read a reason: everybody, of what is decided about a release', async () => {
    const hintOf = async (id: string, verdict: string): Promise<string> => {
      const { html } = await mia.get(`/console/reviews/${id}`);
      const form = new RegExp(`id="verdict-${verdict}".*?</form>`, 's').exec(html)?.[0] ?? '';
      expect(form.match(/one of the two/g)).toHaveLength(2);
      expect(form).not.toContain(' optional<');
      return form;
    };
    const held = await hintOf(await all.holdAnother('1.1.5'), 'refused');
    expect(held).toContain('Read by the developer.');
    const status = { status: 'quarantined', reason: 'Looked at once more.', reasonCode: 'malware' };
    const release = `${all.store.url}/api/v1/apps/calendar/releases/1.0.1/status`;
    expect((await sendJson(release, 'PUT', all.moderator, status)).status).toBe(200);
    const quarantine = await all.reviewOf('quarantine', '1.0.1');
    for (const verdict of ['restored', 'withdrawn']) {
      expect(await hintOf(quarantine, verdict)).toContain('Public: it stands with the release');
    }
    expect((await mia.get('/console/store/apps/calendar')).html).toContain('Public: it stands with every release');
  });

  test('says beforehand that an upload can’t be accepted whose token was revoked since', async () => {
    const token = await all.store.token(null, { account: 'ada', scopes: ['upload'] });
    const refused = await upload(
      all.store.url,
      token,
      'mail-tool',
      await appArchive({ id: 'mail-tool', infoXml: incomplete('mail-tool') }),
    );
    const submission = `/console/submissions/${String(refused.body.id)}`;
    expect((await ada.send(`${submission}/appeal`, { text: 'It says all there is.' }, submission)).status).toBe(303);
    const page = `/console/reviews/${await all.reviewOf('appeal', '1.0.0')}`;
    expect((await mia.get(page)).html).not.toContain('It can’t be accepted');
    await all.store.gate.database.query(
      `UPDATE tokens SET revoked_at = now() WHERE id = (SELECT token_id FROM submissions WHERE id = $1)`,
      [refused.body.id],
    );
    const { html } = await mia.get(page);
    expect(html).toContain('It can’t be accepted');
    expect(html).toContain('The token it was uploaded with has been revoked since.');
    expect((await mia.send(`${page}/verdicts/denied`, reason, page)).status).toBe(303);
  });

  test('an appeal is granted with what is lifted, and not without', async () => {
    const refused = await upload(
      all.store.url,
      all.developer,
      'tasks',
      await appArchive({ id: 'tasks', infoXml: incomplete('tasks') }),
    );
    expect(refused.status).toBe(422);
    const submission = `/console/submissions/${String(refused.body.id)}`;
    expect((await ada.send(`${submission}/appeal`, { text: 'It says all there is.' }, submission)).status).toBe(303);
    const from = `/console/reviews/${await all.reviewOf('appeal', '1.0.0')}`;
    const lifting = await mia.get(from);
    expect(lifting.html).toMatch(/name="codes" value="INFO_XML_INCOMPLETE"(?! checked)/);
    const bare = await mia.send(`${from}/verdicts/granted`, reason, from);
    expect([bare.status, bare.html.includes('still finds: INFO_XML_INCOMPLETE')]).toEqual([409, true]);
    expect((await ada.get('/console/apps/tasks')).status).toBe(404);
    const granted = await mia.send(`${from}/verdicts/granted`, { ...reason, codes: ['INFO_XML_INCOMPLETE'] }, from);
    expect([granted.status, granted.location]).toEqual([303, from]);
    expect((await mia.follow(granted)).html).toContain('The verdict is given');
    expect((await ada.get('/console/apps/tasks')).html).toContain('1.0.0');
  });

  test('a signing request is approved, and the certificate is in the ledger; twice does nothing more', async () => {
    const wish = { csr: await csrFor('notes'), purpose: 'new', contact: 'ada@example.org' };
    expect((await ask(all.store, all.developer, 'notes', wish)).status).toBe(201);
    const from = `/console/reviews/${await all.reviewOf('signing-request', '')}`;
    expect((await mia.get('/console/store/certificates?q=notes')).html).toContain('No certificate fits');
    const approved = await mia.send(`${from}/verdicts/approved`, reason, from);
    expect([approved.status, approved.location]).toEqual([303, from]);
    expect((await mia.follow(approved)).html).toMatch(/Receipt.*[0-9a-f]{64}/s);
    const certificates = async (): Promise<number> =>
      (await mia.get('/console/store/certificates?q=notes')).html.match(/<code>[0-9A-F]{20,}<\/code>/gi)?.length ?? 0;
    expect(await certificates()).toBe(1);
    expect((await max.send(`${from}/verdicts/approved`, reason, '/console/queue')).status).toBe(409);
    expect(await certificates()).toBe(1);
  });

  test('for an official app a verdict that lifts something is a proposal, which only another moderator confirms', async () => {
    const { url } = all.store;
    const level = { trustLevel: 'official', reason: 'Ours.' };
    await sendJson(`${url}/api/v1/apps/calendar/trust-level`, 'PUT', all.store.operatorToken, level);
    const id = await all.holdAnother('2.0.0');
    const from = `/console/reviews/${id}`;
    expect((await mia.get(from)).html).toContain('a second moderator');
    const proposed = await mia.follow(
      await mia.send(`${from}/verdicts/accepted`, { ...reason, codes: ['SIGNER_CHANGED'] }, from),
    );
    expect(proposed.html).toContain('A second moderator is needed');
    expect(proposed.html).not.toContain(`action="console/reviews/${id}/confirmation"`);
    expect((await mia.send(`${from}/confirmation`, reason, from)).status).toBe(403);
    expect((await max.send(`${from}/objection`, { reason: '' }, from)).status).toBe(422);
    expect((await max.send(`${from}/objection`, reason, from)).status).toBe(303);
    await max.send(`${from}/let-go`, {}, from);
    await mia.send(`${from}/verdicts/accepted`, { ...reason, codes: ['SIGNER_CHANGED'] }, from);
    const confirmed = await max.send(`${from}/confirmation`, reason, from);
    expect(confirmed.status).toBe(303);
    expect((await max.follow(confirmed)).html).toContain('The verdict is given');
  });

  test('says so when somebody else does something, and nothing about a review that is not there', async () => {
    const id = await all.holdAnother('2.1.0');
    const cookie = [...mia.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const stop = new AbortController();
    const response = await fetch(`${all.store.url}/console/reviews/${id}/events`, {
      headers: { cookie },
      signal: stop.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let said = new TextDecoder().decode((await reader.read()).value);
    await max.send(`/console/reviews/${id}/notes`, { text: 'Seen it.' }, `/console/reviews/${id}`);
    while (!said.includes('event: change')) said += new TextDecoder().decode((await reader.read()).value);
    expect(said).not.toContain('Seen it');
    stop.abort();
    expect((await mia.get('/console/reviews/00000000-0000-4000-8000-000000000000/events')).status).toBe(404);
    expect((await ada.get(`/console/reviews/${id}/events`)).status).toBe(403);
  });
});

describe('apps, people, certificates, rules, the log and figures', () => {
  test('an app is found by owner and level, suspended and reinstated with a reason', async () => {
    expect((await mia.get('/console/store/apps?q=ada')).html).toContain('console/store/apps/calendar');
    expect((await mia.get('/console/store/apps?q=nobody-like-this')).html).toContain('No app fits');
    const from = '/console/store/apps/calendar';
    expect((await mia.send(`${from}/suspension`, { reason: '' }, from)).status).toBe(422);
    expect((await mia.follow(await mia.send(`${from}/suspension`, reason, from))).html).toContain(
      'The app is suspended',
    );
    expect((await mia.get('/console/store/apps?suspended=yes')).html).toContain('console/store/apps/calendar');
    expect((await mia.send(`${from}/reinstatement`, reason, from)).status).toBe(303);
    expect((await mia.send(`${from}/trust-level`, { trustLevel: 'divine', ...reason }, from)).status).toBe(422);
    // It is official by now: taking that away is for administrators.
    expect((await mia.send(`${from}/trust-level`, { trustLevel: 'approved', ...reason }, from)).status).toBe(403);
    expect((await boss.send(`${from}/trust-level`, { trustLevel: 'approved', ...reason }, from)).status).toBe(303);
    expect((await mia.get('/console/store/apps/no-such-app')).status).toBe(404);
  });

  test('a reinstated app of which not all came back says so', async () => {
    const archive = await appArchive({ id: 'partly' });
    expect((await upload(all.store.url, all.developer, 'partly', archive)).status).toBe(201);
    const from = '/console/store/apps/partly';
    expect((await mia.send(`${from}/suspension`, reason, from)).status).toBe(303);
    const withdrawn = { version: '1.0.0', status: 'withdrawn', reason: 'It went too far.' };
    expect((await mia.send(`${from}/releases`, withdrawn, from)).status).toBe(303);
    const { html } = await mia.follow(await mia.send(`${from}/reinstatement`, reason, from));
    expect(html).toContain('not all of it came back');
    expect(html).toContain('It went too far.');
  });

  test('a release is quarantined with a canned reason, and not without any', async () => {
    const from = '/console/store/apps/calendar';
    const change = { version: '1.0.0', status: 'quarantined' };
    const bare = await mia.send(`${from}/releases`, change, from);
    expect([bare.status, bare.html.includes('A reason is needed')]).toEqual([400, true]);
    expect((await mia.send(`${from}/releases`, { ...change, reasonCode: 'no-such' }, from)).status).toBe(400);
    expect((await mia.send(`${from}/releases`, { ...change, reasonCode: 'broken' }, from)).status).toBe(303);
    expect((await mia.get(from)).html).toContain('It does not work');
  });

  test('people are invited with a link that is shown once; a bad address is not taken', async () => {
    const made = await mia.send(
      '/console/people/invitations',
      { name: 'zoe', email: '', role: 'developer' },
      '/console/people',
    );
    expect(made.html).toMatch(/\/console\/invitations\/portcullis_invitation_[\w-]{43}/);
    expect((await mia.get('/console/people')).html).not.toMatch(/portcullis_invitation_/);
    expect((await mia.send('/console/people/invitations', { email: 'nonsense' }, '/console/people')).status).toBe(400);
    expect((await mia.send('/console/people/invitations', { role: 'moderator' }, '/console/people')).status).toBe(403);
  });

  test('an invitation is revoked by whoever made it or an administrator, and opens nothing then', async () => {
    const invite = async (name: string): Promise<{ readonly link: string; readonly revocation: string }> => {
      const made = await mia.send('/console/people/invitations', { name, role: 'developer' }, '/console/people');
      const link = /\/console\/invitations\/portcullis_invitation_[\w-]{43}/.exec(made.html)?.[0] ?? '';
      const { html } = await mia.get('/console/people');
      const forms = html.split('<form').filter((form) => form.includes(`Revoke the invitation of ${name}`));
      const id = /people\/invitations\/([0-9a-f-]{36})\/revocation/.exec(forms[0] ?? '')?.[1] ?? '';
      return { link, revocation: `/console/people/invitations/${id}/revocation` };
    };
    const stranger = visitConsole(all.store.url);
    for (const [name, who] of [
      ['yve', mia],
      ['xan', boss],
    ] as const) {
      const { link, revocation } = await invite(name);
      expect((await stranger.get(link)).status).toBe(200);
      expect((await max.send(revocation, {}, '/console/people')).status).toBe(404);
      expect((await stranger.get(link)).status).toBe(200);
      const revoked = await who.send(revocation, {}, '/console/people');
      expect((await who.follow(revoked)).html).toContain('The invitation is revoked');
      expect((await stranger.get(link)).status).toBe(410);
    }
  });

  test('a developer is suspended and reinstated by moderators, a moderator only by administrators, nobody by themselves', async () => {
    await all.store.token(null, { account: 'eve' });
    const from = '/console/people/eve';
    expect((await mia.send(`${from}/suspension`, { reason: ' ' }, from)).status).toBe(422);
    expect((await mia.send(`${from}/suspension`, reason, from)).status).toBe(303);
    expect((await mia.get('/console/people?suspended=yes')).html).toContain('console/people/eve');
    expect((await mia.send(`${from}/reinstatement`, reason, from)).status).toBe(303);
    expect((await mia.get('/console/people/max')).html).toContain('Administrators decide about moderators');
    expect((await mia.get('/console/people/mia')).html).toContain('This is you');
    expect((await mia.send('/console/people/max/suspension', reason, from)).status).toBe(403);
    expect((await mia.get('/console/people/nobody-at-all')).status).toBe(404);
  });

  test('an administrator changes a role and revokes a token', async () => {
    await all.store.token(null, { account: 'dan' });
    const from = '/console/people/dan';
    expect((await boss.send(`${from}/role`, { role: 'king', ...reason }, from)).status).toBe(422);
    expect((await boss.send(`${from}/role`, { role: 'moderator', ...reason }, from)).status).toBe(303);
    const id = /people\/dan\/tokens\/([0-9a-f-]{36})\/revocation/.exec((await boss.get(from)).html)?.[1] ?? '';
    expect((await boss.send(`${from}/tokens/${id}/revocation`, {}, from)).status).toBe(303);
    expect((await boss.get(from)).html).toContain('revoked');
    expect((await mia.get(from)).html).not.toContain('/revocation');
  });

  test('a certificate is found by serial and app, and revoked only after its effect was seen and a reason given', async () => {
    const path = `/console/store/certificates/${all.serial}`;
    expect((await mia.get(`/console/store/certificates?q=${all.serial.toLowerCase()}`)).html).toContain(all.serial);
    expect((await mia.get('/console/store/certificates?q=calendar&status=valid')).html).toContain(all.serial);
    expect((await mia.get('/console/store/certificates?q=nothing&status=expiring')).html).toContain(
      'No certificate fits',
    );
    expect((await mia.get('/console/store/certificates/zz')).status).toBe(404);
    const preview = await mia.get(`${path}/revocation?reason=keyCompromise&since=2020-01-01`);
    expect(preview.html).toContain('calendar 1.0.1');
    const from = `${path}/revocation?reason=superseded`;
    const bare = await mia.send(`${path}/revocation`, { reason: 'superseded', since: '', note: '' }, from);
    expect(bare.status).toBe(422);
    const future = { reason: 'keyCompromise', since: '2999-01-01', note: 'x' };
    expect((await mia.send(`${path}/revocation`, future, from)).status).toBeGreaterThanOrEqual(400);
    const done = await mia.send(`${path}/revocation`, { reason: 'superseded', since: '', note: 'A new one.' }, from);
    expect((await mia.follow(done)).html).toContain('The certificate is revoked');
  });

  test('an administrator changes a rule with a reason; one that no store weighs has no form', async () => {
    const from = '/console/rules/SIGNER_CHANGED';
    expect((await mia.get(from)).html).toContain('Administrators change rules');
    expect((await boss.send(from, { mode: 'shadow', reason: '' })).status).toBe(422);
    expect((await boss.send(from, { mode: 'louder', ...reason })).status).toBe(422);
    expect((await boss.send(from, { mode: 'shadow', ...reason })).status).toBe(303);
    expect((await mia.get('/console/rules?show=changed')).html).toContain('SIGNER_CHANGED');
    expect((await boss.get('/console/rules/BAD_SIGNATURE')).html).not.toContain('Change the rule');
    const fixed = await boss.send('/console/rules/BAD_SIGNATURE', { mode: 'off', ...reason }, from);
    expect(fixed.status).toBe(409);
    expect((await boss.get('/console/rules/NO_SUCH')).status).toBe(404);
  });

  test('the log is filtered, exported and verified', async () => {
    expect((await mia.get('/console/audit?actor=mia&kind=review-verdict')).html).toContain('review-verdict');
    expect((await mia.get('/console/audit?kind=no-such-kind')).html).toContain('No entry fits');
    expect((await mia.get('/console/audit?subject=nonsense&since=x&after=y')).status).toBe(200);
    const verified = await mia.send('/console/audit/verification', {}, '/console/audit');
    expect(verified.html).toContain('It is whole');
    const copy = await mia.get('/console/audit/export');
    expect(copy.headers.get('content-disposition')).toMatch(/attachment; filename="audit-\d+\.ndjson"/);
    expect(copy.html.trim().split('\n').at(-1)).toContain('"head"');
  });

  test('statistics show refusals as a chart with its numbers, and who decided to administrators only', async () => {
    const page = await mia.get('/console/statistics?days=30');
    expect(page.html).toContain('<svg viewBox="0 0 720 240" role="img"');
    expect(page.html).toContain('INFO_XML_INCOMPLETE');
    expect(page.html).not.toContain('Who decided');
    expect((await boss.get('/console/statistics')).html).toContain('Who decided');
    expect((await mia.get('/console/statistics?days=7')).status).toBe(200);
  });
});
