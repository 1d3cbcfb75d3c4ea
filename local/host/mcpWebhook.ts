import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parsedJson } from '../../shared/parsedJson.ts';
import type { McpSettings } from './hostJson.ts';
import { describeError, type WriteLog } from './hostLog.ts';
import { type HttpCall, type HttpResponse, jsonResponse } from './httpResponse.ts';
import { type Invoke, triggerBindingName } from './invoker.ts';
import type { RegisteredFunction } from './workerApp.ts';

// The MCP server of a function app. Measured: its extension (Azure/azure-functions-mcp-extension 1.6.0) in Microsoft's host 4.1037,
// built with ModelContextProtocol 1.0.0 instead of 0.4.0-preview.3. Has only what a client of tools needs, over the Streamable HTTP
// transport: not the older SSE transport, no resources, no prompts.

const binding = z.object({
  toolName: z.string(),
  description: z.string(),
  /** JSON, as `@azure/functions` writes it. */
  toolProperties: z.string().default('[]'),
});
const properties = z.array(
  z.object({
    propertyName: z.string(),
    propertyType: z.string(),
    description: z.string().default(''),
    isRequired: z.boolean().default(false),
  }),
);

/** A function with an MCP tool trigger. */
export interface McpTool {
  registered: RegisteredFunction;
  name: string;
  description: string;
  /** The JSON schema of its arguments. */
  inputSchema: {
    type: 'object';
    properties: Record<string, { type: string; description: string }>;
    required: string[];
  };
}

/** Reads the MCP tool trigger of a function. Throws `ZodError` if its form is not that of the library. */
export function toMcpTool(registered: RegisteredFunction): McpTool {
  const trigger = binding.parse(registered.metadata.bindings[triggerBindingName(registered)]);
  const named = properties.parse(parsedJson(trigger.toolProperties));
  const { toolName: name, description } = trigger;
  const schemas = named.map((one) => [one.propertyName, { type: one.propertyType, description: one.description }]);
  const required = named.filter(({ isRequired }) => isRequired).map(({ propertyName }) => propertyName);
  return {
    registered,
    name,
    description,
    inputSchema: { type: 'object', properties: Object.fromEntries(schemas), required },
  };
}

const message = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
});
const callParams = z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()).default({}) });
const initializeParams = z.object({ protocolVersion: z.string() });

/** The versions of the protocol with the Streamable HTTP transport (modelcontextprotocol.io, specification). */
const protocolVersions = ['2025-11-25', '2025-06-18', '2025-03-26'];
const sessionHeader = 'mcp-session-id';

/** Error codes: two of JSON-RPC 2.0, and `badRequest`, the extension's own for an HTTP request that it cannot use. */
const codes = { methodNotFound: -32601, invalidParams: -32602, badRequest: -32000 } as const;

class RpcError extends Error {
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

/** Returns the handler of `/runtime/webhooks/mcp`, the endpoint at which MCP clients call the tools. */
export function mcpWebhook(tools: readonly McpTool[], server: McpSettings, invoke: Invoke, writeLog: WriteLog) {
  return async (call: HttpCall): Promise<HttpResponse> => {
    if (call.method !== 'POST') return { status: 405 };
    if (!accepts(call, 'application/json') || !accepts(call, 'text/event-stream')) {
      return refusal(406, 'Not Acceptable: Client must accept both application/json and text/event-stream');
    }
    const parsed = message.safeParse(parsedJson((await call.readBody()).toString('utf8')));
    if (!parsed.success) return refusal(400, 'Bad Request: The POST body did not contain a valid JSON-RPC message.');
    const { id, method, params } = parsed.data;
    if (id === undefined) return { status: 202 };
    const sessionId = call.headers[sessionHeader] ?? randomUUID();
    const answer = await respond(method, params, sessionId).then(
      (result) => ({ jsonrpc: '2.0', id, result }),
      (error: unknown) => {
        if (!(error instanceof RpcError)) throw error;
        return { jsonrpc: '2.0', id, error: { code: error.code, message: error.message } };
      },
    );
    return {
      status: 200,
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache,no-store',
        ...(method === 'initialize' ? { [sessionHeader]: sessionId } : {}),
      },
      body: `event: message\ndata: ${JSON.stringify(answer)}\n\n`,
    };
  };

  async function respond(method: string, params: Record<string, unknown>, sessionId: string): Promise<object> {
    switch (method) {
      case 'initialize': {
        const wanted = initializeParams.safeParse(params).data?.protocolVersion ?? '';
        return {
          protocolVersion: protocolVersions.includes(wanted) ? wanted : protocolVersions[0],
          capabilities: { prompts: {}, resources: {}, tools: {} },
          serverInfo: { name: server.serverName, version: server.serverVersion },
          ...(server.instructions === undefined ? {} : { instructions: server.instructions }),
        };
      }
      case 'ping':
        return {};
      case 'tools/list':
        return { tools: tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema })) };
      case 'prompts/list':
        return { prompts: [] };
      case 'resources/list':
        return { resources: [] };
      case 'tools/call':
        return callTool(params, sessionId);
      default:
        throw new RpcError(codes.methodNotFound, `Method '${method}' is not available.`);
    }
  }

  async function callTool(params: Record<string, unknown>, sessionId: string): Promise<object> {
    const request = callParams.safeParse(params).data;
    const tool = tools.find(({ name }) => name.toLowerCase() === request?.name.toLowerCase());
    if (!request || !tool) throw new RpcError(codes.invalidParams, `Unknown tool: '${request?.name ?? ''}'`);
    const given = request.arguments;
    const missing = tool.inputSchema.required.filter((name) => given[name] === undefined || given[name] === null);
    if (missing.length > 0) {
      throw new RpcError(
        codes.invalidParams,
        `One or more required tool properties are missing values. Please provide: ${missing.join(', ')}`,
      );
    }
    try {
      const { returnValue } = await invoke(tool.registered, {
        // As text: outside .NET the trigger's parameter has no other type.
        data: {
          string: JSON.stringify({
            name: tool.name,
            arguments: given,
            sessionid: sessionId,
            transport: { name: 'http-streamable' },
          }),
        },
        metadata: { mcptoolargs: { json: JSON.stringify(textsOf(given)) }, mcpsessionid: { string: sessionId } },
      });
      return toolResult(returnValue?.string);
    } catch (error) {
      // The result that the SDK for C# returns for an exception that is not its own.
      writeLog('error', 'host', `The tool '${tool.name}' failed: ${describeError(error)}`);
      return { content: [{ type: 'text', text: `An error occurred invoking '${tool.name}'.` }], isError: true };
    }
  }
}

const toolAnswer = z.object({ type: z.string(), content: z.string(), structuredContent: z.string().optional() });

/** The result of a tool call. The library returns JSON, `{type, content, structuredContent?}`; the last two contain JSON as text. */
function toolResult(returned: string | undefined): object {
  if (returned === undefined) return { content: [] };
  const { type, content, structuredContent } = toolAnswer.parse(JSON.parse(returned));
  const blocks: unknown = JSON.parse(content);
  return {
    content: type === 'multi_content_result' ? blocks : [blocks],
    ...(structuredContent === undefined ? {} : { structuredContent: JSON.parse(structuredContent) }),
  };
}

/** The arguments as they stand in the metadata: the host converts every value to text there. */
function textsOf(given: Record<string, unknown>): Record<string, string> {
  const texts = Object.entries(given).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(texts);
}

function accepts({ headers }: HttpCall, type: string): boolean {
  const [family] = type.split('/');
  const ranges = (headers.accept ?? '').split(',').map((range) => range.split(';')[0]?.trim().toLowerCase());
  return ranges.some((range) => range === type || range === `${family}/*` || range === '*/*');
}

function refusal(status: number, text: string): HttpResponse {
  return jsonResponse(status, { jsonrpc: '2.0', id: null, error: { code: codes.badRequest, message: text } });
}
