import type { JSX } from 'preact';
import { useSurroundings } from '../surroundings.js';
import { Callout } from './callout.js';

/**
 * What was wrong with a form that the page no longer has, since things have changed meanwhile: an appeal that somebody else sent
 * before, say. Forms that are there say so themselves.
 *
 * @param props.forms where the forms lead that the page has now
 */
export function UnplacedAttempt({ forms }: { readonly forms: readonly string[] }): JSX.Element | null {
  const { attempt } = useSurroundings();
  if (attempt === null || forms.includes(attempt.action)) return null;
  return (
    <Callout kind="bad" role="alert" title="Nothing was done">
      {attempt.message}
    </Callout>
  );
}
