// Writes docs/screenshots: the console of a store with some life in it, as Chromium shows it, on a phone and on a wide screen, light and
// dark. Run by `npm run docs:screenshots`, which builds the gate first. Everything in the store is made by its API.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { startBuiltGate } from '../test/support/built-gate.js';
import { fillShownStore, type ShownStore } from '../test/support/shown-store.js';

const FOLDER = fileURLToPath(new URL('../docs/screenshots', import.meta.url));
const CHROMIUM = process.env['PORTCULLIS_CHROMIUM'] ?? '/usr/bin/chromium';
/** What Chromium is told to find at the gate's own port. */
const STORE = 'http://apps.example.org';
const MAX_HEIGHT = 1600;
/** A phone's, and a wide screen's. */
const SIZES = [
  [390, 844],
  [1440, 900],
] as const;

/** A page, and who looks at it. */
interface Shot {
  readonly name: string;
  readonly who: 'nobody' | 'developer' | 'moderator';
  readonly path: (store: ShownStore) => string;
}

const shots: readonly Shot[] = [
  { name: 'sign-in', who: 'nobody', path: () => 'console/sign-in' },
  { name: 'public-app', who: 'nobody', path: () => 'console/apps/calendar' },
  { name: 'my-app', who: 'developer', path: () => 'console/my/apps/calendar' },
  { name: 'refused', who: 'developer', path: ({ refused }) => `console/submissions/${refused}` },
  { name: 'queue', who: 'moderator', path: () => 'console/queue' },
  { name: 'review', who: 'moderator', path: ({ review }) => `console/reviews/${review}` },
  { name: 'difference', who: 'moderator', path: ({ review }) => `console/reviews/${review}/difference` },
  { name: 'statistics', who: 'moderator', path: () => 'console/statistics' },
  { name: 'audit', who: 'moderator', path: () => 'console/audit' },
];

async function signIn(page: Page, token: string): Promise<void> {
  await page.goto(`${STORE}/console/sign-in/token`);
  await page.fill('input[name=token]', token);
  await Promise.all([page.waitForURL((address) => !address.pathname.includes('sign-in')), page.click('main button')]);
}

async function take(page: Page, file: string): Promise<void> {
  const { width } = page.viewportSize() ?? { width: 1440 };
  const height = await page.locator('html').evaluate((root: { scrollHeight: number }) => root.scrollHeight);
  const clip = { x: 0, y: 0, width, height: Math.min(height, MAX_HEIGHT) };
  await page.screenshot({ path: file, clip, fullPage: true, animations: 'disabled' });
}

const gate = await startBuiltGate({ environment: { RULES: 'JUNK_FILES=hold', BASE_URL: STORE } });
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: [
    '--no-sandbox',
    '--disable-background-networking',
    `--host-resolver-rules=MAP apps.example.org ${new URL(gate.url).host}`,
  ],
});
try {
  const store = await fillShownStore(gate.url, await gate.operatorToken());
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  for (const who of ['nobody', 'developer', 'moderator'] as const) {
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const page = await context.newPage();
    if (who !== 'nobody') await signIn(page, store.tokens[who]);
    for (const { name, path } of shots.filter((shot) => shot.who === who)) {
      for (const [width, height] of SIZES) {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({ width, height });
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          const answer = await page.goto(`${STORE}/${path(store)}`);
          if (answer?.status() !== 200) throw new Error(`${name}: ${answer?.status() ?? 'nothing'}`);
          await take(page, join(FOLDER, `${name}-${width}-${colorScheme}.png`));
        }
      }
    }
    await context.close();
  }
} finally {
  await browser.close();
  await gate.remove();
}
