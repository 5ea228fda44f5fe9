import type { JSX } from 'preact';

/** Two lines beside each other: null where a side has none. */
export interface DiffRow {
  readonly kind: 'same' | 'changed' | 'added' | 'removed' | 'gap';
  readonly before: { readonly number: number; readonly text: string } | null;
  readonly after: { readonly number: number; readonly text: string } | null;
  /** Of a gap: how many lines are left out. */
  readonly skipped?: number;
}

/** Two texts side by side; on phones one under the other. What changed is marked with signs, too. */
export function DiffView({
  caption,
  rows,
}: {
  readonly caption: string;
  readonly rows: readonly DiffRow[];
}): JSX.Element {
  return (
    <div class="diff" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <colgroup>
          <col class="number" />
          <col />
          <col class="number" />
          <col />
        </colgroup>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Line before</th>
            <th scope="col">Before</th>
            <th scope="col">Line after</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) =>
            row.kind === 'gap' ? (
              <tr key={index} class="gap">
                <td colSpan={4}>{row.skipped ?? ''} lines alike</td>
              </tr>
            ) : (
              <tr key={index} class={row.kind}>
                <Side
                  line={row.before}
                  sign={row.kind === 'removed' || row.kind === 'changed' ? '−' : ' '}
                  side="before"
                />
                <Side line={row.after} sign={row.kind === 'added' || row.kind === 'changed' ? '+' : ' '} side="after" />
              </tr>
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}

function Side({
  line,
  sign,
  side,
}: {
  readonly line: DiffRow['before'];
  readonly sign: string;
  readonly side: 'before' | 'after';
}): JSX.Element {
  if (line === null) {
    return (
      <>
        <td class={`number ${side} none`} />
        <td class={`text ${side} none`} />
      </>
    );
  }
  return (
    <>
      <td class={`number ${side}`}>{line.number}</td>
      <td class={`text ${side}`}>
        <span class="sign">{sign}</span>
        <code>{line.text}</code>
      </td>
    </>
  );
}
