import { readFile, writeFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import {
  chromiumWord,
  dropArchive,
  faultsInEveryLook,
  launchChromium,
  markDocument,
  openWindow,
  withChromium,
} from '../support/browser.js';
import { startBuiltGate, type BuiltGate } from '../support/built-gate.js';
import { NESTED } from '../support/verdicts.js';

/*
 * A developer's day in a real browser at the built gate: an app is dropped on the page, refused, its reasons are read, the
 * refusal is appealed, and the verdict is seen as it falls.
 */

withChromium(`the developer’s pages (${chromiumWord})`, () => {
  let gate: BuiltGate;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: readonly string[];
  let ada: string;
  let mod: string;

  beforeAll(async () => {
    gate = await startBuiltGate({ environment: { RULES: 'JUNK_FILES=hold' } });
    browser = await launchChromium();
    const operator = await gate.operatorToken();
    const tokenOf = async (account: string, scopes: readonly string[]): Promise<string> => {
      const { body } = await sendJson(`${gate.url}/api/v1/tokens`, 'POST', operator, { account, scopes });
      return body.token as string;
    };
    ada = await tokenOf('ada', ['upload', 'manage']);
    mod = await tokenOf('grace', ['upload', 'manage', 'moderate']);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await gate.remove();
  });

  beforeEach(async () => {
    ({ context, page, complaints } = await openWindow(browser));
    await page.goto(`${gate.url}/console/sign-in/token?returnTo=console/my/apps`);
    await page.getByLabel('Token').fill(ada);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'My apps', level: 1 }).waitFor();
  });

  afterEach(async () => {
    await context.close();
  });

  /** How the submission on the page stands. */
  const standing = (words: string): Locator => page.locator('#submission-state').getByText(words);

  async function reviewOf(appId: string): Promise<string> {
    const { body } = await request(`${gate.url}/api/v1/reviews?app=${appId}`, { token: mod });
    return body.reviews[0].id as string;
  }

  it('drops an app, is refused, reads why, appeals, and sees the verdict without reloading', async () => {
    const faults = [...(await faultsInEveryLook(page))];
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByLabel('App id').fill('calendar');
    await dropArchive(page, await appArchive({ files: NESTED }));
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await standing('The gate refused it').waitFor();
    expect(page.url()).toMatch(/\/console\/submissions\/[0-9a-f-]{36}$/);
    faults.push(...(await faultsInEveryLook(page)));
    await page.getByRole('link', { name: 'NESTED_APPINFO' }).click();
    await page.getByRole('heading', { name: 'How to mend it' }).waitFor();
    await page.goBack();

    await page.getByLabel('Why it should be accepted').fill('The copy below build/ is a fixture of our tests.');
    await page.getByRole('button', { name: 'Appeal' }).click();
    await standing('The appeal waits for a moderator').waitFor();
    faults.push(...(await faultsInEveryLook(page)));
    const isStillTheSame = await markDocument(page);
    const verdict = { verdict: 'denied', reason: 'Fixtures do not belong into a release.' };
    const { status } = await sendJson(
      `${gate.url}/api/v1/reviews/${await reviewOf('calendar')}/verdict`,
      'POST',
      mod,
      verdict,
    );
    expect(status).toBe(200);
    await standing('Refused, and the appeal was denied').waitFor();
    await page.locator('#submission-state').getByText('Fixtures do not belong into a release.').waitFor();
    expect(await page.locator('#announcements').textContent()).toBe('Refused, and the appeal was denied');
    expect(await isStillTheSame()).toBe(true);
    await page.reload();
    await standing('Refused, and the appeal was denied').waitFor();
    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
  }, 180_000);

  it('is asked a question while the page is open, answers, and sees it published', async () => {
    await page.getByLabel('App id').fill('notes');
    await dropArchive(page, await appArchive({ id: 'notes', files: { '.env': 'HOST=example.org\n' } }));
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await standing('It waits for a moderator').waitFor();
    const review = `${gate.url}/api/v1/reviews/${await reviewOf('notes')}`;
    await sendJson(`${review}/question`, 'POST', mod, { text: 'What is it for?' });
    await page.getByLabel('What you answer').fill('A sample for whoever installs it.');
    await page.getByRole('button', { name: 'Send the answer' }).click();
    await page.getByText('Your answer is sent.').waitFor();
    const accepted = { verdict: 'accepted', reason: 'Fine.', codes: ['JUNK_FILES'] };
    expect((await sendJson(`${review}/verdict`, 'POST', mod, accepted)).status).toBe(200);
    await standing('Accepted and published').waitFor();
    expect(complaints).toEqual([]);
  }, 60_000);

  it('is told on the page itself what is wrong with what was dropped', async () => {
    await page.getByLabel('App id').fill('calendar');
    await dropArchive(page, Buffer.from('this is no zip'));
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.getByRole('alert').getByText('not a zip').waitFor();
    expect(await page.getByLabel('App id').inputValue()).toBe('calendar');
    // The browser notes the status; a policy that was broken would be noted, too.
    expect(complaints.filter((text) => !text.includes('415'))).toEqual([]);
  });

  it('asks for a certificate with a file, and fetches it when it is granted', async () => {
    await gate.succeed(['keygen', '--out', 'signed.key']);
    await gate.succeed(['csr', '--key', 'signed.key', '--app-id', 'signed', '--out', 'signed.csr']);
    await page.goto(`${gate.url}/console/my/certificates`);
    const faults = [...(await faultsInEveryLook(page))];
    await page.getByLabel('App id').fill('signed');
    await page.getByLabel('The .csr file').setInputFiles(gate.path('signed.csr'));
    await page.getByRole('button', { name: 'Send the request' }).click();
    await page.getByText('Your request is sent.').waitFor();
    faults.push(...(await faultsInEveryLook(page)));
    const id = page.url().split('/').at(-1) ?? '';
    const granted = await sendJson(`${gate.url}/api/v1/signing-requests/${id}/approval`, 'POST', mod, { reason: 'ok' });
    expect(granted.status).toBe(200);
    await page.reload();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download signed.crt' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('signed.crt');
    await writeFile(gate.path('signed.crt'), await readFile(await download.path()));
    faults.push(...(await faultsInEveryLook(page)));
    await page.getByRole('link', { name: 'The certificate', exact: true }).click();
    await page.getByRole('heading', { name: 'Certificate of signed' }).waitFor();
    faults.push(...(await faultsInEveryLook(page)));
    await page.getByRole('button', { name: 'See what it would do' }).click();
    await page.getByRole('button', { name: 'Revoke it now' }).waitFor();
    faults.push(...(await faultsInEveryLook(page)));
    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
  }, 180_000);

  it('has no fault that axe-core finds on any other page of the developer', async () => {
    const published = await upload(gate.url, ada, 'shown', await appArchive({ id: 'shown' }));
    expect(published.status).toBe(201);
    const paths = [
      'my/apps',
      'my/apps/shown',
      'my/apps/shown/upload',
      'my/apps/shown/releases/1.0.0/withdrawal',
      `submissions/${published.body.id}`,
      'tokens',
      'notifications',
      'apps',
      'apps/shown',
      'apps/shown/report',
    ];
    const faults: string[] = [];
    for (const path of paths) {
      await page.goto(`${gate.url}/console/${path}`);
      faults.push(...(await faultsInEveryLook(page)));
    }
    await page.goto(`${gate.url}/console/tokens`);
    await page.getByRole('textbox', { name: 'Name' }).fill('build server');
    await page.getByRole('button', { name: 'Make the token' }).click();
    await page.getByRole('heading', { name: 'The token, this once' }).waitFor();
    faults.push(...(await faultsInEveryLook(page)));
    await page.goto(`${gate.url}/console/notifications`);
    await page.getByRole('textbox', { name: 'Address' }).fill('https://hooks.example.org/portcullis');
    await page.getByRole('button', { name: 'Add it' }).click();
    await page.getByRole('link', { name: 'I have kept it' }).click();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('A test is on its way.').waitFor();
    faults.push(...(await faultsInEveryLook(page)));
    await page.goto(`${gate.url}/console/my/apps/shown`);
    await page.locator('summary', { hasText: 'Invite a co-owner' }).click();
    faults.push(...(await faultsInEveryLook(page)));
    await page.getByRole('button', { name: 'Make the invitation' }).click();
    await page.getByRole('heading', { name: 'The link, this once' }).waitFor();
    faults.push(...(await faultsInEveryLook(page)));
    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
  }, 300_000);
});
