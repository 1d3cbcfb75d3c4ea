/**
 * Parses a .NET time span as in host.json, `[d.]hh:mm:ss[.fffffff]`, to milliseconds; `undefined` if it is not one
 * (https://learn.microsoft.com/dotnet/api/system.timespan.parse).
 */
export function timeSpanToMs(text: string): number | undefined {
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/.exec(text);
  if (!match) return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const wholeSeconds = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return Math.round((wholeSeconds + Number(`0.${fraction}`)) * 1000);
}
