/** What a client of the MCP endpoint gets from a tool: its text parsed, or the error. */
export interface ToolAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what each test looks at
  json: any;
  text: string;
  isError: boolean;
}

/** A client of the Streamable HTTP transport of MCP. */
export class McpClient {
  private readonly url: string;
  private readonly key: string;
  private nextId = 1;

  constructor(hostUrl: string, key: string) {
    this.url = `${hostUrl}/runtime/webhooks/mcp`;
    this.key = key;
  }

  /** Posts a message; `message` is the answer in the event stream. */
  async post(body: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'x-functions-key': this.key,
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const data = /^event: message\ndata: (.*)\n\n$/.exec(text)?.[1];
    return { status: response.status, headers: response.headers, text, message: data ? JSON.parse(data) : undefined };
  }

  /** Throws if the answer is not a result. */
  // biome-ignore lint/suspicious/noExplicitAny: the result of any method
  async request(method: string, params: object = {}): Promise<any> {
    const { status, message, text } = await this.post({ jsonrpc: '2.0', id: this.nextId++, method, params });
    if (!message?.result) throw new Error(`${method}: ${status} ${text}`);
    return message.result;
  }

  async callTool(name: string, args: object = {}): Promise<ToolAnswer> {
    const { content, isError = false } = await this.request('tools/call', { name, arguments: args });
    const [{ text }] = content;
    return { text, isError, json: isError ? undefined : JSON.parse(text) };
  }
}
