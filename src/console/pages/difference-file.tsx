import type { JSX } from 'preact';
import type { TextLeftOut } from '../../moderation/changed-texts.js';
import type { FileDifference } from '../../moderation/difference.js';
import { sideBySide, type DifferenceLine } from '../../moderation/text-difference.js';
import { Badge } from '../parts/badge.js';
import { Digest } from '../parts/code.js';
import { DiffView, type DiffRow } from '../parts/diff-view.js';
import { sizeOf } from './moderation-words.js';

const kindTones = { added: 'good', removed: 'bad', changed: 'info' } as const;

/** A file that the two don't have alike, with the difference of its text. */
export function FileCard({
  file,
  id,
  isOne,
}: {
  readonly file: FileDifference;
  readonly id: string;
  readonly isOne: boolean;
}): JSX.Element {
  const { name, path, kind, before, after, text, textLeftOut } = file;
  const view = (side: 'before' | 'after'): string =>
    `console/reviews/${id}/files?path=${encodeURIComponent(path)}${side === 'before' ? '&side=before' : ''}`;
  return (
    <section class="card file" aria-label={name}>
      <div class="card-head">
        <h2>
          <Badge tone={kindTones[kind]}>{kind}</Badge> <code>{name}</code>
        </h2>
        <div class="cluster small">
          {before !== null && <a href={view('before')}>before</a>}
          {after !== null && <a href={view('after')}>now</a>}
        </div>
      </div>
      {text === null ? (
        <>
          <p class="small">
            {before !== null && (
              <>
                {sizeOf(before.bytes)} <Digest value={before.sha512} />
              </>
            )}
            {before !== null && after !== null && ' → '}
            {after !== null && (
              <>
                {sizeOf(after.bytes)} <Digest value={after.sha512} />
              </>
            )}{' '}
            <span class="quiet">{textLeftOut === null ? '' : leftOutWords[textLeftOut]}</span>
          </p>
          {!isOne && (textLeftOut === 'not-now' || textLeftOut === 'too-large') && (
            <p>
              <a href={`console/reviews/${id}/difference?path=${encodeURIComponent(path)}`}>
                Show the difference of this file
              </a>
            </p>
          )}
        </>
      ) : (
        <>
          <p class="small quiet">
            {`${text.added} ${text.added === 1 ? 'line' : 'lines'} added, ${text.removed} removed`}
            {text.isCoarse && '; too different to be compared line by line'}
          </p>
          {text.hunks.length > 0 && <DiffView caption={`Difference of ${name}`} rows={rowsOf(text.hunks)} />}
          {text.omittedLines > 0 && (
            <p class="small quiet">
              {`${text.omittedLines} more changed lines are left out. `}
              {!isOne && (
                <a href={`console/reviews/${id}/difference?path=${encodeURIComponent(path)}`}>Show more of this file</a>
              )}
            </p>
          )}
        </>
      )}
    </section>
  );
}

const leftOutWords: Readonly<Record<TextLeftOut, string>> = {
  removed: '',
  binary: 'Not text: compared by size and SHA-512.',
  'too-large': 'Too large to be compared here.',
  'not-now': 'Left out, to keep this page readable.',
  lost: 'The archive of the release before is not in the storage any more.',
};

/** Hunks beside each other, with what is left out between them. */
function rowsOf(hunks: readonly (readonly DifferenceLine[])[]): readonly DiffRow[] {
  const rows: DiffRow[] = [];
  let last = 0;
  for (const hunk of hunks) {
    const start = hunk.find(({ after }) => after !== null)?.after ?? last + 1;
    if (start > last + 1) rows.push({ kind: 'gap', before: null, after: null, skipped: start - last - 1 });
    for (const { before, after } of sideBySide(hunk)) rows.push(rowOf(before, after));
    last = hunk.findLast(({ after }) => after !== null)?.after ?? last;
  }
  return rows;
}

function rowOf(before: DifferenceLine | null, after: DifferenceLine | null): DiffRow {
  const side = (line: DifferenceLine | null, number: number | null | undefined): DiffRow['before'] =>
    line === null || number === null || number === undefined ? null : { number, text: cut(line) };
  const kind =
    before !== null && before === after ? 'same' : before === null ? 'added' : after === null ? 'removed' : 'changed';
  return { kind, before: side(before, before?.before), after: side(after, after?.after) };
}

function cut({ text, cutBefore, cutAfter }: DifferenceLine): string {
  return `${cutBefore > 0 ? `… ${cutBefore} characters … ` : ''}${text}${cutAfter > 0 ? ` … ${cutAfter} characters …` : ''}`;
}
