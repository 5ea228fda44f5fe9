import type { ComponentChildren, JSX } from 'preact';

/** A column: its heading, and what stands in it for a row. */
export interface Column<Row> {
  readonly label: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Numbers stand at the right, one under the other. */
  readonly numeric?: true;
  /** The one that names the row; the first where none says so. */
  readonly heads?: true;
}

/** Rows of the same kind; on phones every row becomes a card. For none, say so with `Empty` instead. */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
  rowLink,
}: {
  /** What the rows are, for whoever hears the page. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string | number;
  /** Marks rows that the keys j and k walk through: where the row leads. */
  readonly rowLink?: (row: Row) => string;
}): JSX.Element {
  const heading = columns.find(({ heads }) => heads) ?? columns[0];
  return (
    <table class="rows">
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ label, numeric }) => (
            <th key={label} scope="col" class={numeric && 'numeric'}>
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)} data-row={rowLink?.(row)}>
            {columns.map((column) => {
              const content = <span class="cell">{column.cell(row)}</span>;
              const className = column.numeric && 'numeric';
              return column === heading ? (
                <th key={column.label} scope="row" class={className} data-label={column.label}>
                  {content}
                </th>
              ) : (
                <td key={column.label} class={className} data-label={column.label}>
                  {content}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
