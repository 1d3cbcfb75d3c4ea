import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { makeCertificate, type ServerCertificate } from '../../local/emulator/http/certificate.ts';

/** One telemetry item as the exporter sends it (Application Insights, `/v2.1/track`). */
export interface Envelope {
  name: string;
  time: string;
  sampleRate?: number;
  tags: Record<string, string>;
  data: {
    baseType: 'RemoteDependencyData' | 'RequestData' | 'MessageData' | 'MetricData' | 'ExceptionData';
    baseData: {
      id?: string;
      name?: string;
      message?: string;
      severityLevel?: string;
      success?: boolean;
      resultCode?: string;
      target?: string;
      type?: string;
      metrics?: { name: string; value: number; count?: number; min?: number; max?: number }[];
      properties?: Record<string, string>;
    };
  };
}

/** How the endpoint treats requests: it accepts them, responds 503, never responds, or responds what the function returns. */
export type IngestionMode =
  | 'accepts'
  | 'refuses'
  | 'hangs'
  | ((items: readonly Envelope[]) => { status: number; headers?: Record<string, string>; body?: object });

/** A local ingestion endpoint that keeps what it receives. With HTTPS, because the exporter uses nothing else. */
export class IngestionStub {
  mode: IngestionMode = 'accepts';
  readonly envelopes: Envelope[] = [];
  /** Everything received, as text, with the headers. */
  readonly raw: string[] = [];
  /** Method, path and `Authorization` header of each request. */
  readonly requests: { what: string; authorization: string | undefined }[] = [];
  readonly certificate: ServerCertificate;
  private readonly server: Server;
  /** The number of requests that their sender ended before a response. */
  aborted = 0;
  private readonly responses = new Set<ServerResponse>();

  private constructor(certificate: ServerCertificate) {
    this.certificate = certificate;
    this.server = createServer({ key: certificate.key, cert: certificate.certificate }, (request, response) => {
      this.responses.add(response);
      response.on('close', () => {
        if (!response.writableEnded) this.aborted += 1;
      });
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.requests.push({ what: `${request.method} ${request.url}`, authorization: request.headers.authorization });
        this.raw.push(JSON.stringify(request.headers));
        const body = Buffer.concat(chunks);
        this.take(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body, response);
      });
    });
  }

  static async start(): Promise<IngestionStub> {
    const stub = new IngestionStub(await makeCertificate('ingestion stub'));
    await new Promise<void>((resolve) => stub.server.listen(0, '127.0.0.1', resolve));
    return stub;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get connectionString(): string {
    return `InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=${this.url}/;LiveEndpoint=${this.url}/live/`;
  }

  ofType(baseType: Envelope['data']['baseType']): Envelope[] {
    return this.envelopes.filter(({ data }) => data.baseType === baseType);
  }

  /** Returns the received measurements of this metric, with their attributes. */
  metric(name: string) {
    return this.ofType('MetricData').flatMap(({ data: { baseData } }) =>
      (baseData.metrics ?? [])
        .filter((metric) => metric.name === name)
        .map(({ value, count, min, max }) => ({ value, count, min, max, ...baseData.properties })),
    );
  }

  async close(): Promise<void> {
    for (const response of this.responses) response.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    await this.certificate.remove();
  }

  private take(body: Buffer, response: ServerResponse): void {
    const text = body.toString('utf8');
    this.raw.push(text);
    if (this.mode === 'hangs') return;
    if (this.mode === 'refuses') {
      response.writeHead(503).end();
      return;
    }
    const items = envelopesOf(text);
    if (typeof this.mode === 'function') {
      const { status, headers = {}, body = {} } = this.mode(items);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
      return;
    }
    this.envelopes.push(...items);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ itemsReceived: items.length, itemsAccepted: items.length, errors: [] }));
  }
}

/** Parses a JSON array, or one JSON object per line. */
function envelopesOf(text: string): Envelope[] {
  if (text.startsWith('[')) return JSON.parse(text) as Envelope[];
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Envelope);
}
