import type { Report } from './settings.ts';

/** The setting by which the host overrides `functionTimeout` of host.json ("host.json reference", Azure Functions). */
const override = 'AzureFunctionsJobHost__functionTimeout';

/** `functionTimeout` in the host.json of this app. */
export const functionTimeoutSeconds = 600;
/** The shortest default of any plan, which holds if host.json does not say anything. */
const shortestDefaultSeconds = 300;

/**
 * Returns after how many seconds the host ends an invocation. It tells the function nothing, and ends the Node worker with all
 * slices in it, so slices must be shorter. Warns if it is not the value that this app has in its host.json. `hostJson`: the
 * text of host.json; undefined if it was not found.
 */
export function readFunctionTimeout(
  env: Readonly<Record<string, string | undefined>>,
  hostJson: string | undefined,
  warn: Report,
): number {
  const overridden = env[override]?.trim();
  const [setting, written] = overridden ? [override, overridden] : ['host.json', timeoutIn(hostJson)];
  if (written === undefined && hostJson === undefined) return functionTimeoutSeconds; // the file is not at its place
  const seconds = written === undefined ? shortestDefaultSeconds : secondsOf(written);
  if (seconds === undefined) {
    warn(setting, `has a functionTimeout that is not hh:mm:ss; the app assumes ${functionTimeoutSeconds} s`);
    return functionTimeoutSeconds;
  }
  if (seconds !== functionTimeoutSeconds) {
    warn(
      setting,
      `functionTimeout is ${written === undefined ? 'missing, so the app assumes ' : ''}${seconds} s in place of ${functionTimeoutSeconds} s; the limit of SLICE_SECONDS follows it. Write 00:10:00`,
    );
  }
  return seconds;
}

function timeoutIn(hostJson: string | undefined): string | undefined {
  if (hostJson === undefined) return undefined;
  try {
    const { functionTimeout } = (JSON.parse(hostJson) ?? {}) as { functionTimeout?: unknown };
    return functionTimeout === undefined ? undefined : String(functionTimeout);
  } catch (error) {
    if (error instanceof SyntaxError) return ''; // the host allows comments, which JSON does not
    throw error;
  }
}

/** `hh:mm:ss` or `d.hh:mm:ss`. `-1` is no limit; slices then keep to the limit of this app. */
function secondsOf(text: string): number | undefined {
  if (text === '-1') return functionTimeoutSeconds;
  const [, days = '0', hours, minutes, seconds] =
    /^(?:(\d{1,3})\.)?(\d{1,2}):([0-5]\d):([0-5]\d)(?:\.\d+)?$/.exec(text) ?? [];
  if (hours === undefined) return undefined;
  const total = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return total > 0 ? total : undefined;
}
