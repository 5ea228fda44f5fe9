import { source as axeSource } from 'axe-core';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/** Chromium as it is installed: PORTCULLIS_CHROMIUM says where it is, if not where Debian has it. */
const CHROMIUM = process.env['PORTCULLIS_CHROMIUM'] ?? '/usr/bin/chromium';

/** What keeps it to the pages that it is sent to. */
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `describe` where there is a Chromium; where there is none the tests are skipped, and their title says so. */
export const withChromium: jest.Describe = existsSync(CHROMIUM) ? describe : describe.skip;

/** For the title of tests: `withChromium(\`… (${chromiumWord})\`)`. */
export const chromiumWord = existsSync(CHROMIUM)
  ? 'in Chromium'
  : `skipped: no Chromium at ${CHROMIUM}; PORTCULLIS_CHROMIUM names another`;

/** Starts Chromium without a window. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** How wide a window is, and whether its system is dark. */
export interface Look {
  readonly width: 390 | 1440;
  readonly colorScheme: 'light' | 'dark';
}

/** Every look that pages are judged in. */
export const looks: readonly Look[] = [
  { width: 390, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
  { width: 1440, colorScheme: 'light' },
  { width: 1440, colorScheme: 'dark' },
];

/** A window of its own, with no cookies. */
export async function openWindow(
  browser: Browser,
  { width, colorScheme }: Look = { width: 1440, colorScheme: 'light' },
): Promise<{ readonly context: BrowserContext; readonly page: Page; readonly complaints: readonly string[] }> {
  const context = await browser.newContext({
    viewport: { width, height: width === 390 ? 844 : 900 },
    colorScheme,
    // Nothing is judged on its way from one colour to another.
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  // What the content security policy forbids is told there, and so is every fault of a script.
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { context, page, complaints };
}

/** Drops an archive on the place for it, as a desktop does, and waits until the page names it. */
export async function dropArchive(page: Page, archive: Buffer): Promise<void> {
  const data = await page.evaluateHandle(
    ([base64]) => {
      const browserWorld = globalThis as any;
      const bytes = Uint8Array.from(browserWorld.atob(base64), (character: string) => character.charCodeAt(0));
      const transfer = new browserWorld.DataTransfer();
      transfer.items.add(new browserWorld.File([bytes], 'app.zip', { type: 'application/zip' }));
      return transfer;
    },
    [archive.toString('base64')],
  );
  await page.dispatchEvent('.drop', 'dragover', { dataTransfer: data });
  await page.dispatchEvent('.drop', 'drop', { dataTransfer: data });
  await page.getByText(/app\.zip · /).waitFor();
}

/** Marks the document that a window shows: what says later whether it is this one still, or was loaded anew. */
export async function markDocument(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => ((globalThis as any).isMarked = true));
  return () => page.evaluate(() => (globalThis as any).isMarked === true);
}

/** What axe-core says against a page as it is shown, by WCAG 2.2 AA and good practice; in a line for each fault. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as any).axe.run({ resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }: { id: string; nodes: { target: string[]; failureSummary: string }[] }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    ) as string[];
  });
}

/** How much wider the page is than its window, in pixels; 0 where nothing is cut off. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = (globalThis as any).document.documentElement;
    return Math.max(0, scrollWidth - clientWidth);
  });
}

/** Looks at the page in every look, in the window it is open in, and says what is wrong with it in any. */
export async function faultsInEveryLook(page: Page): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { width, colorScheme } of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    const place = `${new URL(page.url()).pathname} at ${width}, ${colorScheme}`;
    for (const fault of await accessibilityFaults(page)) faults.push(`${place}: ${fault}`);
    const excess = await overflow(page);
    if (excess > 0) faults.push(`${place}: ${excess} pixels wider than the window`);
  }
  return faults;
}
