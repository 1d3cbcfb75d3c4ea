import * as z from 'zod/mini';
import { type JsonResult, readJson } from './jsonSetting.ts';
import { settingNames } from './settingNames.ts';

const value = z.union([z.string(), z.number(), z.boolean()], { error: 'write the value as text in double quotes' });

/** Loose, because Core Tools also store `Host` and `ConnectionStrings` in this file, which the app does not read. */
const schema = z.looseObject(
  {
    IsEncrypted: z.optional(z.literal(false, { error: 'must be false; run: func settings decrypt' })),
    Values: z.optional(z.record(z.string(), value, { error: 'write an object with the settings' })),
  },
  { error: 'write an object with Values' },
);

/**
 * Parses a local.settings.json (https://learn.microsoft.com/azure/azure-functions/functions-develop-local#local-settings-file).
 * Returns its `Values` as texts, or every problem; no message quotes a value.
 */
export function parseLocalSettings(text: string): JsonResult<Record<string, string>> {
  const read = readJson(text, schema);
  if (!read.ok) return read;
  const outside = settingNames.filter((name) => name in read.value);
  if (outside.length > 0) {
    const message = `holds settings outside of Values, where they have no effect: move ${outside.join(', ')} into Values`;
    return { ok: false, problems: [{ path: '', message }] };
  }
  const values = Object.entries(read.value.Values ?? {}).map(([name, one]) => [name, String(one)]);
  return { ok: true, value: Object.fromEntries(values) };
}
