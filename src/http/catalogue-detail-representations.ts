import { z } from 'zod';
import { dependencyKinds } from '../app/dependencies.js';
import type { ScreenshotRow } from '../database/screenshots.js';
import { renderAhead, renderDescription } from '../storefront/description-html.js';
import type { AppDetail, ReleaseDetail } from '../storefront/read-catalogue.js';
import { readReleaseInfo, textsOf, type ReleaseInfo } from '../storefront/release-info.js';
import {
  appListItem,
  appListItemSchema,
  authorsSchema,
  changedAtSchema,
  downloadsSchema,
  imageUrl,
  platformSchema,
  release,
  releaseSchema,
  releaseSummary,
  releaseSummarySchema,
} from './catalogue-representations.js';

/* The JSON of one app or one release: everything that a frontend shows of it. See catalogue-representations.ts for lists. */

const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
const address = z.string().meta({ description: "Relative to the store's own address." });

const marked = z
  .object({
    source: z.string(),
    html: z.string().meta({ description: 'Of the source, with nothing in it that loads, runs or styles.' }),
  })
  .nullable();

const texts = z
  .array(
    z.object({
      lang: z.string().nullable(),
      name: z.string().nullable(),
      summary: z.string().nullable(),
      description: marked,
    }),
  )
  .meta({ description: 'In each language that it has; first, with the `lang` null, those for everybody else.' });
const links = z.object({
  website: z.string().nullable(),
  repository: z.string().nullable(),
  bugs: z.string().nullable(),
});
const dependencies = z
  .array(
    z.object({
      kind: z.enum(dependencyKinds),
      name: z.string().nullable(),
      min: z.string().nullable(),
      max: z.string().nullable(),
      os: z.string().nullable().meta({ description: 'The operating system that a command is needed on.' }),
    }),
  )
  .meta({
    description:
      'What its info.xml says that it needs beside ownCloud, as far as it is understood: versions of PHP (`php`) and the bits of its integers (`int-size`), which have no name, and databases, commands, libraries (`lib`) and operating systems by their names. Empty for releases of a time when the store did not read it.',
  });
const screenshots = z
  .array(z.object({ url: address, width: z.int(), height: z.int(), thumbnail: address }))
  .meta({ description: 'Copies of its own that the store has, while the release stands.' });

export const releaseDetailSchema = z
  .object({
    ...releaseSchema.shape,
    archive: z.object({
      ...releaseSchema.shape.archive.shape,
      entries: z.int().nullable(),
      files: z.int().nullable(),
      inflatedBytes: z.int().nullable(),
    }),
    texts,
    categories: z.array(z.string()),
    licence: z.string().nullable(),
    authors: authorsSchema,
    platform: platformSchema,
    dependencies,
    links,
    screenshots,
    changelog: marked.meta({
      description: 'The section on this version in its CHANGELOG.md; null where there is none.',
    }),
    downloads: downloadsSchema,
    standing: z
      .object({
        checkedAt: time.nullable(),
        findings: z.array(z.object({ code: z.string(), message: z.string(), since: time })),
      })
      .meta({ description: 'What the store found when it last looked at it again; published releases are watched.' }),
    changedAt: changedAtSchema,
  })
  .meta({ id: 'ReleaseDetail', description: 'Everything that the store says of a release.' });

/** Everything of one release. */
export async function releaseDetail({ release: row, details, screenshots: copies, findings }: ReleaseDetail) {
  const info = readReleaseInfo(row.info);
  await renderAhead([...sourcesOf(info), details.changelog]);
  const counted = details.archive;
  return {
    ...release(row),
    archive: {
      ...releaseSummary(row).archive,
      entries: counted?.entries ?? null,
      files: counted?.files ?? null,
      inflatedBytes: counted?.inflatedBytes ?? null,
    },
    ...saidBy(info),
    screenshots: copies.map(screenshot),
    changelog: withHtml(details.changelog),
    downloads: details.downloads,
    standing: {
      checkedAt: details.checkedAt?.toISOString() ?? null,
      findings: findings.map(({ code, message, foundAt }) => ({ code, message, since: foundAt.toISOString() })),
    },
    changedAt: details.changedAt.toISOString(),
  };
}

export const appDetailSchema = z
  .object({
    ...appListItemSchema.shape,
    texts,
    links,
    screenshots,
    releases: z.array(releaseSummarySchema),
    next: z.string().nullable(),
  })
  .meta({ id: 'AppDetail', description: 'An app, shown by one of its releases, with the releases published last.' });

/** Everything of one app, with a page of its releases. */
export async function appDetail({ listing, info: stored, screenshots: copies }: AppDetail) {
  const info = readReleaseInfo(stored);
  await renderAhead(sourcesOf(info));
  const { texts: ownTexts, links: ownLinks, categories, authors: ownAuthors } = saidBy(info);
  return {
    ...appListItem(listing),
    categories,
    authors: ownAuthors,
    texts: ownTexts,
    links: ownLinks,
    screenshots: copies.map(screenshot),
  };
}

function sourcesOf(info: ReleaseInfo | null): readonly (string | null)[] {
  return info === null ? [] : textsOf(info).map(({ description }) => description);
}

function saidBy(info: ReleaseInfo | null) {
  return {
    texts: (info === null ? [] : textsOf(info)).map((each) => ({ ...each, description: withHtml(each.description) })),
    categories: info?.categories ?? [],
    licence: info?.licence ?? null,
    authors: info?.authors ?? [],
    platform: info?.platform ?? null,
    dependencies: info?.dependencies ?? [],
    links: { website: info?.website ?? null, repository: info?.repository ?? null, bugs: info?.bugs ?? null },
  };
}

function withHtml(source: string | null) {
  return source === null ? null : { source, html: renderDescription(source) };
}

function screenshot({ image, thumbnail }: ScreenshotRow) {
  return {
    url: imageUrl(image.sha256),
    width: image.width,
    height: image.height,
    thumbnail: imageUrl(thumbnail.sha256),
  };
}
