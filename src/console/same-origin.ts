import type { IncomingHttpHeaders } from 'node:http';

/**
 * False where the browser says that another site's page sends this request, or doesn't say where it could have. What says
 * nothing at all is no browser of today, and is left to the token of the form.
 */
export function isSameOrigin(headers: IncomingHttpHeaders, baseUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const { origin, host } = headers;
  if (origin === undefined) return true;
  // What a page with the policy no-referrer sends; so do sandboxed ones of others, for which the browser says another site.
  if (origin === 'null') return site === 'same-origin';
  if (origin === new URL(baseUrl).origin) return true;
  // The gate may be reached by another name than BASE_URL's: then a page of ours has the name that the request has.
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}
