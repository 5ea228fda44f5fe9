import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setPasswordAsOperator } from '../../src/accounts/passwords.js';
import { beginSession } from '../../src/accounts/sessions.js';
import { findAccount } from '../../src/database/accounts.js';
import { inTransaction } from '../../src/database/connect.js';
import { settleCopied } from '../../src/database/screenshots.js';
import { createSignedData } from '../../src/pki/cms.js';
import { keySigner } from '../../src/pki/signer.js';
import { defaultRules } from '../../src/policy/rules.js';
import { networkTo } from '../unit/network/network-to.js';
import { request, sendJson, upload, type ApiAnswer } from './api.js';
import { appArchive } from './app-archive.js';
import { visitConsole, type ConsoleVisit } from './console-visit.js';
import { act, ask, csrFor } from './signing-requests.js';
import { issueSigner, signedBy, type StoreSigner } from './store-signer.js';
import { startTestGate, type TestGate } from './test-gate.js';
import { decide, JUNK, moderator, NESTED, onReview, setLevel } from './verdicts.js';

/** Who asks, in the order of the columns of the table. */
export const people = ['nobody', 'developer', 'other', 'owner', 'co-owner', 'moderator', 'administrator'] as const;

export type Person = (typeof people)[number];

/** The account that each of them has; `calendar` is ada's and cleo's, `notes` is otto's. */
export const accountOf: Readonly<Record<Exclude<Person, 'nobody'>, string>> = {
  developer: 'dora',
  other: 'otto',
  owner: 'ada',
  'co-owner': 'cleo',
  moderator: 'mia',
  administrator: 'anna',
};

/** A store with one of everything, and what makes more of it. */
export interface AccessStore {
  readonly gate: TestGate;
  /** Tokens for everything that each may do. */
  readonly tokens: Readonly<Record<Person, string | undefined>>;
  /** Ada's, made for her app `tasks` alone. */
  readonly elsewhere: string;
  /** Of somebody who owns `calendar` too, and is suspended. */
  readonly suspended: string;
  /** A certificate of `calendar`, a held submission and its review: for reading. */
  readonly serial: string;
  readonly held: Held;
  /** A version that was never used before. */
  newVersion(): string;
  /** A name that nobody has. */
  newName(what: string): string;
  newHeld(): Promise<Held>;
  newRefused(): Promise<string>;
  newAppeal(): Promise<Held>;
  /** The review of a verdict that another moderator proposed. */
  newProposal(): Promise<string>;
  newQuestion(): Promise<Held>;
  newRelease(): Promise<string>;
  /** Lets everybody report again who reported too often. */
  forgetAttempts(): Promise<void>;
  /** A request of ada's for a certificate of `calendar`, and its review. */
  newRequest(more?: object): Promise<string>;
  newQuestionedRequest(): Promise<string>;
  /** One whose control of an address is to be proven. */
  newChallenge(): Promise<string>;
  newSigner(): Promise<StoreSigner>;
  /** What takes a certificate back, signed by its key. */
  newRevocation(): Promise<string>;
  newApp(): Promise<string>;
  /** The digest of an image that a release shows. */
  shownImage(): Promise<string>;
  newAccount(): Promise<string>;
  newModerator(): Promise<string>;
  newCoOwner(): Promise<string>;
  /** An account with that password. */
  newPerson(password: string): Promise<string>;
  newToken(account?: string): Promise<string>;
  newWebhook(): Promise<string>;
  newDelivery(): Promise<{ readonly id: string; readonly deliveryId: string }>;
  /** Ada's, that makes somebody a co-owner of `calendar`. */
  newInvitation(account: string | null, appId?: string): Promise<{ readonly id: string; readonly secret: string }>;
  /** An invitation to the store. */
  newWelcome(): Promise<{ readonly id: string; readonly secret: string }>;
  /** A browser in which that account is signed in. */
  browserOf(account: string | null): Promise<ConsoleVisit>;
  stop(): Promise<void>;
}

interface Held {
  readonly submission: string;
  readonly review: string;
}

/** Starts the store, and makes everything by its API. */
export async function startAccessStore(): Promise<AccessStore> {
  const rules = { ...defaultRules, modes: { JUNK_FILES: 'hold' } } as const;
  const gate = await startTestGate({
    ownAuthority: true,
    config: { rules },
    gate: { network: networkTo(['127.0.0.1']) },
  });
  const { url } = gate;
  const everything = ['upload', 'manage'] as const;
  const token = (account: string) => gate.token(null, { account, scopes: everything });
  const [developer, other, owner, coOwner, suspended, max] = await Promise.all([
    token('dora'),
    token('otto'),
    token('ada'),
    token('cleo'),
    token('sue'),
    moderator(gate, 'max'),
  ]);
  const tokens = {
    nobody: undefined,
    developer,
    other,
    owner,
    'co-owner': coOwner,
    moderator: await gate.token(null, { account: 'mia', scopes: ['upload', 'manage', 'moderate'] }),
    administrator: await gate.token(null, { account: 'anna', scopes: ['upload', 'manage', 'moderate', 'operate'] }),
  };
  let count = 10;
  const newVersion = (): string => `${(count += 1)}.0.0`;
  const newName = (what: string): string => `${what}${(count += 1)}`;
  const put = async (id: string, who: string, wanted: number, version: string, files?: Record<string, string>) =>
    wantedOf(await upload(url, who, id, await appArchive({ id, version, ...(files && { files }) })), wanted);

  await put('calendar', owner, 201, '1.0.0');
  await put('calendar', owner, 201, '1.1.0');
  await put('tasks', owner, 201, '1.0.0');
  await put('notes', other, 201, '1.0.0');
  for (const name of ['cleo', 'sue']) {
    const added = `${url}/api/v1/apps/calendar/owners/${name}`;
    wantedOf(await sendJson(added, 'PUT', gate.operatorToken, {}), 200);
  }
  wantedOf(await sendJson(`${url}/api/v1/accounts/sue/suspension`, 'PUT', gate.operatorToken, { reason: 'test' }), 200);
  await setLevel(gate, 'suite', 'official');
  const suite = { token: await gate.token('suite'), signer: await issueSigner(gate.gate, 'suite') };

  const heldOf = (body: any): Held => ({ submission: body.id ?? body.submission.id, review: body.review.id });
  let heldIn = 'calendar';
  let heldThere = 0;
  const newHeld = async (): Promise<Held> => {
    // Of one app only so many may wait.
    if ((heldThere += 1) % 15 === 0) {
      heldIn = newName('held');
      await put(heldIn, owner, 201, '1.0.0');
      wantedOf(await sendJson(`${url}/api/v1/apps/${heldIn}/owners/cleo`, 'PUT', gate.operatorToken, {}), 200);
    }
    return heldOf(await put(heldIn, owner, 202, newVersion(), JUNK));
  };
  const newRefused = async (): Promise<string> =>
    (await put('calendar', owner, 422, newVersion(), NESTED)).id as string;
  const open: string[] = [];

  const store: AccessStore = {
    gate,
    tokens,
    suspended,
    elsewhere: await gate.token(['tasks'], { account: 'ada', scopes: everything }),
    serial: (await issueSigner(gate.gate, 'calendar')).leaf.serial,
    held: await newHeld(),
    newVersion,
    newName,
    newHeld,
    newRefused,
    async newAppeal() {
      const id = await newRefused();
      const text = { text: 'Nothing is nested in it, look again.' };
      return heldOf(wantedOf(await sendJson(`${url}/api/v1/submissions/${id}/appeal`, 'POST', owner, text), 201));
    },
    async newProposal() {
      const archive = await signedBy(suite.signer, { id: 'suite', version: newVersion(), files: JUNK });
      const { review } = heldOf(wantedOf(await upload(url, suite.token, 'suite', archive), 202));
      wantedOf(await decide(gate, max, review, 'accepted'), 202);
      return review;
    },
    async newQuestion() {
      const held = await newHeld();
      wantedOf(await onReview(gate, max, held.review, 'question', { text: 'What is it for?' }), 200);
      return held;
    },
    async newRelease() {
      const version = newVersion();
      await put('calendar', owner, 201, version);
      return version;
    },
    async forgetAttempts() {
      await gate.gate.database.query('DELETE FROM attempts');
    },
    async newRequest(more = {}) {
      // Only so many may be open.
      for (const id of open.splice(0)) await act(gate, owner, id, 'withdrawal');
      const { id } = wantedOf(await ask(gate, owner, 'calendar', { csr: await csrFor('calendar'), ...more }), 201);
      open.push(id as string);
      return id as string;
    },
    async newQuestionedRequest() {
      const id = await store.newRequest();
      wantedOf(await act(gate, max, id, 'question', { reason: 'Whose is it?' }), 200);
      return id;
    },
    async newChallenge() {
      const id = await store.newRequest();
      wantedOf(await act(gate, owner, id, 'challenge', { declaredUrl: 'https://hooks.example/calendar' }), 201);
      return id;
    },
    newSigner: () => issueSigner(gate.gate, 'calendar'),
    async newRevocation() {
      const { leaf, privateKey } = await issueSigner(gate.gate, 'calendar');
      return createSignedData({ content: Buffer.from('revoke'), certificate: leaf, signer: keySigner(privateKey) });
    },
    async shownImage() {
      const bytes = Buffer.from('an image');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const file = join(gate.config.dataDir, 'image');
      await writeFile(file, bytes);
      await gate.gate.images.keep(file, sha256);
      const image = { sha256, mediaType: 'image/webp', width: 1, height: 1, bytes: bytes.length } as const;
      const due = { appId: 'calendar', version: '1.0.0', place: 1, attempts: 0 };
      await inTransaction(gate.gate.database, (tx) => settleCopied(tx, due, { image, thumbnail: image }));
      return sha256;
    },
    async newApp() {
      const id = newName('app');
      await put(id, owner, 201, '1.0.0');
      return id;
    },
    async newAccount() {
      const name = newName('somebody');
      await gate.token(null, { account: name, scopes: ['upload'] });
      return name;
    },
    async newCoOwner() {
      const name = await store.newAccount();
      const added = `${url}/api/v1/apps/calendar/owners/${name}`;
      wantedOf(await sendJson(added, 'PUT', gate.operatorToken, {}), 200);
      return name;
    },
    async newModerator() {
      const name = newName('watcher');
      await moderator(gate, name);
      return name;
    },
    async newPerson(password) {
      const name = await store.newAccount();
      await setPasswordAsOperator(gate.gate, name, password);
      return name;
    },
    async newToken(account) {
      const who = account === undefined ? owner : await token(account);
      const made = await sendJson(`${url}/api/v1/tokens`, 'POST', who, { scopes: ['upload'], label: 'test' });
      return wantedOf(made, 201).id as string;
    },
    async newWebhook() {
      const { webhooks } = wantedOf(await request(`${url}/api/v1/webhooks`, { token: owner }), 200);
      for (const { id } of webhooks) await request(`${url}/api/v1/webhooks/${id}`, { method: 'DELETE', token: owner });
      const body = { url: 'https://hooks.example/calendar', topics: ['release.published'] };
      return wantedOf(await sendJson(`${url}/api/v1/webhooks`, 'POST', owner, body), 201).webhook.id as string;
    },
    async newDelivery() {
      const id = await store.newWebhook();
      const sent = wantedOf(await sendJson(`${url}/api/v1/webhooks/${id}/ping`, 'POST', owner, {}), 202);
      return { id, deliveryId: sent.id as string };
    },
    newInvitation: async (account, appId = 'calendar') =>
      invitationOf(await sendJson(`${url}/api/v1/invitations`, 'POST', owner, { kind: 'co-owner', appId, account })),
    newWelcome: async () =>
      invitationOf(await sendJson(`${url}/api/v1/invitations`, 'POST', max, { kind: 'account', role: 'developer' })),
    async browserOf(account) {
      const visit = visitConsole(url);
      if (account === null) return visit;
      const { secret } = await inTransaction(gate.gate.database, async (tx) => {
        const row = await findAccount(tx, account);
        if (row === null) throw new Error(`No account ${account}`);
        return beginSession(tx, gate.gate, row, { method: 'invitation', label: 'test' });
      });
      visit.cookies.set('portcullis-session', secret);
      return visit;
    },
    stop: () => gate.stop(),
  };
  return store;
}

function invitationOf(answer: ApiAnswer): { readonly id: string; readonly secret: string } {
  const { invitation, link } = wantedOf(answer, 201);
  return { id: invitation.id as string, secret: String(link).replace(/^.*\//, '') };
}

/** The body of an answer that must be there for the rest to make sense. */
function wantedOf({ status, body }: ApiAnswer, wanted: number): any {
  if (status === wanted) return body;
  throw new Error(`${status}, not ${wanted}: ${JSON.stringify(body).slice(0, 1000)}`);
}
