import type { Report } from './settings.ts';

/** The setting by which the host overrides `functionTimeout` of host.json ("host.json reference", Azure Functions). */
const override = 'AzureFunctionsJobHost__functionTimeout';

/** `functionTimeout` in the host.json of this app. */
export const functionTimeoutSeconds = 600;
/** The shortest default of all hosting plans. Assumed if host.json does not set `functionTimeout`. */
const shortestDefaultSeconds = 300;

/**
 * Returns the function timeout of the host in seconds. At a timeout the host ends the Node worker, with all slices in it and
 * without a notice to the function, so a slice must be shorter. Warns if the timeout is not the one in the host.json of this app.
 * `hostJson`: the text of host.json; undefined if the file was not found.
 */
export function readFunctionTimeout(
  env: Readonly<Record<string, string | undefined>>,
  hostJson: string | undefined,
  warn: Report,
): number {
  const overridden = env[override]?.trim();
  const [setting, written] = overridden ? [override, overridden] : ['host.json', timeoutIn(hostJson)];
  if (written === undefined && hostJson === undefined) return functionTimeoutSeconds; // host.json was not found
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
    if (error instanceof SyntaxError) return ''; // JSON with comments, which the host accepts
    throw error;
  }
}

/** Reads `hh:mm:ss` or `d.hh:mm:ss`. `-1` means no timeout; slices are then limited as by the host.json of this app. */
function secondsOf(text: string): number | undefined {
  if (text === '-1') return functionTimeoutSeconds;
  const [, days = '0', hours, minutes, seconds] =
    /^(?:(\d{1,3})\.)?(\d{1,2}):([0-5]\d):([0-5]\d)(?:\.\d+)?$/.exec(text) ?? [];
  if (hours === undefined) return undefined;
  const total = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return total > 0 ? total : undefined;
}
