import { childrenByName, lineOf } from '../app/element-reader.js';
import { parseInfoXml } from '../app/info-xml.js';
import type { AppInfo } from '../app/info-xml.js';
import { parseXml } from '../app/xml-document.js';
import { vcsRoot } from '../archive/entry-names.js';
import { defaultLimits } from '../archive/limits.js';
import type { Limits } from '../archive/limits.js';
import { readFolder } from '../archive/read-folder.js';
import { privateKeyFindings, type KnownCertificate } from '../inspection/private-key-findings.js';
import { watchForPrivateKeys } from '../inspection/private-keys.js';
import type { Contents } from '../report/contents.js';
import { finding, type Finding } from '../report/finding.js';
import { listFindings } from '../report/report.js';
import { CommandError } from './command.js';
import type { Terminal } from './command.js';
import { reasonOf } from './reason-of.js';

/** A developer's folder, as far as it is for shipping. */
export interface OwnTree {
  readonly contents: Contents;
  /** What keeps the folder from being signed or packed. */
  readonly faults: readonly Finding[];
  /** Version control data and the like, which goes neither into a signature nor into an archive. */
  readonly leftOut: readonly string[];
}

/** Nothing is lost yet as long as nobody else has the folder. */
const MOVE_KEY = 'Move the file out of the folder. If anybody else has seen it there, have its certificate revoked.';

/** The developer's own files needn't be bounded against himself; whether a store takes them, the store says. */
const ownLimits: Limits = {
  ...defaultLimits,
  inflatedBytes: Infinity,
  fileBytes: Infinity,
  entries: 1_000_000,
  inspectionMs: Infinity,
};

/**
 * Reads a folder to sign or to pack it. Both leave out the same, so that what is signed is what is packed.
 *
 * @param certificates those that a private key in the folder may belong to, which is said then
 * @param isForeign further paths that are not part of it, a folder's ending with `/`
 * @throws CommandError where it can't be read
 */
export async function readOwnTree(
  folder: string,
  isForeign: (path: string) => boolean,
  certificates: readonly KnownCertificate[] = [],
): Promise<OwnTree> {
  const leftOut = new Set<string>();
  const leaveOut = (path: string): boolean => {
    const repository = vcsRoot(path);
    if (repository !== null) leftOut.add(repository);
    return repository !== null || isForeign(path);
  };
  try {
    const watch = watchForPrivateKeys();
    const { contents, findings } = await readFolder(folder, ownLimits, undefined, leaveOut, watch);
    const keys = privateKeyFindings(watch.found, certificates).map((found) =>
      found.code === 'PRIVATE_KEY_IN_ARCHIVE' ? { ...found, fix: MOVE_KEY } : found,
    );
    const all = [...keys, ...findings];
    return { contents, faults: all.filter(({ severity }) => severity === 'error'), leftOut: [...leftOut] };
  } catch (error) {
    throw new CommandError(`${folder} can not be read: ${reasonOf(error)}.`);
  }
}

/** What a developer's own `appinfo/info.xml` says. */
export interface OwnInfo {
  /** Null where it isn't there or doesn't tell id, name and version. */
  readonly info: AppInfo | null;
  /** The one `<id>` as it stands, also where it is no app id or the rest is incomplete; null where none can be read. */
  readonly id: string | null;
  /** What keeps a store from taking it. */
  readonly faults: readonly Finding[];
}

/** Reads `appinfo/info.xml` as the gate does, and the id even where the gate would look no further. */
export async function readOwnInfo(contents: Contents): Promise<OwnInfo> {
  const path = 'appinfo/info.xml';
  const most = ownLimits.infoXmlBytes;
  const bytes = await contents.read(path, most);
  if (bytes === null) {
    const facts = contents.files.get(path);
    const fault =
      facts === undefined
        ? finding('INFO_XML_MISSING')
        : finding('INFO_XML_TOO_LARGE', { path, expected: most, actual: facts.bytes });
    return { info: null, id: null, faults: [fault] };
  }
  const { info, findings } = parseInfoXml(bytes);
  const faults = findings.filter(({ severity }) => severity === 'error');
  return { info, id: info?.id ?? soleId(bytes), faults };
}

function soleId(bytes: Buffer): string | null {
  const parsed = parseXml(bytes);
  if ('refusal' in parsed || parsed.root.name !== 'info') return null;
  const [id, ...others] = childrenByName(parsed.root).get('id') ?? [];
  // Readers differ on which of several counts, and on what is the text of one that holds elements.
  if (id === undefined || others.length > 0 || id.children.length > 0) return null;
  return lineOf(id) || null;
}

/** Says of each fault where it is and what mends it. */
export function printFaults(faults: readonly Finding[], terminal: Terminal): void {
  const { findings, omittedFindings } = listFindings(faults);
  for (const { code, path, message, fix } of findings) {
    terminal.err(
      `${code}${path === undefined ? '' : `  ${path}`}\n  ${message}${fix === undefined ? '' : ` ${fix}`}\n`,
    );
  }
  for (const [code, count] of Object.entries(omittedFindings)) terminal.err(`${code}  and ${count} more\n`);
}
