import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { InterruptedError, UsageError, type SecretInput, type Terminal } from './command.js';

/** More than any password has. */
const MAX_BYTES = 4_096;

/**
 * A new password: typed twice at a terminal, unseen, or the first line of what is piped in. It is never an argument, which
 * others on the machine could read.
 *
 * @throws UsageError where there is none, or the two differ; InterruptedError where Ctrl-C was typed
 */
export async function readNewPassword(terminal: Terminal): Promise<string> {
  const { input } = terminal;
  if (input === undefined) throw new UsageError('The password is read from standard input.');
  if (input.isTTY !== true) return requireSome(await readFirstLine(input));
  const password = requireSome(await ask(terminal, input, 'New password: '));
  if ((await ask(terminal, input, 'Once more: ')) !== password) throw new UsageError('These were two different ones.');
  return password;
}

async function readFirstLine(input: SecretInput): Promise<string> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    total += bytes.length;
    if (total > MAX_BYTES) throw new UsageError(`A password of more than ${MAX_BYTES} bytes is none.`);
    chunks.push(bytes);
    if (bytes.includes('\n')) break;
  }
  const [line = ''] = Buffer.concat(chunks).toString('utf8').split(/\r?\n/, 1);
  return line;
}

/** Asks at the terminal, which shows nothing of what is typed. */
async function ask({ err }: Terminal, input: SecretInput, question: string): Promise<string> {
  err(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => reject(new InterruptedError('SIGINT')));
      lines.once('close', () => reject(new UsageError('No password was given.')));
    });
  } finally {
    lines.close();
    err('\n');
  }
}

function requireSome(password: string): string {
  if (password !== '') return password;
  throw new UsageError('No password was given.');
}
