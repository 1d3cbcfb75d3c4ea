import { bulkAction } from '../operations/bulkAction.ts';
import { readBulkEntry } from '../operations/bulkEntry.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import { HubRefusal } from '../wire/hubRefusal.ts';
import { isJsonObject } from '../wire/jsonObject.ts';

const deserializationError = 400_012;

/** The 401 for modules of disabled devices applies to SAS callers only; a job has no caller. */
const jobCaller = 'entra';

/**
 * Imports each line of a text and yields one line, with its line break, for each failure, as hubs write them to
 * `importErrors.log`. An import leaves capacity for `marginIdentities` more identities on the hub.
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
  if (!isJsonObject(parsed)) return invalidLine(line, 'The line is not a JSON object.');
  try {
    const entry = readBulkEntry(parsed);
    if (parsed.status === undefined) return invalidLine(line, "Required property 'status' not found in JSON.");
    if (parsed.status === null) return invalidLine(line, "Required property 'status' expects a value but got null.");
    const device = store.table.get(entry.deviceId);
    const isThere = entry.moduleId === undefined ? device : device && store.findModule(device, entry.moduleId);
    if (!isThere && entry.mode.startsWith('create')) store.identityCounter.requireCapacity(1, marginIdentities);
    bulkAction(store, entry, jobCaller);
    return undefined;
  } catch (error) {
    if (!(error instanceof HubRefusal)) throw error;
    return failureOf(parsed, error);
  }
}

/** `errorCode` is the error's number, not its name, as in two logs that users published. `moduleId` is our addition. */
function failureOf({ id, moduleId }: { [name: string]: unknown }, refusal: HubRefusal): object {
  return { deviceId: id, moduleId, errorCode: refusal.code, errorStatus: refusal.hint ?? refusal.message };
}

/** Contains the whole line with its keys, as on hubs. The log is written to the caller's own container. */
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

/** The lines of a UTF-8 stream, without line breaks (`\n` or `\r\n`) and without a byte order mark. */
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
