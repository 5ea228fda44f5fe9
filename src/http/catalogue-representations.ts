import { z } from 'zod';
import type { AppRow } from '../database/apps.js';
import { leafReasons } from '../database/certificates.js';
import type { ListingRow } from '../database/listings.js';
import type { ReleaseRow, ReleaseSummary } from '../database/releases.js';
import { trustLevels } from '../policy/trust-level.js';
import { suspensionOf } from '../releases/requirements.js';
import { readReleaseInfo, readTranslation } from '../storefront/release-info.js';
import { signatureSchema } from './report-representation.js';

/* The JSON of the catalogue: apps and releases as everybody reads them in lists. See representations.ts. */

const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const address = z.string().meta({ description: "Relative to the store's own address." });
export const trustLevelSchema = z.enum(trustLevels);
export const releaseStatusSchema = z.enum(['published', 'withdrawn', 'quarantined']);

// Releases

const releaseFields = {
  appId: z.string(),
  version: z.string(),
  status: releaseStatusSchema,
  statusReason: z.string().nullable(),
  statusReasonCode: z.string().nullable().meta({ description: 'One of the canned reasons, for programs.' }),
  statusChangedAt: time.nullable(),
  publishedAt: time,
  signed: z.boolean(),
  signature: signatureSchema,
  signerRevoked: z
    .object({
      serial: z.string(),
      revokedAt: time,
      reason: z.enum(leafReasons),
      invalidityDate: time
        .nullable()
        .meta({ description: 'Since when the key is thought to have been in wrong hands.' }),
    })
    .nullable()
    .meta({ description: 'Since when the certificate that it was signed with is revoked; null where it is not.' }),
  archive: z.object({ sha256, bytes: z.int(), url: z.string() }),
};

export const releaseSummarySchema = z.object(releaseFields).meta({
  id: 'ReleaseSummary',
  description: 'A release in a list; what its info.xml says comes with the release itself.',
});

export const releaseSchema = z
  .object({ ...releaseFields, info: z.unknown().meta({ description: 'What appinfo/info.xml says.' }) })
  .meta({ id: 'Release', description: 'An accepted upload. Whatever its status, it never leaves the history.' });

/** A release in a list. */
export function releaseSummary(row: ReleaseSummary) {
  return {
    appId: row.appId,
    version: row.version,
    status: row.status,
    statusReason: row.statusReason,
    statusReasonCode: row.statusReasonCode,
    statusChangedAt: row.statusChangedAt?.toISOString() ?? null,
    publishedAt: row.publishedAt.toISOString(),
    signed: row.signed,
    signature: row.signature,
    signerRevoked: row.signerRevoked && {
      ...row.signerRevoked,
      revokedAt: isoTime(row.signerRevoked.revokedAt),
      invalidityDate: row.signerRevoked.invalidityDate === null ? null : isoTime(row.signerRevoked.invalidityDate),
    },
    archive: { sha256: row.archiveSha256, bytes: row.archiveBytes, url: `${releaseUrl(row)}/archive` },
  };
}

/** A time that the database wrote into JSON, with an offset and microseconds, as all others are. */
function isoTime(text: string): string {
  return new Date(text).toISOString();
}

/** A release, for everybody. */
export function release(row: ReleaseRow) {
  return { ...releaseSummary(row), info: row.info };
}

/** Where a release is, relative to the gate's own address. */
export function releaseUrl(row: Pick<ReleaseRow, 'appId' | 'version'>): string {
  return `/api/v1/apps/${row.appId}/releases/${encodeURIComponent(row.version)}`;
}

// Apps

export const suspendedSchema = z
  .object({ since: time, reason: z.string() })
  .nullable()
  .meta({ description: 'Since when it is suspended, and why; null where it is not.' });

const appFields = {
  id: z.string(),
  trustLevel: trustLevelSchema,
  signedSince: time.nullable().meta({ description: 'When its first signed release was published.' }),
  suspended: suspendedSchema,
  createdAt: time,
};

export const appSchema = z.object(appFields).meta({ id: 'App' });

/** An app, as the store stands to it. */
export function app(
  row: Pick<AppRow, 'id' | 'trustLevel' | 'signedSince' | 'suspendedAt' | 'suspensionReason' | 'createdAt'>,
) {
  return {
    id: row.id,
    trustLevel: row.trustLevel,
    signedSince: row.signedSince?.toISOString() ?? null,
    suspended: suspensionOf(row),
    createdAt: row.createdAt.toISOString(),
  };
}

export const authorsSchema = z
  .array(z.object({ name: z.string(), homepage: z.string().nullable() }))
  .meta({ description: 'Who made it, as they say themselves.' });
export const platformSchema = z
  .object({ min: z.string().nullable(), max: z.string().nullable() })
  .nullable()
  .meta({ description: 'The ownCloud versions it is for: both included, `10` means all of 10, null is an open end.' });
export const downloadsSchema = z.int().meta({ description: 'How often it was downloaded, some minutes ago.' });
export const changedAtSchema = time.meta({ description: 'When something here last changed, the downloads aside.' });

const listFields = {
  ...appFields,
  name: z.string(),
  summary: z.string().nullable(),
  categories: z.array(z.string()),
  status: releaseStatusSchema,
  signed: z.boolean(),
  version: z.string(),
  publishedAt: time,
  platform: platformSchema,
  licence: z.string().nullable(),
  authors: authorsSchema,
  downloads: downloadsSchema.meta({ description: 'Of all its releases, some minutes ago.' }),
  changedAt: changedAtSchema,
  thumbnail: address.nullable().meta({ description: 'A copy of its first screenshot, small.' }),
};

export const appListItemSchema = z.object(listFields).meta({
  id: 'AppListItem',
  description:
    'An app, shown by one of its releases: of those that stand the one published last, or where none stands, of all. `version`, `status`, `signed` and `publishedAt` are those of that release.',
});

/** An app in a list. */
export function appListItem(row: ListingRow) {
  const info = readReleaseInfo(row.info);
  const translated = readTranslation(row.translation);
  return {
    ...app(row),
    name: translated?.name ?? info?.name ?? row.id,
    summary: translated?.summary ?? info?.summary ?? null,
    categories: info?.categories ?? [],
    status: row.status,
    signed: row.signed,
    version: row.version,
    publishedAt: row.publishedAt.toISOString(),
    platform: info?.platform ?? null,
    licence: info?.licence ?? null,
    authors: info?.authors ?? [],
    downloads: row.downloads,
    changedAt: row.changedAt.toISOString(),
    thumbnail: row.thumbnail === null ? null : imageUrl(row.thumbnail),
  };
}

/** Where an image is, relative to the gate's own address. */
export function imageUrl(sha256OfImage: string): string {
  return `/api/v1/screenshots/${sha256OfImage}.webp`;
}
