import { request } from 'node:http';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { type Cloud, type CloudOptions, startCloud } from '../../local/cloud.ts';
import type { EventGridEvent } from '../../local/eventGrid/eventGridEvent.ts';
import { deviceCreatedSample as microsoftsSample } from '../local/eventGrid/deviceCreatedSample.ts';

export const agent = 'DefenderIotMicroAgent';
export const unusualIds = ["a'b", '50%_#1?', 'x*(y)!$@=;,:.+', '%2F..%2e', '-:.+%_#*?!(),=@;$', 'L'.repeat(128)];

/** The whole app on this machine, with what a test looks at and what it keeps for the search for keys. */
export class TestCloud {
  readonly cloud: Cloud;
  /** Everything that HTTP calls answered. */
  readonly answers: string[] = [];
  readonly hubName: string;

  private constructor(cloud: Cloud, hubName: string) {
    this.cloud = cloud;
    this.hubName = hubName;
  }

  /** By default: an idle hub `contoso` of tier S3 whose queries are up to date, and the app from its sources. */
  static async start(options: Partial<CloudOptions> = {}): Promise<TestCloud> {
    const hub = { name: 'contoso', tier: 'S3' as const, queryDelayMs: 0, ...options.hub };
    return new TestCloud(await startCloud({ app: 'functions/index.ts', ...options, hub }), hub.name);
  }

  /** The same with the hub paused, which only the list form of the settings can say. */
  static async startPaused(): Promise<TestCloud> {
    const emulator = { name: 'contoso', tier: 'S3' as const, queryDelayMs: 0 };
    const settings = ({ connectionString }: Cloud['emulator']) => ({
      IOTHUB_CONNECTION_STRING: '',
      HUB_NAME: '',
      HUB_TIER: '',
      HUB_UNITS: '',
      HUBS: JSON.stringify([{ name: 'contoso', connectionString, tier: 'S3', paused: true }]),
    });
    return TestCloud.start({ hub: emulator, settings });
  }

  get hub() {
    return this.cloud.emulator.hub;
  }

  async call(method: string, path: string, body?: string): Promise<{ status: number; headers: Headers; text: string }> {
    const answer = await fetch(this.cloud.host.url + path, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    this.answers.push(JSON.stringify([...answer.headers]), text);
    return { status: answer.status, headers: answer.headers, text };
  }

  async json<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    const { status, text } = await this.call(method, path, body === undefined ? undefined : JSON.stringify(body));
    return { status, body: JSON.parse(text) as T };
  }

  /** Posts events to the app's webhook as Event Grid would; answers the status. */
  async postEvents(body: unknown): Promise<number> {
    const answer = await fetch(`${this.cloud.host.url}/runtime/webhooks/EventGrid?functionName=deviceCreated`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification' },
      body: JSON.stringify(body),
    });
    await answer.arrayBuffer();
    return answer.status;
  }

  /** As `call`, with the path on the wire exactly as it is given; `fetch` would resolve `%2e%2e` away. */
  callRaw(method: string, path: string): Promise<{ status: number; text: string }> {
    const { hostname, port } = new URL(this.cloud.host.url);
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, method, path }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on('error', reject);
      });
      sent.on('error', reject).end();
    });
  }

  async postSample(deviceId: string): Promise<void> {
    const status = await this.postEvents([deviceCreatedSample(deviceId)]);
    if (status !== 202) throw new Error(`the webhook answered ${status}`);
  }

  /** Kills the app's process and starts it anew; what it had logged is kept for the search for keys. */
  async restartHost(): Promise<void> {
    this.answers.push(this.cloud.host.logs());
    await this.cloud.restartHost();
  }

  modulesPath(deviceId: string): string {
    return `/api/hubs/${this.hubName}/devices/${encodeURIComponent(deviceId)}/modules`;
  }

  /** How many calls the hub has had so far. */
  hubCalls(): number {
    const { requests } = this.cloud.emulator.counters();
    return Object.values(requests)
      .flatMap((byStatus) => Object.values(byStatus))
      .reduce((sum, count) => sum + count, 0);
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
    const deadlineMs = Date.now() + limitMs;
    while (!(await isSo())) {
      if (Date.now() > deadlineMs) throw new Error(`waited in vain: ${what}\n${this.cloud.host.logs().slice(-4000)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async untilModule(deviceId: string): Promise<void> {
    await this.until(`${deviceId} gets its module`, () => this.hub.module(deviceId, agent) !== undefined);
  }

  get blobs() {
    return BlobServiceClient.fromConnectionString(this.cloud.storageConnectionString);
  }

  get queues() {
    return QueueServiceClient.fromConnectionString(this.cloud.storageConnectionString);
  }

  /** Text of everything that is stored: blobs, their names, and queue messages. */
  async stored(): Promise<string[]> {
    const texts: string[] = [];
    for await (const container of this.blobs.listContainers()) {
      const client = this.blobs.getContainerClient(container.name);
      for await (const { name } of client.listBlobsFlat()) {
        texts.push(name, (await client.getBlockBlobClient(name).downloadToBuffer()).toString('utf8'));
      }
    }
    for await (const { name } of this.queues.listQueues()) {
      const { peekedMessageItems } = await this.queues.getQueueClient(name).peekMessages({ numberOfMessages: 32 });
      for (const { messageText } of peekedMessageItems) {
        texts.push(messageText, Buffer.from(messageText, 'base64').toString('utf8'));
      }
    }
    return texts;
  }
}

/** Microsoft's DeviceCreated sample, for a device and hub of ours. */
export function deviceCreatedSample(deviceId: string, hubName = 'contoso'): EventGridEvent {
  const sample = microsoftsSample(deviceId);
  const topic = sample.topic.replace(/[^/]+$/, hubName.toUpperCase());
  return { ...sample, topic, data: { ...(sample.data as object), hubName } };
}
