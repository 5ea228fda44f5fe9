import { commands } from '../../../src/cli.js';
import { CommandError, RefusedError, UsageError } from '../../../src/commands/command.js';
import type { Command, ExitCode } from '../../../src/commands/command.js';
import { runCommand } from '../../../src/commands/run-command.js';
import { ConfigError } from '../../../src/config.js';
import { commandLine } from '../../support/run-command-line.js';

const NASTY = 'e\u001b[2J\u009b31m\u202eevil';
/** Whatever a terminal may follow or draw in another order, but for line breaks. */
const STEERING = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

function failing(error: Error): Command {
  const run = (): Promise<ExitCode> => Promise.reject(error);
  return { name: 'fail', summary: 'Fails.', usage: '[--trust DIR]', options: {}, optionHelp: {}, run };
}

async function runFailing(error: Error, environment = {}): Promise<{ exit: ExitCode; err: string }> {
  let err = '';
  const terminal = { out: () => undefined, isInteractive: false, workingFolder: '/', now: () => new Date() };
  const exit = await runCommand([failing(error)], ['fail'], { ...terminal, environment, err: (text) => (err += text) });
  return { exit, err };
}

describe('every command', () => {
  test.each(commands.map((command) => [command.name, command] as const))(
    '%s explains each of its options, and no other',
    (_name, command) => {
      expect(Object.keys(command.optionHelp).sort()).toEqual(Object.keys(command.options).sort());
      for (const option of Object.keys(command.options)) expect(command.optionHelp[option]).not.toBe('');
    },
  );

  test.each(commands.map(({ name }) => [name]))('%s --help and help %s tell the same and are fine', async (name) => {
    const long = await commandLine([...name.split(' '), '--help']);
    const asked = await commandLine(['help', ...name.split(' ')]);
    expect(long).toEqual({ exit: 0, out: expect.stringContaining(`Usage: portcullis ${name}`) as string, err: '' });
    expect(asked).toEqual(long);
  });

  test('has a name of its own', () => {
    expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
  });

  test.each(commands.map(({ name }) => [name]))('%s refuses an option that it does not know', async (name) => {
    const { exit, out, err } = await commandLine([...name.split(' '), '--no-such-option']);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain('--no-such-option');
  });
});

describe('what is not understood', () => {
  test.each([
    [['verfy'], 'verify'],
    [['sgin'], 'sign'],
    [['issue'], 'ca issue'],
  ])('%j is asked whether it meant %s', async (argv, meant) => {
    const { exit, out, err } = await commandLine(argv);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(meant);
  });

  test.each([[[]], [['ca']], [['ca', 'isue']], [['nothing-like-it']]])(
    '%j exits 2 and prints on stderr',
    async (argv) => {
      const { exit, out, err } = await commandLine(argv);
      expect({ exit, out }).toEqual({ exit: 2, out: '' });
      expect(err).not.toBe('');
    },
  );

  test.each([
    [[NASTY]],
    [['ca', NASTY]],
    [['help', NASTY]],
    [['verify', `--${NASTY}`]],
    [['verify', 'x', '--at', NASTY]],
    [['verify', 'x', '--trust', `./${NASTY}`]],
    [['verify', `./${NASTY}.zip`]],
    [['pack', `./${NASTY}`]],
    [['sign', '--path', '.', '--key', NASTY, '--cert', 'x']],
    [['token', 'create', '--app', NASTY]],
  ])('%j is said without what would steer the terminal', async (argv) => {
    const { exit, out, err } = await commandLine(argv);
    expect(exit).toBeGreaterThan(1);
    expect(err).toContain('\\u{1b}');
    expect(out + err).not.toMatch(STEERING);
  });

  test('--help lists every command', async () => {
    const { exit, out } = await commandLine(['--help']);
    expect(exit).toBe(0);
    for (const { name, summary } of commands) {
      expect(out).toContain(name);
      expect(out).toContain(summary);
    }
  });

  test('ca --help lists the commands that begin with ca', async () => {
    const { exit, out } = await commandLine(['ca', '--help']);
    expect(exit).toBe(0);
    expect(out).toContain('ca issue');
    expect(out).not.toContain('verify');
  });

  test('--version says the version', async () => {
    expect(await commandLine(['--version'])).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^portcullis \d/) as string,
    });
  });
});

describe('a command that fails', () => {
  test.each<readonly [string, Error, ExitCode]>([
    ['UsageError', new UsageError('no'), 2],
    ['ConfigError', new ConfigError(['PORT: no', 'HOST: no']), 2],
    ['RefusedError', new RefusedError('no'), 1],
    ['CommandError', new CommandError('no'), 3],
    ['anything else', new TypeError('no'), 3],
  ])('with %s says so and exits as it means', async (_name, error, exit) => {
    const failed = await runFailing(error);
    expect(failed.exit).toBe(exit);
    expect(failed.err).toContain('no');
  });

  test('says every mistake in the settings', async () => {
    const { exit, err } = await commandLine(['verify', 'x'], { environment: { PORT: 'x', MAX_RATIO: '0' } });
    expect(exit).toBe(2);
    expect(err).toContain('PORT');
    expect(err).toContain('MAX_RATIO');
  });

  test.each<readonly [string, Error]>([
    ['UsageError', new UsageError(`no ${NASTY}\nsecond line`)],
    ['ConfigError', new ConfigError([`PORT: ${NASTY}`])],
    ['RefusedError', new RefusedError(NASTY)],
    ['CommandError', new CommandError(NASTY)],
    ['anything else', new TypeError(NASTY)],
  ])('with %s sends nothing of its words to the terminal that would steer it', async (_name, error) => {
    const { err } = await runFailing(error, { DEBUG: '1' });
    expect(err).not.toMatch(STEERING);
    expect(err).toContain('\\u{1b}[2J');
    if (error instanceof UsageError) expect(err).toContain('\nsecond line\n');
  });

  test('shows a stack only where DEBUG is set', async () => {
    const error = new TypeError('no');
    expect((await runFailing(error)).err.split('\n').length).toBe(2);
    expect((await runFailing(error, { DEBUG: '1' })).err).toContain('run-command.test');
  });
});
