import type { JSX } from 'preact';
import type { SanitisedHtml } from '../../storefront/description-html.js';

/** Markup of somebody else's, of which the storefront's allow-list has left what says how a text is laid out. */
export function Markup({ html, lang }: { readonly html: SanitisedHtml; readonly lang?: string | null }): JSX.Element {
  return (
    // eslint-disable-next-line no-restricted-syntax -- The one place: its type comes of the allow-list only, and the policy runs nothing.
    <div class="markup" lang={lang ?? undefined} dir="auto" dangerouslySetInnerHTML={{ __html: html }} />
  );
}
