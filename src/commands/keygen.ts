import { generateKeyPair, writePrivateKey } from '../pki/keys.js';
import type { KeyKind } from '../pki/keys.js';
import { UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { writeOutput } from './write-output.js';

/** Makes a private key for signing. */
export const keygen: Command = {
  name: 'keygen',
  summary: 'Makes a private key that only its owner can read.',
  usage: '[--type ec|rsa] [--bits N] --out FILE [--force]',
  options: {
    type: { type: 'string' },
    bits: { type: 'string' },
    out: { type: 'string' },
    force: { type: 'boolean' },
  },
  optionHelp: {
    type: 'ec (P-384, the default), or rsa, which format 1 needs',
    bits: 'of an RSA key: 2048, 3072 or 4096 (the default)',
    out: 'the file for the key, - for the standard output',
    force: 'overwrites the file: the key that is in it is lost',
  },
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const out = textOption(args, 'out');
  if (out === undefined || args.positionals.length > 0) throw new UsageError('Name the file for the key: --out FILE');
  const { privateKey } = await generateKeyPair(readKind(args));
  await writeOutput(out, writePrivateKey(privateKey), { mode: 0o600, force: isSet(args, 'force') }, terminal);
  if (out !== '-') terminal.out(`Made ${out}. Keep it where only you can read it.\n`);
  return 0;
}

function readKind(args: Arguments): KeyKind {
  const type = textOption(args, 'type') ?? 'ec';
  const bits = textOption(args, 'bits');
  if (type === 'ec' && (bits === undefined || bits === '384')) return 'ec-p384';
  if (type === 'ec') throw new UsageError('An EC key is always on P-384: no other curve can sign apps.');
  if (type !== 'rsa') throw new UsageError('--type is ec or rsa.');
  const kinds: readonly KeyKind[] = ['rsa-2048', 'rsa-3072', 'rsa-4096'];
  const kind = kinds.find((each) => each === `rsa-${bits ?? '4096'}`);
  if (kind === undefined) throw new UsageError('--bits of an RSA key is 2048, 3072 or 4096.');
  return kind;
}
