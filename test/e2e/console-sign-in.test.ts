import { TOTP } from 'otpauth';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumWord, faultsInEveryLook, launchChromium, openWindow, withChromium } from '../support/browser.js';
import { startBuiltGate, type BuiltGate } from '../support/built-gate.js';

/*
 * The console's own pages as people see them: the built gate, a real browser, and axe-core as the judge of every page on a phone
 * and a wide screen, light and dark.
 */

const PASSWORD = 'nine quiet herons wading';

withChromium(`signing in (${chromiumWord})`, () => {
  let gate: BuiltGate;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    gate = await startBuiltGate();
    browser = await launchChromium();
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await gate.remove();
  });

  beforeEach(async () => {
    ({ context, page, complaints } = await openWindow(browser));
  });

  afterEach(async () => {
    await context.close();
  });

  /** Signs in as the operator, with the token of the first start. */
  async function signIn(): Promise<void> {
    await page.goto(`${gate.url}/console/sign-in/token?returnTo=console/account`);
    await page.getByLabel('Token').fill(await gate.operatorToken());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Account', level: 1 }).waitFor();
  }

  it('has no fault that axe-core finds on any page that everybody sees', async () => {
    const paths = [
      'sign-in',
      'sign-in/token',
      'password-reset',
      'findings',
      'findings?q=nothing-fits',
      'findings/BAD_SIGNATURE',
      'invitations/unknown',
    ];
    const faults: string[] = [];
    for (const path of paths) {
      await page.goto(`${gate.url}/console/${path}`);
      faults.push(...(await faultsInEveryLook(page)));
    }
    expect(faults).toEqual([]);
    // One invitation is unknown, which the browser notes; a policy that was broken would be noted, too.
    expect(complaints.filter((text) => !text.includes('410'))).toEqual([]);
  }, 180_000);

  it('leads the first administrator in, by keyboard alone', async () => {
    await page.goto(`${gate.url}/console/account`);
    expect(new URL(page.url()).pathname).toBe('/console/sign-in');
    await page.getByRole('link', { name: 'Sign in with a token' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Sign in with a token' }).waitFor();
    await page.getByLabel('Token').focus();
    await page.keyboard.type(await gate.operatorToken());
    await page.keyboard.press('Enter');
    // Where they wanted to go in the first place.
    await page.getByRole('heading', { name: 'Account', level: 1 }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(new URL(page.url()).hash).toBe('#main');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    expect(complaints).toEqual([]);
  });

  it('sets a password and a second step, signs out, and comes in again with both', async () => {
    await signIn();
    const faults = [...(await faultsInEveryLook(page))];
    await page.getByLabel('New password').fill('short');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByRole('alert').waitFor();
    faults.push(...(await faultsInEveryLook(page)));
    await page.getByLabel('New password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByText('Your password is changed.').waitFor();

    await page.getByRole('link', { name: 'Set up' }).click();
    await page.getByRole('heading', { name: 'Second step', level: 1 }).waitFor();
    faults.push(...(await faultsInEveryLook(page)));
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('img', { name: /QR code/ }).waitFor();
    faults.push(...(await faultsInEveryLook(page)));
    const secret = (await page.locator('.code code').textContent())?.replace(/\s/g, '') ?? '';
    await page.getByRole('textbox', { name: 'Code' }).fill('000000');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('textbox', { name: 'Code' }).fill(new TOTP({ secret }).generate());
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('heading', { name: 'Keep these recovery codes' }).waitFor();
    faults.push(...(await faultsInEveryLook(page)));
    const recoveryCode = (await page.locator('.recovery-codes code').first().textContent()) ?? '';
    await page.getByRole('link', { name: 'I have kept them' }).click();

    await page.locator('details.menu summary').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    await page.getByLabel('Account').fill('operator');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Second step' }).waitFor();
    faults.push(...(await faultsInEveryLook(page)));
    await page.getByRole('textbox', { name: 'Code' }).fill(recoveryCode);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('details.menu').waitFor();
    expect(faults).toEqual([]);
  }, 240_000);

  it('shows its keys, but not while somebody types', async () => {
    await page.goto(`${gate.url}/console/findings`);
    await page.getByLabel('Code or words').focus();
    await page.keyboard.press('?');
    expect(await page.locator('dialog').count()).toBe(0);
    await page.locator('h1').click();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement.id')).toBe('q');
    expect(complaints).toEqual([]);
  });

  it('brings a live part of a page up to date, under the policy, and runs nothing that comes with it', async () => {
    let visits = 0;
    await page.route('**/console/findings?live', async (route) => {
      const response = await route.fetch();
      const part = `<div id="live" data-live="console/live" data-live-region data-announce="state ${++visits}">seen ${visits}<img src="x" onerror="document.title='run'"></div>`;
      await route.fulfill({ response, body: (await response.text()).replace('<main', `${part}<main`) });
    });
    await page.route('**/console/live', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: 'data: changed\n\nevent: end\ndata:\n\n' }),
    );
    await page.goto(`${gate.url}/console/findings?live`);
    await page.getByText('seen 2').waitFor();
    expect(await page.locator('#announcements').textContent()).toBe('state 2');
    expect(await page.title()).not.toBe('run');
    // The policy lets nothing else make markup of text.
    const refused = await page.evaluate(
      `(() => { try { document.body.innerHTML = '<b>x</b>'; return false } catch { return true } })()`,
    );
    expect(refused).toBe(true);
  });

  it('works without any script', async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    try {
      const window = await plain.newPage();
      await window.goto(`${gate.url}/console/sign-in/token?returnTo=console/account`);
      await window.getByLabel('Token').fill(await gate.operatorToken());
      await window.getByRole('button', { name: 'Sign in' }).click();
      await window.getByRole('heading', { name: 'Account', level: 1 }).waitFor();
      await window.getByLabel('Address').fill('operator@example.org');
      await window.locator('form[action$="account/email"]').getByLabel('Your password').fill(PASSWORD);
      await window.getByRole('button', { name: 'Save the address' }).click();
      await window.getByText('Your e-mail address is changed.').waitFor();
    } finally {
      await plain.close();
    }
  });
});
