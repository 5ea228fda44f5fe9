/*
 * What is known of the hosts where many people's repositories live. The root of such a host, and what lies between it and
 * a repository, belongs to somebody else; and below a repository's own address lie the commits of everybody who ever
 * proposed a change to it. So the only place that proves anything is the head of the repository's default branch.
 */

/** A host of repositories, and where in them a file of the default branch is read. */
interface Forge {
  /** What a repository's URL looks like there, for people. */
  readonly shape: string;
  /** Where `file` of the default branch is; null where the path names no repository. */
  proofUrl(segments: readonly string[], file: string): URL | null;
}

/** A forge where repositories lie at `/owner/name`; what follows (a branch, a folder) is of no account. */
function ownerAndName(hostname: string, address: (repository: string) => string): Forge {
  return {
    shape: `https://${hostname}/owner/name`,
    proofUrl: ([owner, name], file) => {
      if (owner === undefined || name === undefined) return null;
      return new URL(`${address(`${owner}/${name.replace(/\.git$/i, '')}`)}/${file}`);
    },
  };
}

/** A GitLab: repositories may lie in groups of groups, and what is not their name comes after `/-/`. */
function gitLab(hostname: string): Forge {
  return {
    shape: `https://${hostname}/group/name`,
    proofUrl: (segments, file) => {
      const dash = segments.indexOf('-');
      const path = dash === -1 ? segments : segments.slice(0, dash);
      if (path.length < 2 || path.some(servesVersions)) return null;
      const repository = path.join('/').replace(/\.git$/i, '');
      return new URL(`https://${hostname}/${repository}/-/raw/HEAD/${file}`);
    },
  };
}

/** A Forgejo or Gitea. */
function forgejo(hostname: string): Forge {
  return ownerAndName(hostname, (repository) => `https://${hostname}/${repository}/raw/branch/HEAD`);
}

const forges: Readonly<Record<string, Forge>> = {
  'github.com': ownerAndName('github.com', (repository) => `https://raw.githubusercontent.com/${repository}/HEAD`),
  'bitbucket.org': ownerAndName('bitbucket.org', (repository) => `https://bitbucket.org/${repository}/raw/HEAD`),
  'git.sr.ht': ownerAndName('git.sr.ht', (repository) => `https://git.sr.ht/${repository}/blob/HEAD`),
  'codeberg.org': forgejo('codeberg.org'),
  'gitea.com': forgejo('gitea.com'),
  'gitlab.com': gitLab('gitlab.com'),
  'framagit.org': gitLab('framagit.org'),
  'gitlab.freedesktop.org': gitLab('gitlab.freedesktop.org'),
  'gitlab.gnome.org': gitLab('gitlab.gnome.org'),
  'invent.kde.org': gitLab('invent.kde.org'),
  'salsa.debian.org': gitLab('salsa.debian.org'),
};

/** Mirrors and raw views that serve any version of anybody's repository. */
const mirrors = [
  'githubusercontent.com',
  'jsdelivr.net',
  'githack.com',
  'statically.io',
  'rawgit.com',
  'ghproxy.com',
  'web.archive.org',
] as const;

/** The forge at a host (`www.` aside); null where it is not one we know. */
export function knownForge(hostname: string): Forge | null {
  const bare = hostname.replace(/^www\./, '');
  return Object.hasOwn(forges, bare) ? (forges[bare] ?? null) : null;
}

/** Whether a host serves repositories of others without being the place where these live. */
export function isServedForOthers(hostname: string): boolean {
  return [...mirrors, ...Object.keys(forges)].some((host) => hostname === host || hostname.endsWith(`.${host}`));
}

const versionWords = new Set(['-', 'raw', 'raw-file', 'media', 'blob', 'plain', 'refs']);

/** Whether a segment of a path is one by which forges serve the bytes of a version that the path goes on to name. */
export function servesVersions(segment: string): boolean {
  return versionWords.has(decodeURIComponent(segment).toLowerCase());
}
