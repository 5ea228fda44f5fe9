import { randomFrom, type Random } from '../fuzz/random.js';
import { sendJson, upload, type ApiAnswer } from './api.js';
import { appArchive } from './app-archive.js';
import { issueSigner, signedBy, type StoreSigner } from './store-signer.js';
import type { TestGate } from './test-gate.js';

/** An app that is written to by many at once. */
interface WrittenApp {
  readonly id: string;
  readonly token: string;
  /** What signs its next release; null for an app that is not signed. */
  signer: StoreSigner | null;
  versions: number;
  /** A new signer, from the gate that has the authority's key. */
  readonly issue: () => Promise<StoreSigner>;
}

const PLAIN_APPS = 6;
const SIGNED_APPS = 3;

/** Makes the apps that {@link writeForAWhile} writes to. */
export async function createWrittenApps(gate: TestGate): Promise<readonly WrittenApp[]> {
  const apps: WrittenApp[] = [];
  for (let n = 0; n < PLAIN_APPS + SIGNED_APPS; n += 1) {
    const id = n < PLAIN_APPS ? `plain-${n}` : `signed-${n}`;
    const issue = (): Promise<StoreSigner> => issueSigner(gate.gate, id);
    const token = await gate.token(id, { scopes: ['upload', 'manage'] });
    apps.push({ id, token, signer: n < PLAIN_APPS ? null : await issue(), versions: 0, issue });
  }
  return apps;
}

/** How often each thing was done, and was not refused. */
export type Done = Map<string, number>;

/**
 * Writers that do at once whatever changes a catalogue: publish, withdraw, put under quarantine, restore, change levels, suspend,
 * reinstate, revoke. Each by HTTP, at either of the gates: everything once at least, and then until `ms` have passed.
 *
 * @throws where anything fails that is not the writer's own fault
 */
export async function writeForAWhile(
  gates: readonly TestGate[],
  apps: readonly WrittenApp[],
  { writers, ms, seed }: { readonly writers: number; readonly ms: number; readonly seed: number },
): Promise<Done> {
  const done: Done = new Map();
  const end = Date.now() + ms;
  const write = async (writer: number): Promise<void> => {
    const random = randomFrom(seed, writer);
    const gate = gates[writer % gates.length];
    if (gate === undefined) throw new Error('Writers need a gate');
    for (let turn = 0; turn < acts.length || Date.now() < end; turn += 1) {
      const app = random.pick(apps);
      const [name, act] = acts[(writer + turn) % acts.length] ?? random.pick(acts);
      const answer = await act(gate, app, random);
      if (answer === null) continue;
      // An upload that trust changed under again and again is to be tried again.
      if (answer.status >= 500 && answer.body.code !== 'UNAVAILABLE')
        throw new Error(`${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
      if (answer.status < 300) done.set(name, (done.get(name) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  return done;
}

type Act = (gate: TestGate, app: WrittenApp, random: Random) => Promise<ApiAnswer | null>;

const reason = 'The writers say so.';

const publish: Act = async (gate, app) => {
  app.versions += 1;
  const options = { id: app.id, version: `1.${app.versions}.0` };
  const archive = app.signer === null ? await appArchive(options) : await signedBy(app.signer, options);
  return upload(gate.url, app.token, app.id, archive);
};

const setStatus =
  (status: string): Act =>
  async (gate, app, random) => {
    const version = `1.${random.below(app.versions) + 1}.0`;
    const address = `${gate.url}/api/v1/apps/${app.id}/releases/${version}/status`;
    return sendJson(address, 'PUT', gate.operatorToken, { status, reason });
  };

const setLevel: Act = async (gate, app, random) =>
  sendJson(`${gate.url}/api/v1/apps/${app.id}/trust-level`, 'PUT', gate.operatorToken, {
    trustLevel: random.pick(['experimental', 'approved'] as const),
    reason,
  });

const suspend: Act = async (gate, app, random) =>
  sendJson(
    `${gate.url}/api/v1/apps/${app.id}/suspension`,
    random.pick(['PUT', 'DELETE', 'DELETE'] as const),
    gate.operatorToken,
    {
      reason,
    },
  );

/** Seldom: with a certificate goes everything that the app has published under it. */
const revoke: Act = async (gate, app, random) => {
  const { signer } = app;
  if (signer === null || !random.oneIn(2)) return null;
  const body = { reason: random.pick(['superseded', 'keyCompromise'] as const), note: reason };
  const { serial } = signer.leaf;
  const answer = await sendJson(
    `${gate.url}/api/v1/certificates/${serial}/revocation`,
    'POST',
    gate.operatorToken,
    body,
  );
  if (app.signer === signer) app.signer = await app.issue();
  return answer;
};

const acts: readonly (readonly [string, Act])[] = [
  ['publish', publish],
  ['publish', publish],
  ['withdraw', setStatus('withdrawn')],
  ['quarantine', setStatus('quarantined')],
  ['restore', setStatus('published')],
  ['level', setLevel],
  ['suspend', suspend],
  ['revoke', revoke],
];
