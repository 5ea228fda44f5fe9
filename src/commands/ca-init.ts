import { randomBytes } from 'node:crypto';
import { createAuthority } from '../authority/create-authority.js';
import { DEFAULT_AUTHORITY_NAME } from '../authority/own-authority.js';
import { readAuthorityFolders } from './ca-options.js';
import { UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';

/** Makes an authority and a trust folder. */
export const caInit: Command = {
  name: 'ca init',
  summary: 'Makes an authority of your own, and a trust folder that believes it.',
  usage: '[--out DIR] [--trust DIR] [--name NAME] [--rsa]',
  options: {
    out: { type: 'string' },
    trust: { type: 'string' },
    name: { type: 'string' },
    rsa: { type: 'boolean' },
  },
  optionHelp: {
    out: 'the folder for keys and ledger (default: authority in DATA_DIR)',
    trust: 'the folder for what others need to believe it (default: TRUST_DIR, or trust in DATA_DIR)',
    name: `begins the names of its certificates (default: ${DEFAULT_AUTHORITY_NAME})`,
    rsa: 'RSA keys of 4096 bits in place of EC P-384',
  },
  about: `From here to a signed app takes a minute:

  portcullis ca init
  portcullis ca issue --app-id calendar --new-key calendar.key
  portcullis sign --path calendar --key calendar.key --cert calendar.crt
  portcullis pack calendar
  portcullis verify calendar-*.zip --signed

There is a root, and below it the authority that issues to developers. The root's key (root.key) is needed once a year,
for its revocation list: it may be kept elsewhere. The trust folder is laid out as an ownCloud server's
resources/codesigning, so a server can be given it as it is.

A gate that starts without any trust does the same by itself.`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  if (args.positionals.length > 0) throw new UsageError('The folder is named with --out.');
  const name = textOption(args, 'name') ?? DEFAULT_AUTHORITY_NAME;
  // With " Developers" behind it, it must fit into the 64 characters of a common name (RFC 5280 appendix A.1).
  if (!/^\S(.{0,50}\S)?$/u.test(name))
    throw new UsageError('--name has 1 to 52 characters, and no spaces around them.');
  const authority = await createAuthority({
    ...readAuthorityFolders(args, 'out', terminal),
    name,
    keyKind: isSet(args, 'rsa') ? 'rsa-4096' : 'ec-p384',
    now: terminal.now(),
    randomBytes,
  });
  const { root } = authority.certificates;
  terminal.out(`Made the authority "${name}".
  Keys and ledger  ${authority.folder} (readable only to its owner)
  Trust folder     ${authority.trustFolder}
  Root             SHA-256 ${root.fingerprint}, until ${root.notAfter.toISOString().slice(0, 10)}
Next: portcullis ca issue --app-id ID --new-key FILE\n`);
  return 0;
}
