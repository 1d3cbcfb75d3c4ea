import type { RpcTypedData } from './coreTypes.ts';
import { parseEventJson } from './eventJson.ts';
import { type HttpCall, type HttpResponse, jsonResponse, textResponse } from './httpResponse.ts';
import { type Invoke, triggerBindingName } from './invoker.ts';
import { rewrittenDate } from './rewrittenDate.ts';
import type { RegisteredFunction } from './workerApp.ts';

/** The value of `Webhook-Allowed-Origin`, whatever origin the request names (measured). */
const allowedOrigin = 'eventgrid.azure.net';

/**
 * The webhook `/runtime/webhooks/EventGrid?functionName=X`, with the responses of the extension (measured;
 * Azure/azure-sdk-for-net, Microsoft.Azure.WebJobs.Extensions.EventGrid, HttpRequestProcessor). It throws for malformed JSON
 * and for JSON that is not an event, before any function runs, as the extension does; the server then responds with 500.
 */
export function eventGridWebhook(functions: readonly RegisteredFunction[], invoke: Invoke) {
  return async (call: HttpCall): Promise<HttpResponse> => {
    const name = functionNameOf(call.url.searchParams);
    const registered = functions.find(({ metadata }) => metadata.name === name);
    if (!registered) return textResponse(404, `cannot find function: '${name}'`);
    if (call.method === 'OPTIONS') {
      return { status: 200, headers: { 'Webhook-Allowed-Origin': allowedOrigin } };
    }
    switch (call.headers['aeg-event-type']?.toLowerCase()) {
      case 'subscriptionvalidation':
        return jsonResponse(200, { validationResponse: validationCode(await readJson(call)) });
      case 'notification':
        return notify(registered, await readJson(call));
      case 'unsubscribe':
        return { status: 202 };
      default:
        return { status: 400 };
    }
  };

  /** Runs one invocation for each event, concurrently; if one fails, the whole request fails. */
  async function notify(registered: RegisteredFunction, body: unknown): Promise<HttpResponse> {
    const events: unknown[] = Array.isArray(body) ? body : [body];
    if (!events.every(isObject)) throw new TypeError('An event is not a JSON object.');
    const isBatchTrigger = registered.metadata.bindings[triggerBindingName(registered)]?.cardinality === 'many';
    const inputs = isBatchTrigger ? [events] : events;
    const results = await Promise.allSettled(
      inputs.map((event) => invoke(registered, { data: toData(event), metadata: eventMetadata(event) })),
    );
    if (results.every(({ status }) => status === 'fulfilled')) return { status: 202 };
    return textResponse(500, `Exception while executing function: Functions.${registered.metadata.name}`);
  }
}

/** The value of the parameter `functionName`. Its name is compared in any letter case, as in the extension. */
const functionNameOf = (search: URLSearchParams): string =>
  [...search].find(([name]) => name.toLowerCase() === 'functionname')?.[1] ?? '';

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The input of a manual run (`/admin/functions/{name}`). Throws `SyntaxError` unless `input` is an event as JSON. */
export function eventGridInput(input: string): { data: RpcTypedData; metadata: Record<string, RpcTypedData> } {
  const event = parseEventJson(Buffer.from(input));
  return { data: toData(event), metadata: eventMetadata(event) };
}

function toData(event: unknown): RpcTypedData {
  return { json: asHostJson(event) };
}

/** JSON in which every string value is rewritten as the host does it (`rewrittenDate`); names of members are not changed. */
function asHostJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'string' ? rewrittenDate(member) : member,
  );
}

function eventMetadata(event: unknown): Record<string, RpcTypedData> {
  const data = (event as { data?: unknown } | null)?.data;
  return data === undefined ? {} : { data: { json: asHostJson(data) } };
}

/** In CloudEvents 1.0 the body is an object, and its `data` a JSON string. */
function validationCode(body: unknown): unknown {
  const event = (Array.isArray(body) ? body[0] : body) as { data?: unknown };
  const data = typeof event.data === 'string' ? JSON.parse(event.data) : event.data;
  return (data as { validationCode?: unknown }).validationCode;
}

async function readJson(call: HttpCall): Promise<unknown> {
  return parseEventJson(await call.readBody());
}
