import type { JSX } from 'preact';
import type { StandingFindingRow } from '../../database/standing-findings.js';
import { Time } from '../parts/time.js';
import { shown } from '../parts/words.js';

/** What the standing watch says of a release, each with the time since when. */
export function StandingMarks({ marks }: { readonly marks: readonly StandingFindingRow[] }): JSX.Element {
  return (
    <>
      {marks.map(({ code, message, foundAt }) => (
        <span key={code} class="small block">
          <code>{code}</code> since <Time at={foundAt} />: {shown(message)}
        </span>
      ))}
    </>
  );
}
