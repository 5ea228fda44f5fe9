import { processTerminal } from '../../../src/commands/terminal.js';

/** This program, as if its standard output were `isTTY`, which in a pipe is not false but missing. */
function colourIn(environment: NodeJS.ProcessEnv, isTTY: boolean | undefined): boolean {
  const stream = { isTTY, on: () => undefined, write: () => true };
  const program = { stdout: stream, stderr: stream, env: environment, cwd: () => '/' };
  return processTerminal(program as unknown as NodeJS.Process).isInteractive;
}

test.each([
  ['a pipe', {}, undefined, false],
  ['a pipe in CI', { CI: 'true' }, undefined, false],
  ['a pipe with colours forced', { FORCE_COLOR: '1' }, undefined, false],
  ['a screen', { TERM: 'xterm' }, true, true],
  ['a screen in CI', { CI: 'true' }, true, false],
  ['a screen with NO_COLOR', { NO_COLOR: '1' }, true, false],
  ['a dumb screen', { TERM: 'dumb' }, true, false],
])('%s, %j', (_what, environment, isTTY, expected) => {
  // Not only falsy: `undefined` lets picocolors choose, which in CI means colours.
  expect(colourIn(environment, isTTY)).toBe(expected);
});
