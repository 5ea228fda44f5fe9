import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumWord, faultsInEveryLook, launchChromium, openWindow, withChromium } from '../support/browser.js';
import { startModeratedStore, type ModeratedStore } from '../support/moderated-store.js';

/*
 * The moderator's pages as people see them: a real browser, a store with one of everything that waits, axe-core as the judge of
 * every page on a phone and a wide screen, light and dark.
 */

withChromium(`moderating (${chromiumWord})`, () => {
  let all: ModeratedStore;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    all = await startModeratedStore();
    browser = await launchChromium();
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await all.store.stop();
  });

  beforeEach(async () => {
    ({ context, page, complaints } = await openWindow(browser));
    await signIn(page, all.moderator);
  });

  afterEach(async () => {
    await context.close();
  });

  async function signIn(where: Page, token: string): Promise<void> {
    await where.goto(`${all.store.url}/console/sign-in/token?returnTo=console/queue`);
    await where.getByLabel('Token').fill(token);
    await where.getByRole('button', { name: 'Sign in' }).click();
    await where.getByRole('heading', { name: 'Queue', level: 1 }).waitFor();
  }

  it('has no fault that axe-core finds on any page, and none is wider than a phone', async () => {
    const { held, appeal, quarantine, report } = all.reviews;
    const paths = [
      'queue',
      'queue?q=nothing-fits',
      ...[held, appeal, quarantine, report, all.reviews['signing-request']].map((id) => `reviews/${id}`),
      `reviews/${held}/difference`,
      `reviews/${held}/files`,
      `reviews/${held}/files?path=js%2Fscript.js`,
      `reviews/${held}/files?path=img%2Fphoto.png`,
      'store/apps',
      'store/apps/calendar',
      'people',
      'people/ada',
      'store/certificates',
      `store/certificates/${all.serial}`,
      `store/certificates/${all.serial}/revocation?reason=keyCompromise`,
      'rules?show=all',
      'rules/SIGNER_CHANGED',
      'audit',
      'statistics',
    ];
    const faults: string[] = [];
    for (const path of paths) {
      await page.goto(`${all.store.url}/console/${path}`);
      faults.push(...(await faultsInEveryLook(page)));
    }
    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
  }, 180_000);

  it('lets a moderator do a whole review by keyboard alone', async () => {
    const { held } = all.reviews;
    const { keyboard } = page;
    await keyboard.press('/');
    await keyboard.type('1.1.0');
    await keyboard.press('Enter');
    await page.waitForURL(/q=1\.1\.0/);
    await keyboard.press('j');
    await keyboard.press('c');
    await page.waitForURL(`**/console/reviews/${held}`);
    await page.getByText('You are at it', { exact: false }).first().waitFor();
    await keyboard.press('v');
    await page.getByRole('heading', { name: 'Another signature' }).waitFor();
    await keyboard.press('b');
    await page.waitForURL(`**/console/reviews/${held}`);
    await keyboard.press('a');
    // The box of what is lifted, which is ticked; the list of reasons; the words; the button.
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.type('The owners');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await page.getByText('The verdict is given').waitFor();
    await page.getByText('Receipt: the hash').waitFor();
    await keyboard.press('o');
    await page.waitForURL((url) => url.pathname.startsWith('/console/reviews/') && !url.pathname.endsWith(held));
    expect(complaints).toEqual([]);
  });

  it('shows without reloading what another moderator does, and takes nothing from under the hands of who types', async () => {
    const { report } = all.reviews;
    await page.goto(`${all.store.url}/console/reviews/${report}`);
    await page.getByRole('textbox', { name: 'Note' }).fill('half a note');
    const other = await openWindow(browser);
    await signIn(other.page, all.secondModerator);
    await other.page.goto(`${all.store.url}/console/reviews/${report}`);
    await other.page.getByRole('button', { name: 'Claim it' }).click();
    await page.locator('#review-standing').getByText('max is at it').waitFor();
    expect(await page.getByRole('textbox', { name: 'Note' }).inputValue()).toBe('half a note');
    await other.context.close();
  });

  it('stays up to date after a form that was not accepted, and leaves ticks and the focus where they are', async () => {
    const review = `${all.store.url}/console/reviews/${all.reviews.appeal}`;
    await page.goto(review);
    const grant = page.getByRole('region', { name: 'Grant the appeal' });
    await grant.getByLabel('INFO_XML_INCOMPLETE').check();
    await grant.getByRole('button').click();
    await grant.getByRole('alert').waitFor();
    expect(page.url()).not.toBe(review);
    await page.getByRole('link', { name: 'Thread' }).focus();

    const other = await openWindow(browser);
    await signIn(other.page, all.secondModerator);
    const note = async (text: string): Promise<void> => {
      await other.page.goto(review);
      await other.page.getByRole('textbox', { name: 'Note' }).fill(text);
      await other.page.getByRole('button', { name: 'Add the note' }).click();
      await other.page.getByText('The note is added.').waitFor();
      await page.locator('#review-thread').getByText(text).waitFor();
    };
    await note('I know this app.');
    expect(await grant.getByLabel('INFO_XML_INCOMPLETE').isChecked()).toBe(true);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Thread');

    // Where the very part is replaced that the focus is in.
    await page.goto(review);
    await page.getByRole('button', { name: 'Claim it' }).focus();
    await other.page.goto(review);
    await other.page.getByRole('button', { name: 'Claim it' }).click();
    await page.locator('#review-standing').getByText('max is at it').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('review-standing');
    await other.page.getByRole('button', { name: 'Let it go' }).click();
    await page.getByRole('button', { name: 'Claim it' }).waitFor();
    await other.context.close();
  });
});
