import type { JSX } from 'preact';
import { verdictsOfKind } from '../../moderation/decidable.js';
import { Callout } from '../parts/callout.js';
import { Words } from '../parts/words.js';
import { useSurroundings } from '../surroundings.js';
import { possibleFor, type VerdictProps } from './review-verdicts.js';

/**
 * A form that was sent, not accepted, and is no longer there to say why: somebody else decided meanwhile, or is at it. Says so,
 * and gives back what was typed.
 */
export function LostAttempt(acts: VerdictProps): JSX.Element | null {
  const { attempt } = useSurroundings();
  if (attempt === null || isThere(attempt.action, acts)) return null;
  const typed = [attempt.values['reason'] ?? attempt.values['text'] ?? ''].flat().join('\n');
  return (
    <Callout kind="bad" title="Nothing was done" role="alert">
      <p>{attempt.message}</p>
      {typed !== '' && (
        <>
          <p class="quiet small">What you wrote:</p>
          <Words text={typed} />
        </>
      )}
    </Callout>
  );
}

/** Whether the form that was sent stands on the page. */
function isThere(action: string, acts: VerdictProps): boolean {
  const { detail, desk, session } = acts;
  const { id, kind, state, claimedById } = detail.review;
  const possible = possibleFor(acts);
  const act = action.slice(`console/reviews/${id}/`.length);
  const isOpen = state !== 'closed';
  switch (act) {
    case 'notes':
      return isOpen;
    case 'claim':
      return isOpen && claimedById === null;
    case 'let-go':
      return isOpen && claimedById === session.caller.accountId;
    case 'question':
      return possible === 'verdict' && (kind === 'held' || kind === 'appeal' || kind === 'signing-request');
    case 'inspection':
      return isOpen && desk.conflict === null && detail.submission !== null && kind !== 'report';
    case 'confirmation':
      return possible === 'confirmation' && desk.notConfirmable === null;
    case 'objection':
      return possible === 'confirmation';
    default:
      return possible === 'verdict' && verdictsOfKind[kind].some((verdict) => act === `verdicts/${verdict}`);
  }
}
