import type { JSX } from 'preact';
import type { WeekOfCode } from '../../database/statistics.js';
import { Table } from '../parts/table.js';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const SERIES = 5;
const WIDTH = 720;
const HEIGHT = 240;
const LEFT = 40;
const BOTTOM = 28;
const TOP = 12;

/** The counts of one week: of the codes with a colour of their own, and of all others together. */
interface Bar {
  readonly week: string;
  readonly parts: readonly number[];
  readonly total: number;
}

/** Refusals by code and week, as bars and as a table: what the bars show, the table says. */
export function RefusalsChart({ refusals }: { readonly refusals: readonly WeekOfCode[] }): JSX.Element {
  const codes = codesByCount(refusals);
  const named = codes.slice(0, SERIES);
  const labels = codes.length > SERIES ? [...named, `${codes.length - SERIES} other codes`] : named;
  const bars = barsOf(refusals, named, labels.length);
  const most = Math.max(1, ...bars.map(({ total }) => total));
  const step = stepOf(most);
  const top = Math.ceil(most / step) * step;
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const slot = (WIDTH - LEFT) / bars.length;
  const width = Math.min(44, slot * 0.7);
  const labelEvery = Math.ceil(bars.length / 9);
  return (
    <>
      <figure class="chart">
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby="chart-title chart-text">
          <title id="chart-title">Refusals by code, week by week</title>
          <desc id="chart-text">
            {`${bars.length} weeks; at most ${most} in one. Most often: ${named.join(', ')}. The table below has every number.`}
          </desc>
          {Array.from({ length: top / step + 1 }, (_, index) => index * step).map((value) => (
            <g key={value}>
              <line class="grid" x1={LEFT} x2={WIDTH} y1={y(value)} y2={y(value)} />
              <text class="axis" x={LEFT - 8} y={y(value) + 4} text-anchor="end">
                {value}
              </text>
            </g>
          ))}
          {bars.map(({ week, parts }, index) => {
            const x = LEFT + index * slot + (slot - width) / 2;
            let below = 0;
            return (
              <g key={week}>
                {parts.map((part, series) => {
                  if (part === 0) return null;
                  const start = below;
                  below += part;
                  const height = Math.max(1, y(start) - y(below) - 1);
                  return (
                    <rect
                      key={series}
                      class={`series-${series}`}
                      x={x}
                      y={y(below)}
                      width={width}
                      height={height}
                      rx="2"
                    >
                      <title>{`${labels[series] ?? ''}: ${part} in the week of ${week}`}</title>
                    </rect>
                  );
                })}
                {index % labelEvery === 0 && (
                  <text class="axis" x={x + width / 2} y={HEIGHT - 8} text-anchor="middle">
                    {week.slice(5)}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
        <figcaption>
          <ul class="legend">
            {labels.map((label, series) => (
              <li key={label}>
                <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
                  <rect class={`series-${series}`} width="12" height="12" rx="2" />
                </svg>
                {series < SERIES ? (
                  <a href={`console/findings/${label}`}>
                    <code>{label}</code>
                  </a>
                ) : (
                  label
                )}
              </li>
            ))}
          </ul>
        </figcaption>
      </figure>
      <details>
        <summary>The numbers</summary>
        <Table
          caption="Refusals by week and code"
          rows={refusals}
          rowKey={({ week, code }) => `${week} ${code}`}
          columns={[
            { label: 'Week of', cell: ({ week }) => <span class="nowrap">{week}</span> },
            {
              label: 'Code',
              cell: ({ code }) => (
                <a href={`console/findings/${code}`}>
                  <code>{code}</code>
                </a>
              ),
            },
            { label: 'Refusals', numeric: true, cell: ({ count }) => count },
          ]}
        />
      </details>
    </>
  );
}

function codesByCount(refusals: readonly WeekOfCode[]): readonly string[] {
  const totals = new Map<string, number>();
  for (const { code, count } of refusals) totals.set(code, (totals.get(code) ?? 0) + count);
  return [...totals].sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1)).map(([code]) => code);
}

/** A bar for each week from the first to the last, those without a refusal too. */
function barsOf(refusals: readonly WeekOfCode[], named: readonly string[], series: number): readonly Bar[] {
  const weeks = refusals.map(({ week }) => week).sort();
  const [first, last] = [weeks[0], weeks.at(-1)];
  if (first === undefined || last === undefined) return [];
  const bars: Bar[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += WEEK_MS) {
    const week = new Date(at).toISOString().slice(0, 10);
    const parts = Array.from({ length: series }, () => 0);
    for (const each of refusals) {
      if (each.week !== week) continue;
      const index = named.indexOf(each.code);
      const place = index === -1 ? series - 1 : index;
      parts[place] = (parts[place] ?? 0) + each.count;
    }
    bars.push({ week, parts, total: parts.reduce((sum, part) => sum + part, 0) });
  }
  return bars;
}

/** The step of the axis: 1, 2 or 5 with zeros, so that there are at most five. */
function stepOf(most: number): number {
  for (let unit = 1; ; unit *= 10) {
    for (const step of [unit, 2 * unit, 5 * unit]) if (most / step <= 5) return step;
  }
}
