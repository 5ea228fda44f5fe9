import { acceptInvitation } from '../../src/accounts/invitations.js';
import { signInWithPassword } from '../../src/accounts/sign-in.js';
import { findAccount } from '../../src/database/accounts.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { commandLine, type CommandLineResult } from '../support/run-command-line.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const password = 'quiet harbour lamp 77';

let gate: TestGate;
beforeAll(async () => {
  gate = await startTestGate();
});
afterAll(async () => gate.stop());

function run(argv: readonly string[], input?: string): Promise<CommandLineResult> {
  const environment = {
    DATABASE_URL: gate.databaseUrl,
    DATA_DIR: gate.config.dataDir,
    BASE_URL: 'https://store.example.org',
  };
  return commandLine(argv, { environment, ...(input !== undefined && { input }) });
}

const account = (...argv: string[]): Promise<CommandLineResult> => run(['account', ...argv]);

async function canSignIn(name: string, secret: string): Promise<boolean> {
  const how = { name, password: secret, code: null, address: '192.0.2.1', label: '' };
  return signInWithPassword(gate.gate, how).then(
    () => true,
    () => false,
  );
}

test('invite prints the link alone, with which a newcomer becomes an administrator', async () => {
  const { exit, out, err } = await account('invite', 'ada', '--role', 'administrator', '--email', 'ada@example.org');
  expect(exit).toBe(0);
  const [, secret = ''] = /^https:\/\/store\.example\.org\/console\/invitations\/(\S+)\n$/.exec(out) ?? [];
  expect(err).not.toContain(secret);
  await acceptInvitation(gate.gate, secret, { newAccount: { name: 'ada', password }, label: null });
  const made = await findAccount(gate.gate.database, 'ada');
  expect(made).toMatchObject({ role: 'administrator', email: 'ada@example.org' });
  expect(await canSignIn('ada', password)).toBe(true);
});

test('invite refuses what is no name, no role and no address', async () => {
  expect((await account('invite')).exit).toBe(2);
  expect((await account('invite', 'Not A Name')).exit).toBe(2);
  expect((await account('invite', 'bo', '--role', 'king')).exit).toBe(2);
  expect((await account('invite', 'bo', '--email', 'nowhere')).exit).toBe(2);
  expect((await account('invite', 'portcullis')).err).toContain('NAME_TAKEN');
});

test('password takes one from a pipe, never from the command line', async () => {
  await gate.token(null, { account: 'carla' });
  expect((await run(['account', 'password', 'carla'], `${password}\nmore\n`)).out).toBe('carla has a new password.\n');
  expect(await canSignIn('carla', password)).toBe(true);
  expect((await account('password', 'carla', 'on-the-command-line')).exit).toBe(2);
  expect((await account('password', 'carla')).exit).toBe(2);
  expect((await run(['account', 'password', 'carla'], '')).exit).toBe(2);
  expect((await run(['account', 'password', 'carla'], 'x'.repeat(10_000))).exit).toBe(2);
  const short = await run(['account', 'password', 'carla'], 'short\n');
  expect(short).toMatchObject({ exit: 1, out: '' });
  expect(short.err).toContain('PASSWORD_REFUSED');
  expect((await run(['account', 'password', 'nobody'], `${password}\n`)).err).toContain('NOT_FOUND');
  expect(await canSignIn('carla', password)).toBe(true);
});

test('role, suspend and reinstate change what an account may do', async () => {
  const token = await gate.token(null, { account: 'dan', scopes: ['upload', 'manage'] });
  expect((await account('role', 'dan', 'moderator', '--reason', 'helps')).out).toBe('dan is moderator now.\n');
  expect((await account('suspend', 'dan', '--reason', 'away')).exit).toBe(0);
  expect((await request(`${gate.url}/api/v1/tokens`, { token })).body.code).toBe('ACCOUNT_SUSPENDED');
  expect((await account('show', 'dan')).out).toMatch(/dan is moderator[^]*suspended .* by operator {2}away/);
  expect((await account('reinstate', 'dan', '--reason', 'back')).exit).toBe(0);
  expect((await request(`${gate.url}/api/v1/tokens`, { token })).status).toBe(200);
  expect((await account('suspend', 'dan')).exit).toBe(2);
  expect((await account('role', 'dan', 'king', '--reason', 'x')).exit).toBe(2);
  expect((await account('role', 'nobody', 'developer', '--reason', 'x')).err).toContain('NOT_FOUND');
});

test('the account that the command line acts as is not taken away by it', async () => {
  await gate.token(null, { account: 'fay' });
  expect((await account('role', 'fay', 'administrator', '--reason', 'another one')).exit).toBe(0);
  for (const argv of [
    ['role', 'operator', 'developer'],
    ['suspend', 'operator'],
  ]) {
    const { exit, out, err } = await account(...argv, '--reason', 'r');
    expect([exit, out]).toEqual([1, '']);
    expect(err).toContain('OWN_CASE');
  }
  expect(await findAccount(gate.gate.database, 'operator')).toMatchObject({ role: 'administrator', suspendedAt: null });
  expect((await account('role', 'fay', 'developer', '--reason', 'no longer')).exit).toBe(0);
});

test('the last administrator stays, on the store’s own machine too', async () => {
  await account('role', 'ada', 'developer', '--reason', 'r');
  for (const argv of [
    ['role', 'operator', 'developer'],
    ['suspend', 'operator'],
  ]) {
    const { exit, err } = await account(...argv, '--reason', 'r');
    expect(exit).toBe(1);
    expect(err).toContain('LAST_ADMINISTRATOR');
  }
});

test('list and show tell it as a table and as the API does', async () => {
  await gate.token(null, { account: 'erin' });
  const table = (await account('list')).out;
  expect(table).toMatch(/^NAME +ROLE +MADE +STANDS +ADDRESS\n/);
  expect(table).toMatch(/^operator +administrator/m);
  const json = JSON.parse((await account('list', '--role', 'administrator', '--json')).out);
  expect(json.accounts.map(({ name }: { name: string }) => name)).toEqual(['operator']);
  expect((await account('list', '--suspended')).out).not.toContain('erin');
  expect(JSON.parse((await account('show', 'erin', '--json')).out)).toMatchObject({ name: 'erin', apps: [] });
  expect((await account('list', '--role', 'king')).exit).toBe(2);
  expect((await account('show', 'nobody')).exit).toBe(1);
});

test('app suspend and app reinstate take an app out of the store and back', async () => {
  const token = await gate.token('minded');
  await upload(gate.url, token, 'minded', await appArchive({ id: 'minded' }));
  expect((await run(['app', 'suspend', 'minded', '--reason', 'a look'])).out).toBe('minded is suspended.\n');
  expect((await run(['app', 'show', 'minded'])).out).toMatch(/suspended .* a look/);
  expect((await request(`${gate.url}/api/v1/apps/minded`)).body.suspended).toMatchObject({ reason: 'a look' });
  expect((await run(['app', 'reinstate', 'minded', '--reason', 'fine'])).exit).toBe(0);
  expect((await request(`${gate.url}/api/v1/apps/minded`)).body).toMatchObject({
    suspended: null,
    releases: [{ status: 'published' }],
  });
  expect((await run(['app', 'suspend', 'minded'])).exit).toBe(2);
  expect((await run(['app', 'suspend', 'no-such-app', '--reason', 'x'])).exit).toBe(1);
});

test('app reinstate says which releases did not come back, and why', async () => {
  const token = await gate.token('left-behind');
  for (const version of ['1.0.0', '1.1.0']) {
    await upload(gate.url, token, 'left-behind', await appArchive({ id: 'left-behind', version }));
  }
  await run(['app', 'suspend', 'left-behind', '--reason', 'a look']);
  const status = `${gate.url}/api/v1/apps/left-behind/releases/1.0.0/status`;
  const order = { status: 'withdrawn', reason: 'Bad on its own.' };
  expect((await sendJson(status, 'PUT', gate.operatorToken, order)).status).toBe(200);
  expect((await run(['app', 'reinstate', 'left-behind', '--reason', 'fine'])).out).toBe(
    'left-behind is no longer suspended.\n  1.0.0 stays withdrawn: Bad on its own.\n',
  );
  await run(['app', 'suspend', 'left-behind', '--reason', 'another']);
  const level = { trustLevel: 'official', reason: 'ours now' };
  const address = `${gate.url}/api/v1/apps/left-behind/trust-level`;
  expect((await sendJson(address, 'PUT', gate.operatorToken, level)).status).toBe(200);
  expect((await run(['app', 'reinstate', 'left-behind', '--reason', 'fine'])).out).toBe(
    'left-behind is no longer suspended.\n  1.1.0 stays quarantined: The app must be signed by now, and this release is not.\n',
  );
});
