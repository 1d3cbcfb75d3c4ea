/** Levels of lines that are shown even if the host writes them and not the app. */
const alarming: readonly unknown[] = ['warning', 'error', 'critical'];

/**
 * A log line of the host (JSON) as text for people; undefined for a line that is not shown. A line that is not JSON comes from
 * Node, and is returned unchanged.
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
