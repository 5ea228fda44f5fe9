import type { Browser } from 'playwright-core';
import { upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { chromiumWord, faultsInEveryLook, launchChromium, openWindow, withChromium } from '../support/browser.js';
import { startBuiltGate, type BuiltGate } from '../support/built-gate.js';

/* The public list of apps in a real browser: it asks the store's API through the client that other programs use. */

withChromium(`the public list of apps (${chromiumWord})`, () => {
  let gate: BuiltGate;
  let browser: Browser;

  beforeAll(async () => {
    gate = await startBuiltGate();
    const published = await upload(gate.url, await gate.operatorToken(), 'calendar', await appArchive());
    expect(published.status).toBe(201);
    browser = await launchChromium();
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await gate.remove();
  });

  it('suggests apps that fit while one types, and searches for them', async () => {
    const { context, page, complaints } = await openWindow(browser);
    await page.goto(`${gate.url}/console/apps`);
    const asked = page.waitForRequest((request) => request.url().includes('/api/v1/apps?'));
    await page.getByLabel('Search').pressSequentially('calendar');
    expect(new URL((await asked).url()).searchParams.get('q')).toMatch(/^cal/);
    await page.waitForFunction(
      () => document.querySelector('#suggestions option')?.getAttribute('label') === 'calendar',
    );
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByRole('link', { name: 'Calendar' }).waitFor();
    expect(await faultsInEveryLook(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
