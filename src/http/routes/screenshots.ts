import { z } from 'zod';
import { findScreenshot, openScreenshot } from '../../storefront/read-screenshot.js';
import { defineRoute, type Route } from '../route.js';

/** Copies of screenshots, as frontends show them. */
export const screenshotRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/screenshots/{sha256}.webp',
      operationId: 'readScreenshot',
      tag: 'Catalogue',
      access: 'public',
      summary: 'A screenshot, or a thumbnail of one',
      description:
        'The addresses are in apps and releases. Every image was made anew by the store from the pixels of what its app declares; the digest is that of these bytes.',
      // Not for good, though the bytes never change: a release can be withdrawn, and with it what it shows.
      reading: { maxAgeSeconds: 3_600 },
      responses: {
        200: { description: 'The image.', contentType: 'image/webp' },
        404: { description: 'No release that stands shows such an image, or it was lost and is made anew.' },
        503: { description: 'The storage is not to be had now.' },
      },
    },
    { params: z.object({ sha256: z.string().meta({ description: 'The SHA-256 of the bytes, in lower-case hex.' }) }) },
    async ({ gate, params, isFresh }) => {
      const image = await findScreenshot(gate, params.sha256);
      const etag = `"${image.sha256}"`;
      if (isFresh(etag)) return { status: 304, etag };
      const digest = Buffer.from(image.sha256, 'hex').toString('base64');
      const headers = {
        'content-type': image.mediaType,
        'content-length': String(image.bytes),
        'content-digest': `sha-256=:${digest}:`,
      };
      return { status: 200, etag, headers, stream: await openScreenshot(gate, image) };
    },
  ),
];
