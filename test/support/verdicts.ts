import { request, sendJson, upload, type ApiAnswer } from './api.js';
import { appArchive, type AppArchiveOptions } from './app-archive.js';
import type { TestGate } from './test-gate.js';

/** A file that the gate finds nobody needs: `JUNK_FILES`. */
export const JUNK = { '.env': 'HOST=example.org\n' };

/** A copy of an app below the app: refused as `NESTED_APPINFO`, which a store may weigh otherwise. */
export const NESTED = { 'build/appinfo/info.xml': '<info/>' };

/** A moderator's token, for the whole store. */
export async function moderator(gate: TestGate, account: string): Promise<string> {
  return gate.token(null, { account, scopes: ['moderate'] });
}

/** Uploads an app that has junk in it: held where the store holds that. Returns the submission. */
export async function uploadJunk(
  gate: TestGate,
  token: string,
  id: string,
  options: AppArchiveOptions = {},
): Promise<any> {
  const { status, body } = await upload(gate.url, token, id, await appArchive({ id, files: JUNK, ...options }));
  if (status !== 202) throw new Error(`Not held but ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Uploads an app with another one inside, which the gate refuses. Returns the submission. */
export async function uploadNested(
  gate: TestGate,
  token: string,
  id: string,
  options: AppArchiveOptions = {},
): Promise<any> {
  const { status, body } = await upload(gate.url, token, id, await appArchive({ id, files: NESTED, ...options }));
  if (status !== 422) throw new Error(`Not refused but ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Asks something of a review. */
export async function onReview(
  gate: TestGate,
  token: string,
  id: string,
  what: 'verdict' | 'confirmation' | 'objection' | 'question' | 'notes' | 'inspection',
  body: object,
): Promise<ApiAnswer> {
  return sendJson(`${gate.url}/api/v1/reviews/${id}/${what}`, 'POST', token, body);
}

/** Decides a review. */
export async function decide(
  gate: TestGate,
  token: string,
  id: string,
  verdict: string,
  more: object = {},
): Promise<ApiAnswer> {
  return onReview(gate, token, id, 'verdict', { verdict, reason: `${verdict} by a test`, ...more });
}

/** A submission as its developer, or a moderator, sees it. */
export async function submissionOf(gate: TestGate, token: string, id: string): Promise<any> {
  const { status, body } = await request(`${gate.url}/api/v1/submissions/${id}`, { token });
  if (status !== 200) throw new Error(`No submission but ${status}`);
  return body;
}

export async function setLevel(gate: TestGate, id: string, trustLevel: string): Promise<void> {
  const change = { trustLevel, reason: 'test' };
  const { status } = await sendJson(`${gate.url}/api/v1/apps/${id}/trust-level`, 'PUT', gate.operatorToken, change);
  if (status !== 200) throw new Error(`No level but ${status}`);
}

/** The versions of an app, and what became of them. */
export async function releasesOf(gate: TestGate, id: string): Promise<Record<string, string>> {
  const { status, body } = await request(`${gate.url}/api/v1/apps/${id}/releases`);
  if (status === 404) return {};
  return Object.fromEntries(
    (body.releases as { version: string; status: string }[]).map(({ version, status: is }) => [version, is]),
  );
}

/** Gives a rule another weight, as a change at run time does. */
export async function setRule({ gate }: TestGate, code: string, mode: string | null): Promise<void> {
  await gate.database.query(
    `INSERT INTO rule_changes (code, mode, account_id, reason, happened_at)
     VALUES ($1, $2, (SELECT id FROM accounts WHERE name = 'operator'), 'test', now())`,
    [code, mode],
  );
}
