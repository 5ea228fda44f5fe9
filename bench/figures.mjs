/** The middle one of some numbers. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** A number of seconds as tables show it. */
export function seconds(value) {
  return `${value.toFixed(value < 1 ? 3 : 2)} s`;
}
