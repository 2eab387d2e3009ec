/** `2026-01-02T03:04:05Z`, as the API writes times. */
export function apiTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 with nine digits of fraction (microseconds are real), now; increases within one process. */
export function nanoTime(): string {
  const ms = performance.timeOrigin + performance.now();
  const micros = Math.floor((ms % 1) * 1_000);
  return `${new Date(ms).toISOString().slice(0, 23)}${String(micros).padStart(3, '0')}000Z`;
}
