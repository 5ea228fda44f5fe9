import { resolve } from 'node:path';
import { addToTrust } from '../authority/change-trust.js';
import type { Addition } from '../authority/change-trust.js';
import { fingerprintOf, readTrustItems } from '../authority/trust-items.js';
import type { TrustItem, TrustItemKind } from '../authority/trust-items.js';
import { CommandError, RefusedError, UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { LIST_FILE_BYTES, TooLargeError, readWithin } from './read-within.js';
import { reasonOf } from './reason-of.js';
import { recordTrustChange } from './trust-record.js';
import { ABOUT_TRUST, chosenTrustFolder, nameOfItem, refusing } from './trust-words.js';

const kinds: readonly TrustItemKind[] = ['root', 'intermediate', 'list'];

/** `portcullis trust add`: believes another authority, or knows what it revoked. */
export const trustAdd: Command = {
  name: 'trust add',
  summary: 'Adds an authority, or the revocation list of one, to those the gate believes.',
  usage: 'FILE [--as root|intermediate|list] [--legacy] [--trust DIR]',
  options: {
    as: { type: 'string' },
    legacy: { type: 'boolean' },
    trust: { type: 'string' },
  },
  optionHelp: {
    as: 'what the file must be; anything else is refused (default: whatever it is)',
    legacy: "believes a root by the rules of format 1 and its grace period, as ownCloud's first authority",
    trust: 'the trust folder (default: TRUST_DIR, or trust in DATA_DIR)',
  },
  about: `${ABOUT_TRUST}

A root is a certificate of an authority that is signed with its own key. An intermediate must have been issued by an
authority that is trusted, and a revocation list must be signed by one; a newer list takes the place of the one that was
added before. Compare the SHA-256 with what the authority itself says before you rely on it.

  portcullis trust add root.crt --as root
  portcullis trust add intermediate.crt
  portcullis trust add intermediate.crl`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const [file, surplus] = args.positionals;
  if (file === undefined || surplus !== undefined) throw new UsageError('Name one file.');
  const kind = readKind(args);
  const legacy = isSet(args, 'legacy');
  const { folder } = chosenTrustFolder(args, terminal);
  const bytes = await read(resolve(terminal.workingFolder, file), file);
  const additions = await refusing(add());
  terminal.out(additions.map((addition) => describe(addition, legacy)).join(''));
  for (const addition of additions) terminal.err(cautions(addition));
  await recordTrustChange(folder, 'trust-added', { items: additions.map(({ item }) => item), legacy }, terminal);
  return 0;

  async function add(): Promise<readonly Addition[]> {
    const items = readTrustItems(bytes);
    requireKind(items, kind);
    if (legacy && !items.some((item) => item.kind === 'root')) throw new UsageError('--legacy is for roots.');
    return addToTrust(folder, items, { legacy, at: terminal.now() });
  }
}

function readKind(args: Arguments): TrustItemKind | null {
  const text = textOption(args, 'as');
  if (text === undefined) return null;
  const kind = kinds.find((each) => each === text);
  if (kind === undefined) throw new UsageError(`--as is one of ${kinds.join(', ')}.`);
  return kind;
}

function requireKind(items: readonly TrustItem[], wanted: TrustItemKind | null): void {
  const other = wanted === null ? undefined : items.find(({ kind }) => kind !== wanted);
  if (other === undefined) return;
  throw new RefusedError(`${nameOfItem(other)} is ${withArticle(other.kind)}, not ${withArticle(wanted ?? '')}.`);
}

function withArticle(kind: string): string {
  return kind === 'intermediate' ? 'an intermediate' : kind === 'list' ? 'a revocation list' : 'a root';
}

async function read(path: string, name: string): Promise<Buffer> {
  try {
    return await readWithin(path, LIST_FILE_BYTES);
  } catch (error) {
    if (error instanceof TooLargeError) {
      throw new RefusedError(`${name} is too large to be a certificate or a revocation list.`);
    }
    throw new CommandError(`${name} can't be read: ${reasonOf(error)}.`);
  }
}

/** What is to be known of an authority that is believed from now on; '' where there is nothing. */
function cautions({ item, lacksList, namesakes }: Addition): string {
  const name = nameOfItem(item);
  const others = namesakes.map(({ fingerprint }) => fingerprint).join(', ');
  const confusion =
    namesakes.length === 0
      ? ''
      : `Warning: another authority in the folder has the name ${name} too, over another key (SHA-256 ${others}). \
Is that the one you meant?\n`;
  const missing = lacksList
    ? `Now add the list of ${name}, or have the gate fetch it (CRL_URLS); until then uploads whose certificates it issued \
are told to come back.\n`
    : '';
  return `${confusion}${missing}`;
}

function describe({ item, name }: Addition, legacy: boolean): string {
  const sha256 = `  SHA-256     ${fingerprintOf(item)}\n`;
  const saved = `  File        ${name}\n`;
  if (item.kind === 'list') {
    const { thisUpdate, nextUpdate, revoked } = item.list;
    const until = nextUpdate === null ? 'no end' : nextUpdate.toISOString();
    const times = `  Made        ${thisUpdate.toISOString()}, to be renewed by ${until}\n`;
    return `Added the revocation list of ${nameOfItem(item)}\n${sha256}${times}  Revoked     ${revoked.size}\n${saved}`;
  }
  const { notBefore, notAfter } = item.certificate;
  const generation = item.kind === 'root' ? `  Generation  ${legacy ? 'legacy' : 'current'}\n` : '';
  const valid = `  Valid       ${notBefore.toISOString()} to ${notAfter.toISOString()}\n`;
  return `Added the ${item.kind} ${nameOfItem(item)}\n${sha256}${valid}${generation}${saved}`;
}
