import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { readConfig } from '../../src/config.js';
import { serve } from '../../src/serve.js';
import { upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { commandLine, commandLineProgram, type CommandLineResult } from '../support/run-command-line.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

interface MadeToken {
  readonly token: string;
  readonly id: string;
  readonly account: string;
  readonly scopes: readonly string[];
  readonly appIds: readonly string[] | null;
  readonly expiresAt: string | null;
}

describe('beside a gate that runs', () => {
  let gate: TestGate;

  beforeAll(async () => {
    gate = await startTestGate();
  });

  afterAll(async () => gate.stop());

  function run(...argv: string[]): Promise<CommandLineResult> {
    return commandLine(argv, { environment: { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir } });
  }

  async function create(...words: string[]): Promise<MadeToken> {
    const { exit, out, err } = await run('token', 'create', ...words, '--json');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    return JSON.parse(out) as MadeToken;
  }

  async function publish(id: string, token: string): Promise<number> {
    return (await upload(gate.url, token, id, await appArchive({ id }))).status;
  }

  describe('portcullis token', () => {
    test('create prints the token alone, which the gate takes at once', async () => {
      const { exit, out, err } = await run('token', 'create', '--app', 'calendar');
      expect(exit).toBe(0);
      expect(out).toMatch(/^portcullis_[A-Za-z0-9_-]{43}\n$/);
      expect(err).not.toContain(out.trim());
      expect(await publish('calendar', out.trim())).toBe(201);
    });

    test('create --json tells everything about it', async () => {
      expect(
        await create(
          '--app',
          'one-app,two-app',
          '--account',
          'ada',
          '--scope',
          'manage',
          '--scope',
          'upload',
          '--label',
          'CI',
        ),
      ).toMatchObject({
        account: 'ada',
        scopes: ['upload', 'manage'],
        appIds: ['one-app', 'two-app'],
        expiresAt: null,
      });
    });

    test('a second token for an app speaks for its owner', async () => {
      expect(await publish('owned-app', (await create('--app', 'owned-app', '--account', 'grace')).token)).toBe(201);
      expect((await create('--app', 'owned-app')).account).toBe('grace');
    });

    test('a token for an app of others says how its account becomes an owner', async () => {
      const owned = await create('--app', 'notebook', '--account', 'grace');
      expect(await publish('notebook', owned.token)).toBe(201);
      const { exit, out, err } = await run('token', 'create', '--app', 'notebook', '--account', 'ben');
      expect(exit).toBe(0);
      expect(err).toContain('ben is no owner of notebook yet: portcullis app owner add notebook ben\n');
      expect(await publish('notebook', out.trim())).toBe(403);
    });

    test("'*' and --all-apps are good for every app", async () => {
      for (const words of [['--app', '*'], ['--all-apps']]) {
        const made = await create(...words, '--account', 'ada');
        expect(made.appIds).toBeNull();
        expect(await publish(`any-app-${words.length}`, made.token)).toBe(201);
      }
    });

    test('a token that expires counts until then, and no longer', async () => {
      const made = await create('--app', 'expiring', '--expires', '30');
      expect(Date.parse(made.expiresAt ?? '') - Date.now()).toBeGreaterThan(29 * 24 * 60 * 60 * 1000);
      expect((await create('--app', 'expiring', '--expires', '2099-01-01')).expiresAt).toBe('2099-01-01T00:00:00.000Z');
    });

    test('list shows every token and never a secret', async () => {
      const made = await create('--app', 'listed-app', '--label', 'seen');
      const { exit, out } = await run('token', 'list', '--json');
      const { tokens } = JSON.parse(out) as { tokens: { id: string }[] };
      expect(exit).toBe(0);
      expect(tokens).toContainEqual(expect.objectContaining({ id: made.id, label: 'seen', appIds: ['listed-app'] }));
      const table = await run('token', 'list');
      expect(table.out).toContain(made.id);
      expect(out + table.out).not.toContain(made.token);
    });

    test('a revoked token is turned away by the running gate', async () => {
      const made = await create('--app', 'revoked-app');
      expect((await run('token', 'revoke', made.id)).exit).toBe(0);
      expect(await publish('revoked-app', made.token)).toBe(401);
      expect((await run('token', 'revoke', made.id)).exit).toBe(0);
    });

    test('revoking a token that is not there is exit 1', async () => {
      expect((await run('token', 'revoke', '6f1d2c3b-4a59-4876-9123-456789abcdef')).exit).toBe(1);
    });

    test.each([
      ['no app', ['token', 'create']],
      ['an app id that is none', ['token', 'create', '--app', 'Calendar']],
      ['some apps and all', ['token', 'create', '--app', 'calendar', '--all-apps']],
      ['an unknown scope', ['token', 'create', '--app', 'calendar', '--scope', 'everything']],
      ['an account that can not be', ['token', 'create', '--app', 'calendar', '--account', 'No Body']],
      ['a time that is over', ['token', 'create', '--app', 'calendar', '--expires', '2020-01-01']],
      ['a time that is none', ['token', 'create', '--app', 'calendar', '--expires', 'soon']],
      ['no days', ['token', 'create', '--app', 'calendar', '--expires', '0']],
      ['a secret in the place of an id', ['token', 'revoke', `portcullis_${'x'.repeat(43)}`]],
    ])('%s is exit 2', async (_what, words) => {
      expect((await run(...words)).exit).toBe(2);
    });
  });

  describe('portcullis app', () => {
    test('level official: the next unsigned upload is refused', async () => {
      const { token } = await create('--app', 'raised-app');
      expect((await run('app', 'level', 'raised-app', 'official', '--reason', 'shipped by us')).exit).toBe(0);
      const answer = await upload(gate.url, token, 'raised-app', await appArchive({ id: 'raised-app' }));
      expect(answer.status).toBe(422);
      expect(JSON.stringify(answer.body)).toContain('OFFICIAL_APP_UNSIGNED');
    });

    test('a change is written down with its reason, under the operator', async () => {
      await run('app', 'level', 'noted-app', 'approved', '--reason', 'looked at it');
      const { rows } = await gate.gate.database.query(
        `SELECT accounts.name, kind, reason, detail FROM app_events JOIN accounts ON accounts.id = account_id WHERE app_id = 'noted-app'`,
      );
      expect(rows).toEqual([
        {
          name: 'operator',
          kind: 'trust-level',
          reason: 'looked at it',
          detail: { before: 'experimental', after: 'approved' },
        },
      ]);
    });

    test('show and list tell how apps stand', async () => {
      await publish('shown-app', (await create('--app', 'shown-app')).token);
      const shown = await run('app', 'show', 'shown-app', '--json');
      expect(JSON.parse(shown.out)).toMatchObject({
        id: 'shown-app',
        trustLevel: 'experimental',
        owners: ['shown-app'],
        releases: [{ version: '1.0.0', status: 'published' }],
      });
      expect((await run('app', 'show', 'shown-app')).out).toContain('1.0.0');
      const { apps } = JSON.parse((await run('app', 'list', '--json')).out) as { apps: { id: string }[] };
      expect(apps.map(({ id }) => id)).toContain('shown-app');
      expect((await run('app', 'list')).out).toMatch(/^shown-app +experimental/m);
    });

    test('owners are added and removed, but never the last', async () => {
      await publish('shared-app', (await create('--app', 'shared-app', '--account', 'ada')).token);
      await create('--all-apps', '--account', 'grace');
      expect((await run('app', 'owner', 'add', 'shared-app', 'grace')).out).toBe('ada\ngrace\n');
      expect((await run('app', 'owner', 'remove', 'shared-app', 'ada')).out).toBe('grace\n');
      expect((await run('app', 'owner', 'list', 'shared-app')).out).toBe('grace\n');
      const last = await run('app', 'owner', 'remove', 'shared-app', 'grace');
      expect(last.exit).toBe(1);
      expect(last.err).toContain('LAST_OWNER');
    });

    test('withdraw takes a release back, for good', async () => {
      const { token } = await create('--app', 'leaky-app');
      expect(await publish('leaky-app', token)).toBe(201);
      expect((await run('app', 'withdraw', 'leaky-app', '1.0.0', '--reason', 'a leak')).exit).toBe(0);
      const archive = await fetch(`${gate.url}/api/v1/apps/leaky-app/releases/1.0.0/archive`);
      expect(archive.status).toBe(410);
      expect(await publish('leaky-app', token)).toBe(409);
    });

    test('works also while the trust can not be read', async () => {
      const environment = { DATABASE_URL: gate.databaseUrl, TRUST_DIR: join(gate.config.dataDir, 'nowhere') };
      const argv = ['app', 'level', 'trustless-app', 'approved', '--reason', 'it must'];
      expect((await commandLine(argv, { environment })).exit).toBe(0);
    });

    test.each([
      ['an app that is not there', ['app', 'show', 'nowhere-app'], 1],
      ['a release that is not there', ['app', 'withdraw', 'nowhere-app', '1.0.0', '--reason', 'x'], 1],
      ['no reason', ['app', 'level', 'calendar', 'official'], 2],
      ['a blank reason', ['app', 'level', 'calendar', 'official', '--reason', '  '], 2],
      ['no level', ['app', 'level', 'calendar', '--reason', 'x'], 2],
      ['an unknown level', ['app', 'level', 'calendar', 'great', '--reason', 'x'], 2],
      ['an app id that is none', ['app', 'level', 'Calendar', 'official', '--reason', 'x'], 2],
      ['a word too many', ['app', 'show', 'calendar', 'extra'], 2],
      ['an unknown action', ['app', 'owner', 'change', 'calendar'], 2],
    ])('%s', async (_what, words, exit) => {
      expect((await run(...words)).exit).toBe(exit);
    });
  });

  test('migrate finds nothing left to do', async () => {
    expect(await run('migrate', '--status')).toMatchObject({ exit: 0 });
    expect(await run('migrate')).toMatchObject({ exit: 0 });
  });
});

describe('where no database answers', () => {
  test('it is exit 3, and the password stays a secret', async () => {
    const environment = { DATABASE_URL: 'postgres://portcullis:hunter2@127.0.0.1:9/portcullis' };
    const { exit, out, err } = await commandLine(['token', 'list'], { environment });
    expect(exit).toBe(3);
    expect(out + err).not.toContain('hunter2');
  });

  test('wrong settings are exit 2, all at once', async () => {
    const { exit, err } = await commandLine(['token', 'list'], { environment: { PORT: 'x', LOG_LEVEL: 'loud' } });
    expect(exit).toBe(2);
    expect(err).toContain('PORT');
    expect(err).toContain('LOG_LEVEL');
  });
});

describe('on a data folder', () => {
  let dataDir: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'portcullis-operator-'));
  });

  afterAll(async () => rm(dataDir, { recursive: true, force: true }));

  const run = (...argv: string[]): Promise<CommandLineResult> =>
    commandLine(argv, { environment: { DATA_DIR: dataDir } });

  test('commands work without a gate, then beside one, then without again', async () => {
    // A slip in DATA_DIR must not look like a store without tokens.
    expect((await run('token', 'list')).exit).toBe(3);
    expect((await run('migrate', '--status')).exit).toBe(3);
    const before = await run('token', 'create', '--app', 'early-app', '--json');
    expect(before.exit).toBe(0);
    const early = JSON.parse(before.out) as MadeToken;

    const config = readConfig({ DATA_DIR: dataDir, PORT: '0', SCREENSHOTS: 'off' }, dataDir);
    const server = await serve(config, pino({ level: 'silent' }));
    try {
      expect(
        (await upload(server.address, early.token, 'early-app', await appArchive({ id: 'early-app' }))).status,
      ).toBe(201);
      const beside = JSON.parse((await run('token', 'create', '--app', 'late-app', '--json')).out) as MadeToken;
      expect(
        (await upload(server.address, beside.token, 'late-app', await appArchive({ id: 'late-app' }))).status,
      ).toBe(201);
      expect((await run('app', 'level', 'late-app', 'official', '--reason', 'ours')).exit).toBe(0);
      const unsigned = await appArchive({ id: 'late-app', version: '2.0.0' });
      expect((await upload(server.address, beside.token, 'late-app', unsigned)).status).toBe(422);
    } finally {
      await server.stop();
    }

    expect((await run('app', 'show', 'late-app')).out).toContain('official');
    expect((await run('migrate', '--status')).exit).toBe(0);
    const operatorToken = await readFile(join(dataDir, 'operator-token'), 'utf8');
    expect((await run('token', 'list')).out).not.toContain(operatorToken.trim());
  });
});

describe('a command that is told to stop', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'portcullis-interrupted-'));
  });

  afterEach(async () => rm(dataDir, { recursive: true, force: true }));

  test.each([
    ['SIGINT', 130, 'while its database is made', 'postgres'],
    ['SIGTERM', 143, 'while its database starts', 'postgres/postmaster.pid'],
  ] as const)('by %s exits %i, %s, and leaves no Postgres behind', async (signal, exit, _when, sign) => {
    const { program, result } = commandLineProgram(['token', 'create', '--app', 'calendar'], {
      environment: { DATA_DIR: dataDir },
    });
    await appearance(join(dataDir, sign), result);
    program.kill(signal);
    // Twice, as from npm and the terminal beside it.
    program.kill(signal);
    expect((await result).exit).toBe(exit);
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('postmaster.pid');
    // Whoever comes next finds everything in order.
    expect(
      (await commandLine(['token', 'create', '--app', 'calendar'], { environment: { DATA_DIR: dataDir } })).exit,
    ).toBe(0);
  });

  /** Waits until there is such a file, at most until the program is over. */
  async function appearance(file: string, over: Promise<unknown>): Promise<void> {
    const isOver = over.then(() => true);
    while (!existsSync(file)) {
      if (await Promise.race([isOver, pause(2, false)])) throw new Error(`It ended before there was ${file}`);
    }
  }
});
