import { createHash } from 'node:crypto';
import type { Contents } from '../report/contents.js';
import type { Finding } from '../report/finding.js';
import type { Manifest } from '../signature/manifest.js';
import { SIGN_COMMAND, type Explanation } from './explanation.js';

type Advice = Pick<Explanation, 'cause' | 'fix'>;

/** How many changed files are read again, and how large they may be: enough to tell, little enough to cost nothing. */
const SAMPLE_FILES = 20;
const SAMPLE_BYTES = 1_048_576;

/** Folders that belong to the developer's machine and not to an app. */
const DEVELOPMENT_FOLDER = /(?:^|\/)(\.git|\.svn|\.hg|node_modules)\//;

/**
 * Explains where what was signed and what is there differ. The first that explains a finding counts, so the precise
 * ones come first.
 */
export async function explainDifferences(
  findings: readonly Finding[],
  manifest: Manifest | null,
  contents: Contents,
): Promise<readonly Explanation[]> {
  const changed = findings.filter(({ code }) => code === 'INVALID_HASH');
  const missing = findings.filter(({ code }) => code === 'FILE_MISSING');
  const extra = findings.filter(({ code }) => code === 'EXTRA_FILE');
  if (changed.length + missing.length + extra.length === 0) return [];
  return [
    ...explainPrefix(manifest, contents),
    ...explainUnread(changed, missing),
    ...(await explainLineEndings(changed, contents)),
    ...explainNormalisation(missing, extra),
    ...explainDevelopmentFolders(missing, extra),
    ...explainRenames(missing, extra),
    ...explainInfoXml(changed),
    ...explainAdditions(extra),
  ];
}

/** Every path begins with something that the paths of the archive do not have: the wrong folder was signed. */
function explainPrefix(manifest: Manifest | null, contents: Contents): readonly Explanation[] {
  const paths = [...(manifest?.keys() ?? [])];
  const prefix = commonFirstSegment(paths);
  if (prefix === null) return [];
  const found = paths.filter((path) => contents.files.has(path.slice(prefix.length))).length;
  if (found * 2 < paths.length) return [];
  const concerns = new Set(['FILE_MISSING', 'EXTRA_FILE']);
  const explains = ({ code }: Finding): boolean => concerns.has(code);
  if (prefix === '/') {
    return [
      {
        explains,
        cause: 'The paths in the signature begin with "/"; they must be relative to the folder of the app.',
        fix: `Sign with a tool that writes relative paths: ${SIGN_COMMAND}`,
      },
    ];
  }
  return [
    {
      explains,
      cause: `Signing was started one folder too high: every path in the signature begins with "${prefix}".`,
      fix: `Sign the folder of the app itself: portcullis sign --path ${safeFolder(prefix)} --key FILE --cert FILE`,
    },
  ];
}

/** Advice is copied into shells: a folder named `$(…)` has no place in a command. */
function safeFolder(prefix: string): string {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*\/$/.test(prefix) ? prefix : 'DIR';
}

function commonFirstSegment(paths: readonly string[]): string | null {
  const [first] = paths;
  const slash = first?.indexOf('/') ?? -1;
  if (first === undefined || slash < 0) return null;
  const prefix = first.slice(0, slash + 1);
  return paths.every((path) => path.startsWith(prefix)) ? prefix : null;
}

function explainUnread(changed: readonly Finding[], missing: readonly Finding[]): readonly Explanation[] {
  if (![...changed, ...missing].some(({ expected }) => expected === 'false')) return [];
  return [
    {
      explains: ({ expected }) => expected === 'false',
      cause: 'The signer could not read this file when it signed, and wrote "false" in place of a hash.',
      fix: `Give the signing user access to the file, or remove it, and sign again: ${SIGN_COMMAND}`,
    },
  ];
}

/** Git, FTP in text mode and some editors convert line endings: undo that, and the hash is right again. */
async function explainLineEndings(changed: readonly Finding[], contents: Contents): Promise<readonly Explanation[]> {
  const byDirection = new Map<LineEndings, Set<string>>();
  let read = 0;
  for (const { path, expected } of changed.slice(0, SAMPLE_FILES)) {
    const content = path === undefined ? null : await contents.read(path, SAMPLE_BYTES);
    if (path === undefined || content === null) continue;
    read++;
    const signed = signedLineEndings(content, expected ?? '');
    if (signed !== null) byDirection.set(signed, (byDirection.get(signed) ?? new Set<string>()).add(path));
  }
  return [...byDirection].map(([signed, paths]) => {
    // Where all that were looked at had their line endings converted, those not looked at had too, in all likelihood.
    const isGeneral = paths.size === read && changed.length > SAMPLE_FILES;
    return {
      explains: ({ code, path }: Finding) =>
        code === 'INVALID_HASH' && path !== undefined && (isGeneral || paths.has(path)),
      ...lineEndingAdvice(signed, isGeneral ? changed.length : paths.size),
    };
  });
}

type LineEndings = 'LF' | 'CRLF';

function signedLineEndings(content: Buffer, expected: string): LineEndings | null {
  // One byte is one latin1 character both ways, so that nothing but the line endings changes.
  const unix = content.toString('latin1').replaceAll('\r\n', '\n');
  const isExpected = (text: string): boolean => createHash('sha512').update(text, 'latin1').digest('hex') === expected;
  if (isExpected(unix)) return 'LF';
  return isExpected(unix.replaceAll('\n', '\r\n')) ? 'CRLF' : null;
}

function lineEndingAdvice(signed: LineEndings, files: number): Advice {
  const now = signed === 'LF' ? 'CRLF' : 'LF';
  return {
    cause: `Line endings were converted after signing, from ${signed} to ${now}, in ${count(files)}.`,
    fix:
      'Keep Git from converting (echo "* -text" >> .gitattributes, git config core.autocrlf false), check the files ' +
      `out again, and sign what you pack: ${SIGN_COMMAND}`,
  };
}

/** macOS used to store names decomposed (NFD), most others composed (NFC). They look the same. */
function explainNormalisation(missing: readonly Finding[], extra: readonly Finding[]): readonly Explanation[] {
  const paths = pairedPaths(missing, extra, ({ path }) => path?.normalize('NFC'));
  if (paths.size === 0) return [];
  return [
    {
      explains: isOneOf(paths),
      cause: `File names were stored in another Unicode normalisation after signing, in ${atLeast(paths.size / 2, [...missing, ...extra])}.`,
      fix: 'Use plain ASCII names, or sign and pack on the same machine: portcullis sign …, then portcullis pack DIR',
    },
  ];
}

function explainRenames(missing: readonly Finding[], extra: readonly Finding[]): readonly Explanation[] {
  const paths = pairedPaths(missing, extra, ({ code, expected, actual }) =>
    code === 'FILE_MISSING' ? expected : actual,
  );
  if (paths.size === 0) return [];
  return [
    { explains: isOneOf(paths), cause: 'The same content lies under another name: it was renamed after signing.' },
  ];
}

/** The paths of those findings on either side that have a counterpart with the same key on the other. */
function pairedPaths(
  missing: readonly Finding[],
  extra: readonly Finding[],
  keyOf: (finding: Finding) => string | undefined,
): ReadonlySet<string> {
  const keys = [missing, extra].map((side) => new Set(side.map(keyOf)));
  const isPaired = (finding: Finding): boolean => {
    const key = keyOf(finding);
    return key !== undefined && keys.every((side) => side.has(key));
  };
  return new Set([...missing, ...extra].filter(isPaired).flatMap(({ path }) => path ?? []));
}

function isOneOf(paths: ReadonlySet<string>): (finding: Finding) => boolean {
  return ({ code, path }) =>
    (code === 'FILE_MISSING' || code === 'EXTRA_FILE') && path !== undefined && paths.has(path);
}

function explainDevelopmentFolders(missing: readonly Finding[], extra: readonly Finding[]): readonly Explanation[] {
  return [
    ...developmentFolders(missing).map(({ folder, files }) => ({
      explains: inFolder('FILE_MISSING', folder),
      cause: `The folder ${folder} was signed along, ${atLeast(files, missing)} of it, but not packed.`,
      fix: `Sign the folder that you pack, without ${folder}: git archive HEAD | tar x -C DIR, then ${SIGN_COMMAND}`,
    })),
    ...developmentFolders(extra).map(({ folder, files }) => ({
      explains: inFolder('EXTRA_FILE', folder),
      cause: `The folder ${folder} was packed along, ${atLeast(files, extra)} of it, but not signed.`,
      fix: `Leave ${folder} out of the archive.`,
    })),
  ];
}

function developmentFolders(
  findings: readonly Finding[],
): readonly { readonly folder: string; readonly files: number }[] {
  const files = new Map<string, number>();
  for (const finding of findings) {
    const folder = developmentFolder(finding);
    if (folder !== null) files.set(folder, (files.get(folder) ?? 0) + 1);
  }
  return [...files].map(([folder, number]) => ({ folder, files: number }));
}

function developmentFolder({ path }: Finding): string | null {
  return DEVELOPMENT_FOLDER.exec(path ?? '')?.[1] ?? null;
}

function inFolder(code: Finding['code'], folder: string): (finding: Finding) => boolean {
  return (finding) => finding.code === code && developmentFolder(finding) === folder;
}

function explainInfoXml(changed: readonly Finding[]): readonly Explanation[] {
  const [only] = changed;
  if (changed.length !== 1 || only?.path !== 'appinfo/info.xml') return [];
  return [
    {
      explains: ({ code, path }) => code === 'INVALID_HASH' && path === only.path,
      cause: 'Only appinfo/info.xml was changed after signing: usually a release script that raises the version.',
      fix: `Raise the version first, then sign: ${SIGN_COMMAND}`,
    },
  ];
}

function explainAdditions(extra: readonly Finding[]): readonly Explanation[] {
  if (extra.length === 0) return [];
  return [
    {
      explains: ({ code }) => code === 'EXTRA_FILE',
      cause: `Files were added after signing, ${extra.length} in all.`,
      fix: `Remove them, or build everything first and sign as the last step before packing: ${SIGN_COMMAND}`,
    },
  ];
}

/** Of findings beyond the first thousand nobody knows the path any more; so there may be more files than were counted. */
function atLeast(files: number, findings: readonly Finding[]): string {
  return `${findings.every(({ path }) => path !== undefined) ? '' : 'at least '}${count(files)}`;
}

function count(files: number): string {
  return files === 1 ? '1 file' : `${files} files`;
}
