import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { makeCertificate, type ServerCertificate } from '../../local/emulator/http/certificate.ts';

/** What the exporter sends for one item of telemetry (Application Insights, `/v2.1/track`). */
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

/** How the endpoint treats whoever sends: takes it, refuses it, or never answers. */
export type Mood = 'takes' | 'refuses' | 'hangs';

/** An ingestion endpoint on this machine, which keeps what arrives. HTTPS, since the exporter speaks nothing else. */
export class IngestionStub {
  mood: Mood = 'takes';
  readonly envelopes: Envelope[] = [];
  /** Everything that arrived, as text, headers included. */
  readonly raw: string[] = [];
  /** Of each request, method and path, and the `Authorization` that it came with. */
  readonly requests: { what: string; authorization: string | undefined }[] = [];
  readonly certificate: ServerCertificate;
  private readonly server: Server;
  private readonly open = new Set<ServerResponse>();

  private constructor(certificate: ServerCertificate) {
    this.certificate = certificate;
    this.server = createServer({ key: certificate.key, cert: certificate.certificate }, (request, response) => {
      this.open.add(response);
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

  /** Each measurement that arrived under this name, with its attributes. */
  metric(name: string) {
    return this.ofType('MetricData').flatMap(({ data: { baseData } }) =>
      (baseData.metrics ?? [])
        .filter((metric) => metric.name === name)
        .map(({ value, count, min, max }) => ({ value, count, min, max, ...baseData.properties })),
    );
  }

  async close(): Promise<void> {
    for (const response of this.open) response.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    await this.certificate.remove();
  }

  private take(body: Buffer, response: ServerResponse): void {
    const text = body.toString('utf8');
    this.raw.push(text);
    if (this.mood === 'hangs') return;
    if (this.mood === 'refuses') {
      response.writeHead(503).end();
      return;
    }
    const items = envelopesOf(text);
    this.envelopes.push(...items);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ itemsReceived: items.length, itemsAccepted: items.length, errors: [] }));
  }
}

/** An array, or one object a line. */
function envelopesOf(text: string): Envelope[] {
  if (text.startsWith('[')) return JSON.parse(text) as Envelope[];
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Envelope);
}
