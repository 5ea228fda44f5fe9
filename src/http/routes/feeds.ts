import { z } from 'zod';
import { readReleaseFeed, type FeedFormat } from '../../storefront/release-feed.js';
import { defineRoute, type Route } from '../route.js';

const contentTypes: Readonly<Record<FeedFormat, string>> = {
  json: 'application/feed+json',
  atom: 'application/atom+xml',
};

const schemas: Readonly<Record<FeedFormat, z.ZodType>> = {
  json: z
    .object({
      version: z.literal('https://jsonfeed.org/version/1.1'),
      title: z.string(),
      home_page_url: z.string(),
      feed_url: z.string(),
      language: z.string(),
      items: z.array(
        z.object({
          id: z.string(),
          url: z.string(),
          title: z.string(),
          content_text: z.string(),
          date_published: z.iso.datetime(),
          tags: z.array(z.string()),
          _portcullis: z.object({
            app: z.string(),
            version: z.string(),
            change: z.enum(['published', 'withdrawn', 'quarantined', 'restored']),
            reasonCode: z.string().nullable(),
          }),
        }),
      ),
    })
    .meta({ id: 'ReleaseFeed', description: 'JSON Feed 1.1.' }),
  atom: z.string().meta({ description: 'RFC 4287.' }),
};

/** What became public of releases, for readers of feeds. */
export const feedRoutes: readonly Route[] = [
  feedRoute('json', 'readReleaseFeed', 'Changes of releases, as a JSON Feed'),
  feedRoute('atom', 'readReleaseAtomFeed', 'Changes of releases, as an Atom feed'),
];

function feedRoute(format: FeedFormat, operationId: string, summary: string): Route {
  return defineRoute(
    {
      method: 'get',
      path: `/feeds/releases.${format}`,
      operationId,
      tag: 'Feeds',
      access: 'public',
      summary,
      description:
        'The newest hundred: what was published, withdrawn, put under quarantine, and published again, with the reason and its code.',
      reading: { maxAgeSeconds: 60 },
      responses: {
        200: { description: 'The newest first.', contentType: contentTypes[format], schema: schemas[format] },
      },
    },
    { query: z.object({ app: z.string().max(64).optional().meta({ description: 'Of this app only.' }) }) },
    async ({ gate, query }) => {
      const { bytes, sha256, contentType } = await readReleaseFeed(gate, format, query.app ?? null);
      return { status: 200, headers: { 'content-type': contentType }, bytes, etag: `"${sha256}"` };
    },
  );
}
