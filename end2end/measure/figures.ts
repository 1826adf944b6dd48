/** Median, least and greatest of some milliseconds, as one line. */
export function summary(what: string, milliseconds: number[]): string {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  const round = (value: number) => value.toFixed(0);
  return `${what}: median ${round(median)} ms, least ${round(sorted[0])} ms, greatest ${round(sorted.at(-1)!)} ms (${sorted.length} times)`;
}

/** Percentiles of some milliseconds, as one line. */
export function percentiles(what: string, milliseconds: number[]): string {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(1) ?? "none";
  return `${what}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, greatest ${at(1)} ms (${sorted.length} frames)`;
}
