import { randomBytes } from 'node:crypto';
import { createAuthority } from '../authority/create-authority.js';
import { DEFAULT_AUTHORITY_NAME } from '../authority/own-authority.js';
import { openTransitSigner } from '../authority/vault-transit.js';
import type { Config } from '../config.js';
import { inWordsForOperators, readAuthorityFolders, readBaseUrl, warnOn } from './ca-options.js';
import { UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';

/** Makes an authority and a trust folder. */
export const caInit: Command = {
  name: 'ca init',
  summary: 'Makes an authority of your own, and a trust folder that believes it.',
  usage: '[--out DIR] [--trust DIR] [--name NAME] [--rsa] [--base-url URL]',
  options: {
    out: { type: 'string' },
    trust: { type: 'string' },
    name: { type: 'string' },
    rsa: { type: 'boolean' },
    'base-url': { type: 'string' },
  },
  optionHelp: {
    out: 'the folder for keys and ledger (default: authority in DATA_DIR)',
    trust: 'the folder for what others need to believe it (default: TRUST_DIR, or trust in DATA_DIR)',
    name: `begins the names of its certificates (default: ${DEFAULT_AUTHORITY_NAME})`,
    rsa: 'RSA keys of 4096 bits in place of EC P-384',
    'base-url': 'where a gate will serve its revocation lists, to be named in certificates (default: BASE_URL, if set)',
  },
  about: `From here to a signed app takes a minute:

  portcullis ca init
  portcullis ca issue --app-id calendar --new-key calendar.key
  portcullis sign --path calendar --key calendar.key --cert calendar.crt
  portcullis pack calendar
  portcullis verify calendar-*.zip --signed

There is a root, and below it the authority that issues to developers. The root's key (root.key) is needed once a
year, for its revocation list: keep it elsewhere (portcullis ca root-crl, portcullis ca renew-intermediate).

Keys are encrypted with the passphrase of AUTHORITY_PASSPHRASE or AUTHORITY_PASSPHRASE_FILE; where neither is set, one
is made in DATA_DIR/authority-passphrase. With VAULT_TRANSIT_KEY the developers' key is that one, and never on this
machine.

The trust folder is laid out as an ownCloud server's resources/codesigning, so a server can be given it as it is.

A gate that starts without any trust does the same by itself.`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  if (args.positionals.length > 0) throw new UsageError('The folder is named with --out.');
  const name = textOption(args, 'name') ?? DEFAULT_AUTHORITY_NAME;
  // With " Developers 999" behind it, it must fit into the 64 characters of a common name (RFC 5280 appendix A.1).
  if (!/^\S(.{0,46}\S)?$/u.test(name))
    throw new UsageError('--name has 1 to 48 characters, and no spaces around them.');
  const { folder, trustFolder, config } = readAuthorityFolders(args, 'out', terminal);
  const { vault, authorityPassphrase } = config;
  const authority = await inWordsForOperators(
    createAuthority({
      folder,
      trustFolder,
      name,
      keyKind: isSet(args, 'rsa') ? 'rsa-4096' : 'ec-p384',
      passphrase: authorityPassphrase,
      developersSigner: vault === null ? null : await inWordsForOperators(openTransitSigner(vault, null)),
      baseUrl: baseUrlFor(args, config),
      warn: warnOn(terminal),
      now: terminal.now(),
      randomBytes,
    }),
  );
  if (authority.baseUrl === null) {
    terminal.err(`Warning: no address is known, so its certificates will not say where its revocation lists are fetched (no CRL \
distribution point). Set BASE_URL, or give --base-url, and begin again in a new folder if others are to check them.\n`);
  }
  const { root } = authority.certificates;
  terminal.out(`Made the authority "${name}".
  Keys and ledger  ${authority.folder} (readable only to its owner)
  Passphrase       ${'value' in authorityPassphrase ? 'AUTHORITY_PASSPHRASE' : authorityPassphrase.file}
  Developers' key  ${vault === null ? 'developers.key' : `${vault.transitMount}/${vault.transitKey} in Vault`}
  Trust folder     ${authority.trustFolder}
  Root             SHA-256 ${root.fingerprint}, until ${root.notAfter.toISOString().slice(0, 10)}
Next: portcullis ca issue --app-id ID --new-key FILE\n`);
  return 0;
}

/** The address under which the gate's own authority is reached is the gate's; that of another one it has to be told. */
function baseUrlFor(args: Arguments, config: Config): string | null {
  const isOwn = textOption(args, 'out') === undefined;
  return readBaseUrl(args) ?? (isOwn && config.baseUrlChosen ? config.baseUrl : null);
}
