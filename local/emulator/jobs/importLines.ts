import { bulkAction } from '../operations/bulkAction.ts';
import { readBulkEntry } from '../operations/bulkEntry.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import { HubRefusal } from '../wire/hubRefusal.ts';
import { isJsonObject } from '../wire/jsonObject.ts';

const deserializationError = 400_012;

/** Only a SAS caller meets the 401 of modules on disabled devices; a job has no caller. */
const jobCaller = 'entra';

/**
 * Imports line after line and yields a line for each one that fails, each with its line end, as hubs write them to
 * `importErrors.log`. `marginIdentities`: how many places under the hub's cap an import leaves free.
 */
export async function* importLines(
  store: IdentityStore,
  pieces: AsyncIterable<Uint8Array>,
  marginIdentities: number,
): AsyncGenerator<string> {
  for await (const line of linesOf(pieces)) {
    if (line.trim() === '') continue;
    const failure = importLine(store, line, marginIdentities);
    if (failure) yield `${JSON.stringify(failure)}\n`;
  }
}

function importLine(store: IdentityStore, line: string, marginIdentities: number): object | undefined {
  const parsed = parse(line);
  if (!isJsonObject(parsed)) return invalidLine(line, 'The line is no JSON object.');
  try {
    const entry = readBulkEntry(parsed, 'createOrUpdate');
    if (parsed.status === undefined) return invalidLine(line, "Required property 'status' not found in JSON.");
    const device = store.table.get(entry.deviceId);
    const isThere = entry.moduleId === undefined ? device : device && store.findModule(device, entry.moduleId);
    if (!isThere && entry.mode.startsWith('create')) store.census.requirePlaces(1, marginIdentities);
    bulkAction(store, entry, jobCaller);
    return undefined;
  } catch (error) {
    if (!(error instanceof HubRefusal)) throw error;
    return failureOf(parsed, error);
  }
}

/** As two logs have it that users posted: the number of the code, not its name. `moduleId` is our addition. */
function failureOf({ id, moduleId }: { [name: string]: unknown }, refusal: HubRefusal): object {
  return { deviceId: id, moduleId, errorCode: refusal.code, errorStatus: refusal.hint ?? refusal.message };
}

/** The line is repeated whole, keys included: so do hubs, into the container that the line came from. */
const invalidLine = (line: string, why: string): object => ({
  errorCode: deserializationError,
  errorStatus: `Invalid device format in line: ${line}. ${why}`,
});

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The lines of a text in UTF-8 that comes in pieces, without their ends (`\n` or `\r\n`); a byte order mark is dropped. */
async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield withoutReturn(line);
  }
  rest += decoder.decode();
  if (rest !== '') yield withoutReturn(rest);
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
