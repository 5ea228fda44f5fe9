import { readFile, writeFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { request } from '../support/api.js';
import type { AppArchiveOptions } from '../support/app-archive.js';
import { writeAppFolder } from '../support/app-folder.js';
import {
  chromiumWord,
  dropArchive,
  launchChromium,
  markDocument,
  openWindow,
  withChromium,
} from '../support/browser.js';
import { startBuiltGate, type BuiltGate } from '../support/built-gate.js';
import { JUNK, NESTED } from '../support/verdicts.js';

/*
 * A store from its first invitation to a release that two moderators let pass, as its people see it: each at a browser of their
 * own, all at once, at the built gate. But for the first invitation, the developer's own tools and the last look at the audit
 * log, everything is done on the pages.
 */

const PASSWORD = 'nine quiet herons wading';

/** Somebody who is signed in, at a browser of their own. */
interface Person {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: readonly string[];
}

withChromium(`a store and its people (${chromiumWord})`, () => {
  let gate: BuiltGate;
  let browser: Browser;

  beforeAll(async () => {
    gate = await startBuiltGate({ environment: { RULES: 'JUNK_FILES=hold,APPROVAL_REQUIRED=hold' } });
    browser = await launchChromium();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await gate?.remove();
  });

  const go = async (page: Page, path: string): Promise<void> => {
    await page.goto(`${gate.url}/console/${path}`);
  };

  /** Opens a link of an invitation in a new browser, and chooses a password there. */
  async function join(link: string): Promise<Person> {
    const person = await openWindow(browser);
    // Links name the address in the settings; this gate listens on any port that was free.
    await person.page.goto(`${gate.url}${new URL(link).pathname}`);
    await person.page.getByLabel('Password').fill(PASSWORD);
    await person.page.getByRole('button', { name: 'Make the account and accept' }).click();
    await person.page.getByText('The invitation is accepted.').waitFor();
    return person;
  }

  /** Invites somebody as an administrator does; the link. */
  async function invite({ page }: Person, name: string, role: string): Promise<string> {
    await go(page, 'people');
    await page.getByLabel('Account name').fill(name);
    await page.getByRole('radio', { name: role }).check();
    await page.getByRole('button', { name: 'Make the invitation' }).click();
    const shown = page.locator('section', { hasText: 'The link, this once' }).locator('code');
    return (await shown.textContent()) ?? '';
  }

  /** Builds an app as developers do: writes, signs, packs. */
  async function build(version: string, files: AppArchiveOptions['files'] = {}): Promise<Buffer> {
    await writeAppFolder(gate.path(version), { version, files });
    await gate.succeed(['sign', '--path', version, '--key', 'calendar.key', '--cert', 'calendar.crt']);
    await gate.succeed(['pack', version]);
    return readFile(gate.path(`calendar-${version}.zip`));
  }

  async function upload({ page }: Person, archive: Buffer): Promise<void> {
    await dropArchive(page, archive);
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.waitForURL(/\/console\/submissions\/[0-9a-f-]{36}$/);
  }

  /** How the submission stands that somebody looks at. */
  const standing = ({ page }: Person, words: string): Locator => page.locator('#submission-state').getByText(words);

  /** Finds a review in the queue, among those of its kind that wait for `whom`, and opens it. */
  async function openReview({ page }: Person, kind: string, title: string, whom = 'Anybody'): Promise<void> {
    await go(page, 'queue');
    await page.getByLabel('Waits for').selectOption({ label: whom });
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByRole('row').filter({ hasText: kind }).getByRole('link', { name: title, exact: true }).click();
    await page.getByRole('heading', { name: `${kind}: ${title}`, level: 1 }).waitFor();
  }

  /** One of the things that can be done about a review. */
  const act = ({ page }: Person, name: string): Locator => page.getByRole('region', { name, exact: true });

  /** The receipt that somebody is shown, on the part of the page with this id. */
  async function receipt({ page }: Person, part: string): Promise<string> {
    const hash = page.locator(`#${part} code`).getByText(/^[0-9a-f]{64}$/);
    return (await hash.textContent()) ?? '';
  }

  it('takes everybody in, and a release from refusal to publication, and another past two moderators', async () => {
    const { out } = await gate.succeed(['account', 'invite', 'root', '--role', 'administrator']);
    const root = await join(out.trim());
    const grace = await join(await invite(root, 'grace', 'moderator'));
    const max = await join(await invite(root, 'max', 'moderator'));
    const ada = await join(await invite(root, 'ada', 'developer'));
    await ada.page.getByRole('heading', { name: 'My apps', level: 1 }).waitFor();

    // A certificate, to sign with from the beginning.
    await gate.succeed(['keygen', '--out', 'calendar.key']);
    await gate.succeed(['csr', '--key', 'calendar.key', '--app-id', 'calendar', '--out', 'calendar.csr']);
    await go(ada.page, 'my/certificates');
    await ada.page.getByLabel('App id').fill('calendar');
    await ada.page.getByLabel('The .csr file').setInputFiles(gate.path('calendar.csr'));
    await ada.page.getByRole('button', { name: 'Send the request' }).click();
    await ada.page.getByText('Your request is sent.').waitFor();
    await openReview(grace, 'Signing request', 'calendar');
    await act(grace, 'Approve').getByRole('textbox').fill('I know her.');
    await act(grace, 'Approve').getByRole('button').click();
    await grace.page.getByText('The verdict is given.').waitFor();
    await ada.page.reload();
    const [download] = await Promise.all([
      ada.page.waitForEvent('download'),
      ada.page.getByRole('link', { name: 'Download calendar.crt' }).click(),
    ]);
    await writeFile(gate.path('calendar.crt'), await readFile(await download.path()));

    // Nothing is wrong with the first release.
    await go(ada.page, 'my/apps');
    await ada.page.getByLabel('App id').fill('calendar');
    await upload(ada, await build('1.0.0'));
    await standing(ada, 'Accepted and published').waitFor();

    // The next one is refused. She reads why, and appeals.
    await go(ada.page, 'my/apps/calendar');
    await upload(ada, await build('1.1.0', { ...NESTED, 'js/script.js': 'console.log("a second calendar");\n' }));
    await standing(ada, 'The gate refused it').waitFor();
    await ada.page.getByRole('link', { name: 'NESTED_APPINFO' }).click();
    await ada.page.getByRole('heading', { name: 'How to mend it' }).waitFor();
    await ada.page.goBack();
    await ada.page
      .getByLabel('Why it should be accepted')
      .fill('The copy below build/ is a fixture, and read by nobody.');
    await ada.page.getByRole('button', { name: 'Appeal' }).click();
    await standing(ada, 'The appeal waits for a moderator').waitFor();
    const isSameAppeal = await markDocument(ada.page);

    // A moderator finds it, sees what is different, and decides.
    await openReview(grace, 'Appeal', 'calendar 1.1.0');
    await grace.page.getByText('The copy below build/ is a fixture').first().waitFor();
    await grace.page.getByRole('link', { name: 'Difference' }).first().click();
    await grace.page.getByText('Against 1.0.0').waitFor();
    const file = (path: string): Locator => grace.page.getByRole('region', { name: path, exact: true });
    await file('build/appinfo/info.xml').getByText('added', { exact: true }).waitFor();
    await file('js/script.js').getByText('console.log("calendar");').waitFor();
    await file('js/script.js').getByText('console.log("a second calendar");').waitFor();
    await grace.page.getByRole('link', { name: 'Back to the review' }).click();
    const grant = act(grace, 'Grant the appeal');
    await grant.getByLabel('NESTED_APPINFO').check();
    await grant.getByRole('textbox').fill('A fixture indeed. Leave it out next time.');
    await grant.getByRole('button').click();
    await grace.page.getByText('The verdict is given.').waitFor();
    const granted = await receipt(grace, 'review-standing');

    // The page she left open says so by itself.
    await standing(ada, 'Accepted and published').waitFor();
    await standing(ada, 'A fixture indeed.').waitFor();
    await ada.page.locator('#submission-receipt').getByText(granted).waitFor();
    expect(await ada.page.locator('#announcements').textContent()).toBe('Accepted and published');
    expect(await isSameAppeal()).toBe(true);

    // The store vouches for the app: from now on a person looks at each of its releases.
    await go(root.page, 'store/apps/calendar');
    await root.page.getByLabel('How much the store vouches for it').selectOption('official');
    const level = root.page.locator('section', { hasText: 'Trust level' }).last();
    await level.getByLabel('Why').fill('It is one of ours now.');
    await root.page.getByRole('button', { name: 'Change the trust level' }).click();
    await root.page.getByText('Saved.').waitFor();
    await go(ada.page, 'my/apps/calendar');
    await upload(ada, await build('1.2.0', JUNK));
    await standing(ada, 'It waits for a moderator').waitFor();
    const isSameUpload = await markDocument(ada.page);

    // What the first moderator would lift is a proposal…
    await openReview(grace, 'Held upload', 'calendar 1.2.0');
    const accept = act(grace, 'Accept');
    for (const code of ['JUNK_FILES', 'APPROVAL_REQUIRED'])
      expect(await accept.getByLabel(code).isChecked()).toBe(true);
    await accept.getByRole('textbox').fill('A sample of settings, with nothing in it.');
    await accept.getByRole('button').click();
    await grace.page.getByText('The verdict is proposed: a second moderator must agree.').waitFor();
    const proposed = await receipt(grace, 'review-standing');
    const isSameReview = await markDocument(grace.page);

    // …which they can't confirm: there is no form for it, and the gate doesn't take one that is made.
    await grace.page.getByRole('button', { name: 'Take the proposal back' }).waitFor();
    expect(await act(grace, 'Confirm').count()).toBe(0);
    expect(await confirmByForce(grace)).toBe(403);
    await standing(ada, 'It waits for a moderator').waitFor();
    const visitor = await openWindow(browser);
    await go(visitor.page, 'apps/calendar');
    await visitor.page.getByRole('heading', { name: 'Version 1.1.0' }).waitFor();
    expect(await visitor.page.getByText('1.2.0').count()).toBe(0);

    // A second moderator finds it, and agrees.
    await openReview(max, 'Held upload', 'calendar 1.2.0', 'A second moderator');
    await max.page.getByText('A second moderator is needed').waitFor();
    await act(max, 'Confirm').getByLabel('Why you agree').fill('I looked into it, too.');
    await act(max, 'Confirm').getByRole('button').click();
    await max.page.getByText('The verdict is given.').waitFor();
    const confirmed = await receipt(max, 'review-standing');

    // Everybody who has a page of it open sees it there.
    await standing(ada, 'Accepted and published').waitFor();
    await ada.page.locator('#submission-receipt').getByText(confirmed).waitFor();
    expect(await isSameUpload()).toBe(true);
    await grace.page.locator('#review-standing').getByText('Decided').waitFor();
    await grace.page.locator('#review-standing').getByText(confirmed).waitFor();
    expect(await isSameReview()).toBe(true);
    await visitor.page.reload();
    await visitor.page.getByRole('heading', { name: 'Version 1.2.0' }).waitFor();
    await visitor.page.getByText('official', { exact: true }).first().waitFor();
    await visitor.page.getByRole('row').filter({ hasText: '1.2.0' }).getByText('published', { exact: true }).waitFor();

    // What they were shown stands in the audit log, which is whole.
    const id = new URL(max.page.url()).pathname.split('/').at(-1);
    const found = await request(`${gate.url}/api/v1/audit/${confirmed}`);
    expect(found).toMatchObject({ status: 200, body: { kind: 'review-verdict', subject: { type: 'review', id } } });
    const receipts = [granted, proposed, confirmed];
    expect(new Set(receipts).size).toBe(3);
    const verified = await gate.run(['audit', 'verify', ...receipts.flatMap((hash) => ['--receipt', hash])]);
    expect(verified).toMatchObject({ exit: 0, err: '' });
    expect(verified.out).toContain('The log is whole');

    // The browser notes the one answer that was asked for by force; a policy that was broken would be noted, too.
    const complaints = [root, grace, max, ada, visitor].flatMap((each) => each.complaints);
    expect(complaints.filter((text) => !text.includes('403'))).toEqual([]);
  }, 180_000);

  /** Sends what only another may send: a confirmation, with the session and the token of the page. The status of the answer. */
  async function confirmByForce({ page }: Person): Promise<number> {
    return page.evaluate(async () => {
      const { document, fetch, location, URLSearchParams: Fields } = globalThis as any;
      const csrf = document.querySelector('input[name="csrf"]').value as string;
      const body = new Fields({ csrf, reason: 'I agree with myself.' });
      const answer = await fetch(`${location.pathname}/confirmation`, { method: 'POST', body });
      return answer.status as number;
    });
  }
});
