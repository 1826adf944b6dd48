/** Median, least and greatest of some milliseconds, as one line. */
export function summary(what: string, milliseconds: number[]): string {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  const round = (value: number) => value.toFixed(0);
  return `${what}: median ${round(median)} ms, least ${round(sorted[0])} ms, greatest ${round(sorted.at(-1)!)} ms (${sorted.length} times)`;
}
