import type { Queryable } from './connect.js';

/** That an app or a release changed, at the place of its last change: the triggers of `migrations/0005-storefront.sql` write it. */
export interface CatalogueChange {
  /** Places become visible in their order. */
  readonly position: number;
  /** Of the place; the same place has another one after the database was set back and it was given again. */
  readonly stamp: string;
  readonly appId: string;
  /** Null for the app itself. */
  readonly version: string | null;
}

/** What changed after a place, in the order of the places; what changed more than once only at its last. */
export async function listCatalogueChanges(
  db: Queryable,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly CatalogueChange[]> {
  const { rows } = await db.query<CatalogueChange>(
    `SELECT position, stamp, app_id AS "appId", nullif(version, '') AS version
     FROM catalogue_changes JOIN catalogue_places USING (position)
     WHERE position > $1 ORDER BY position LIMIT $2`,
    [after, limit],
  );
  return rows;
}

/** Whether a place was ever given with this stamp, whatever stands there now. */
export async function hasCataloguePlace(
  db: Queryable,
  { position, stamp }: { readonly position: number; readonly stamp: string },
): Promise<boolean> {
  const { rows } = await db.query('SELECT 1 FROM catalogue_places WHERE position = $1 AND stamp = $2', [
    position,
    stamp,
  ]);
  return rows.length > 0;
}

/** The place of the last change of the catalogue; 0 where nothing ever changed. */
export async function readCatalogueHead(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ head: number }>(
    'SELECT coalesce(max(position), 0)::bigint AS head FROM catalogue_changes',
  );
  return rows[0]?.head ?? 0;
}
