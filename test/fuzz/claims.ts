import { writeFileSync } from 'node:fs';
import { defaultLimits } from '../../src/archive/limits.js';
import { inspectArchive } from '../../src/inspection/inspect-archive.js';
import type { Inspection } from '../../src/inspection/inspection.js';
import type { Trust } from '../../src/pki/trust.js';
import { outcomeOf } from '../../src/report/report.js';
import { JUDGED_AT } from './seeds.js';
import { readByYauzl } from './yauzl-reading.js';

/** What became of one case. */
export interface CaseResult {
  /** The error codes, each once, that refused it. */
  readonly codes: readonly string[];
  /** Whether the gate would publish it. */
  readonly accepted: boolean;
  /** Whether nothing is wrong with it *as an archive*: it may still lack info.xml, say. */
  readonly sound: boolean;
  /** What every reader must get out of it where it is sound. */
  readonly expected: ExpectedReading | null;
  /** The claims that don't hold. */
  readonly failures: readonly string[];
}

/** What every reader must get out of a sound archive. */
export interface ExpectedReading {
  /** SHA-512 of the files by their whole names. */
  readonly files: Readonly<Record<string, string>>;
  /** Whether names beyond ASCII lack the flag that says UTF-8. */
  readonly unmarkedNames: boolean;
}

/** What every case is inspected with. */
export interface ClaimContext {
  readonly trust: Trust;
  /** Where the archive is written: always the same name. */
  readonly file: string;
  /** What the validly signed seeds hold, as {@link contentsText} gives it. */
  readonly signedContents: ReadonlySet<string>;
}

/** Inspects one archive and checks what must hold of every archive whatever. `twice` asks for the same answer again. */
export async function checkArchive(zip: Buffer, context: ClaimContext, twice: boolean): Promise<CaseResult> {
  writeFileSync(context.file, zip);
  const failures: string[] = [];
  let inspection: Inspection;
  try {
    inspection = await inspect(context);
    if (twice && factsText(inspection) !== factsText(await inspect(context))) failures.push('two inspections differ');
  } catch (error) {
    return { codes: [], accepted: false, sound: false, expected: null, failures: [`threw ${textOf(error)}`] };
  }
  const errors = inspection.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  const codes = [...new Set<string>(errors)].sort();
  const accepted = outcomeOf(inspection.findings) !== 'refused';
  const sound = inspection.complete && !codes.some((code) => code.startsWith('ARCHIVE_'));
  if (!inspection.complete && codes.length === 0) failures.push('incomplete, and nothing says why');
  if (inspection.signature.status === 'valid' && !context.signedContents.has(contentsText(inspection))) {
    failures.push('valid signature over other contents');
  }
  const expected = sound ? await agreeWithYauzl(zip, inspection, failures) : null;
  return { codes, accepted, sound, expected, failures };
}

function inspect({ file, trust }: ClaimContext): Promise<Inspection> {
  return inspectArchive(file, { appId: null, profile: 'app', trust, limits: defaultLimits, at: JUDGED_AT });
}

/** Everything that an inspection found, for comparison. */
function factsText({ findings, files, archive, app, signature, complete }: Inspection): string {
  return JSON.stringify({ findings, files: [...files], archive, app, signature, complete });
}

/** The files of an app, sorted: what a server would install. */
export function contentsText({ files }: Pick<Inspection, 'files'>): string {
  return JSON.stringify([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What the gate calls sound yauzl must read as the same files with the same bytes. */
async function agreeWithYauzl(zip: Buffer, inspection: Inspection, failures: string[]): Promise<ExpectedReading> {
  const files: Record<string, string> = {};
  const unmarkedNames = inspection.findings.some(({ code }) => code === 'ARCHIVE_NAME_NOT_MARKED_UTF8');
  try {
    const theirs = await readByYauzl(zip);
    if (theirs.entries !== inspection.archive?.entries) failures.push('yauzl lists another number of entries');
    const inside = new Map<string, unknown>();
    for (const [name, facts] of theirs.files) {
      // A sound archive has exactly one top-level folder.
      inside.set(name.slice(name.indexOf('/') + 1), facts);
      files[name] = facts.sha512;
    }
    const same = JSON.stringify([...inside].sort(byName)) === JSON.stringify([...inspection.files].sort(byName));
    if (!same) failures.push('yauzl reads other files');
  } catch (error) {
    failures.push(`yauzl throws ${textOf(error)}`);
  }
  return { files, unmarkedNames };
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}
