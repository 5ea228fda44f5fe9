import type { FileFacts } from '../report/contents.js';
import type { FindingList } from '../report/finding-list.js';

/*
 * What comes into archives by accident and helps nobody there. What real apps ship on purpose is not here, however much it
 * looks like it: vendor/, composer.json, source maps, translations, fonts.
 */

interface JunkKind {
  /** What it is, in words for the report. */
  readonly what: string;
  /** Folders at the app's top. */
  readonly topFolders?: readonly string[];
  /** Folders anywhere. */
  readonly folders?: readonly string[];
  /** Files anywhere. */
  readonly files?: RegExp;
  /** True for what a signed app gets as UNSIGNED_LEFTOVER already. */
  readonly isLeftover?: true;
}

/** Names are compared in lower case. The first kind that fits counts. */
const JUNK: readonly JunkKind[] = [
  {
    what: 'packages that a build needs',
    folders: ['node_modules', 'bower_components', 'jspm_packages', '.yarn', '.npm', '.pnpm-store', '.composer'],
  },
  { what: 'tests', topFolders: ['test', 'tests', '__tests__', 'cypress'], folders: ['.phpunit.cache'] },
  { what: 'reports of tests', folders: ['.nyc_output'], files: /^\.phpunit\.result\.cache$/ },
  {
    what: 'configuration of a build server',
    folders: [
      '.github',
      '.gitlab',
      '.gitea',
      '.forgejo',
      '.circleci',
      '.drone',
      '.buildkite',
      '.woodpecker',
      '.azure-pipelines',
    ],
    files:
      /^(?:\.gitlab-ci\.ya?ml|\.travis\.ya?ml|\.drone\.(?:ya?ml|star|jsonnet)|\.woodpecker\.ya?ml|\.scrutinizer\.ya?ml|\.cirrus\.ya?ml|\.?appveyor\.ya?ml|azure-pipelines\.ya?ml|bitbucket-pipelines\.ya?ml|jenkinsfile|\.codecov\.ya?ml|codecov\.ya?ml)$/,
  },
  {
    what: 'settings of an editor',
    folders: ['.idea', '.vscode', '.vs', '.fleet', '.settings', '.zed'],
    files: /\.(?:sublime-workspace|code-workspace|iml)$/,
  },
  {
    what: 'settings of one machine, often with passwords',
    files: /^\.env(?:\.(?:local|production|development|staging|test))?$/,
  },
  { what: 'what an editor leaves behind', files: /(?:.~|\.orig|\.rej|\.sw[op])$|^#.*#$|^\.#/ },
  { what: 'what a desktop leaves behind', files: /^(?:\.ds_store|thumbs\.db|\.directory)$/, isLeftover: true },
  { what: 'what a desktop leaves behind', files: /^(?:\._.*|desktop\.ini|ehthumbs\.db)$/ },
  {
    what: 'what a program leaves behind',
    folders: ['__pycache__', '.sass-cache', '.parcel-cache', '.cache'],
    files: /^(?:npm-debug\.log.*|yarn-error\.log|core\.\d+)$/,
  },
];

const FOLDERS = new Map(JUNK.flatMap(({ what, folders = [] }) => folders.map((name) => [name, what] as const)));
const TOP_FOLDERS = new Map(
  JUNK.flatMap(({ what, topFolders = [] }) => topFolders.map((name) => [name, what] as const)),
);
/** Spares nearly every file the table. */
const MAYBE_JUNK =
  /^[._#]|[~#]$|^(?:core\.|desktop|ehthumbs|thumbs|jenkinsfile|npm-|yarn-|appveyor|azure-|bitbucket-|codecov)|\.(?:orig|rej|sw[op]|iml|sublime-workspace|code-workspace)$/i;

/** Names a folder once, with how much is in it, however many files that are. */
export function addJunkFiles(
  files: ReadonlyMap<string, FileFacts>,
  { isSigned }: { readonly isSigned: boolean },
  findings: FindingList,
): void {
  const folderVerdict = folderVerdicts();
  const roots = new Map<string, { readonly what: string; files: number; bytes: number }>();
  for (const [path, { bytes }] of files) {
    const slash = path.lastIndexOf('/');
    const folder = folderVerdict(path.slice(0, Math.max(0, slash)));
    const what = folder?.what ?? kindOfFile(path.slice(slash + 1), isSigned);
    if (what === null) continue;
    const place = folder?.root ?? path;
    const root = roots.get(place) ?? { what, files: 0, bytes: 0 };
    root.files += 1;
    root.bytes += bytes;
    roots.set(place, root);
  }
  for (const [path, root] of roots) {
    const amount = `${root.files === 1 ? '1 file' : `${root.files} files`}, ${root.bytes} bytes`;
    findings.add('JUNK_FILES', { path, actual: amount, detail: `This is ${root.what}: ${amount}.` });
  }
}

/** The topmost folder that is junk with all in it, ending with `/`; null where there is none. */
type FolderVerdict = { readonly root: string; readonly what: string } | null;

/** Answers for every folder once: there are many files in each. */
function folderVerdicts(): (folder: string) => FolderVerdict {
  const known = new Map<string, FolderVerdict>([['', null]]);
  const verdictOn = (folder: string): FolderVerdict => {
    const before = known.get(folder);
    if (before !== undefined) return before;
    const slash = folder.lastIndexOf('/');
    const name = folder.slice(slash + 1).toLowerCase();
    const what = FOLDERS.get(name) ?? (slash < 0 ? TOP_FOLDERS.get(name) : undefined);
    const verdict =
      verdictOn(slash < 0 ? '' : folder.slice(0, slash)) ?? (what === undefined ? null : { root: `${folder}/`, what });
    known.set(folder, verdict);
    return verdict;
  };
  return verdictOn;
}

function kindOfFile(name: string, isSigned: boolean): string | null {
  if (!MAYBE_JUNK.test(name)) return null;
  const kind = JUNK.find(
    ({ files, isLeftover }) => files?.test(name.toLowerCase()) === true && !(isSigned && isLeftover),
  );
  return kind?.what ?? null;
}
