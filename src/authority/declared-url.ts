import type { Queryable } from '../database/connect.js';
import { findDeclaredLinks } from '../database/releases.js';
import { proofUrls } from '../network/control-proof.js';
import { FetchError } from '../network/fetch-error.js';
import { RequestError } from '../request-error.js';

/**
 * Where a value that proves control of a declared repository or website is looked for.
 *
 * @throws RequestError `INVALID_REQUEST` where the URL can't prove anything, saying why
 */
export function requireProvableUrl(declaredUrl: string): readonly URL[] {
  try {
    return proofUrls(declaredUrl);
  } catch (error) {
    if (error instanceof FetchError) throw new RequestError('INVALID_REQUEST', error.message);
    throw error;
  }
}

/**
 * A declared repository or website as it is shown and kept: a name in other letters than ours in the form in which it can't
 * be mistaken for another, and no character that draws over its line.
 *
 * @throws RequestError `INVALID_REQUEST` where the URL can't prove anything, saying why
 */
export function requireDeclaredUrl(text: string): string {
  requireProvableUrl(text);
  return new URL(text).href;
}

/**
 * The repository and the website that the release published last declares, as far as they can prove anything, the likelier
 * one first.
 */
export async function listPublishedUrls(db: Queryable, appId: string): Promise<readonly string[]> {
  const links = await findDeclaredLinks(db, appId);
  return [links?.repository, links?.website]
    .filter((url) => typeof url === 'string')
    .filter((url) => placeOf(url) !== null);
}

/**
 * Whether a URL is one of those that the published releases of an app declare: users know the app by these, and not by what
 * an applicant says. Two spellings of one place are the same.
 */
export function isPublishedUrl(published: readonly string[], declaredUrl: string): boolean {
  const place = placeOf(declaredUrl);
  return place !== null && published.some((url) => placeOf(url) === place);
}

/** Where a value is looked for; nowhere, where the URL can prove nothing. */
export function listProofUrls(declaredUrl: string): readonly string[] {
  try {
    return proofUrls(declaredUrl).map(({ href }) => href);
  } catch {
    return [];
  }
}

/** The place where control of a URL is proven first of all; null where it can't be. */
function placeOf(declaredUrl: string): string | null {
  return listProofUrls(declaredUrl)[0] ?? null;
}
