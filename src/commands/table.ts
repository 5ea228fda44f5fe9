/** Rows in columns that stand under each other, two spaces apart; without spaces at the ends of lines. */
export function asTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** A time as tables show it: UTC, to the minute. */
export function shortTime(time: Date | string | null): string {
  if (time === null) return '–';
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}
