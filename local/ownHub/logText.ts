/** The levels that a person should see even if the host and not the app writes them. */
const alarming: readonly unknown[] = ['warning', 'error', 'critical'];

/**
 * A log line of the host (JSON) as a person reads it; undefined for one that says nothing about the app's work. A line that
 * is not JSON comes from Node, and is returned unchanged.
 */
export function logText(line: string): string | undefined {
  const { time, level, category, message } = parse(line);
  if (typeof time !== 'string' || typeof message !== 'string') return line.startsWith('{"ready":') ? undefined : line;
  const isAlarming = alarming.includes(level);
  if (!isAlarming && category !== 'user') return undefined;
  return `${time.slice(11, 19)}  ${isAlarming ? `${level}: ` : ''}${message}`;
}

function parse(line: string): { time?: unknown; level?: unknown; category?: unknown; message?: unknown } {
  try {
    return JSON.parse(line) ?? {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
