import { request } from 'node:http';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { type Cloud, type CloudOptions, startCloud } from '../../local/cloud.ts';
import type { EventGridEvent } from '../../local/eventGrid/eventGridEvent.ts';
import { hostKeys } from '../../local/host/hostKeys.ts';
import { deviceCreatedSample as microsoftsSample } from '../local/eventGrid/deviceCreatedSample.ts';
import { testApp } from '../support/testApp.ts';

export const agent = 'DefenderIotMicroAgent';
const hangMs = 300_000;
export const unusualIds = ["a'b", '50%_#1?', 'x*(y)!$@=;,:.+', '%2F..%2e', '-:.+%_#*?!(),=@;$', 'L'.repeat(128)];

const hostKeySecret = 'a secret of the tests';
/** The keys of the app, which every test needs, as in Azure. */
export const keys = hostKeys(hostKeySecret);

/** The whole app on this machine, with helpers for tests. */
export class TestCloud {
  readonly cloud: Cloud;
  /** Headers and bodies of all HTTP responses, and the logs of ended hosts; a test searches them for keys. */
  readonly responses: string[] = [];
  readonly hubName: string;

  private constructor(cloud: Cloud, hubName: string) {
    this.cloud = cloud;
    this.hubName = hubName;
  }

  /** By default: a hub `contoso` of tier S3 without query delay, and the app as it is bundled. */
  static async start(options: Partial<CloudOptions> = {}): Promise<TestCloud> {
    const hub = { name: 'contoso', tier: 'S3' as const, queryDelayMs: 0, ...options.hub };
    return new TestCloud(await startCloud({ app: testApp(), hostKeySecret, ...options, hub }), hub.name);
  }

  /** The same with a paused hub, which can only be configured with `HUBS`. */
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

  /** With the key that a caller in Azure would use; without one if `key` is empty. */
  async call(
    method: string,
    path: string,
    body?: string,
    key = path.startsWith('/admin/') ? keys.master : keys.host,
    more: Record<string, string> = {},
  ): Promise<{ status: number; headers: Headers; text: string }> {
    const response = await fetch(this.cloud.host.url + path, {
      method,
      headers: {
        ...(key === '' ? {} : { 'x-functions-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...more,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    this.responses.push(JSON.stringify([...response.headers]), text);
    return { status: response.status, headers: response.headers, text };
  }

  async json<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    const { status, text } = await this.call(method, path, body === undefined ? undefined : JSON.stringify(body));
    return { status, body: JSON.parse(text) as T };
  }

  /** Posts events to the webhook of the app as Event Grid does. Returns the status of the response. */
  async postEvents(body: unknown): Promise<number> {
    const response = await fetch(`${this.cloud.host.url}/runtime/webhooks/EventGrid?functionName=deviceCreated`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'aeg-event-type': 'Notification',
        'x-functions-key': keys.eventGrid,
      },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
    return response.status;
  }

  /** Like `call`, but sends the path unchanged; `fetch` would remove `%2e%2e`. */
  callRaw(method: string, path: string): Promise<{ status: number; text: string }> {
    const { hostname, port } = new URL(this.cloud.host.url);
    return new Promise((resolve, reject) => {
      const headers = { 'x-functions-key': keys.host };
      const sent = request({ hostname, port, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', reject);
      });
      sent.on('error', reject).end();
    });
  }

  async postSample(deviceId: string): Promise<void> {
    const status = await this.postEvents([deviceCreatedSample(deviceId)]);
    if (status !== 202) throw new Error(`the webhook responded ${status}`);
  }

  /** Kills the process of the app and starts a new one. */
  async restartHost(): Promise<void> {
    this.responses.push(this.cloud.host.logs());
    await this.cloud.restartHosts();
  }

  modulesPath(deviceId: string): string {
    return `/api/hubs/${this.hubName}/devices/${encodeURIComponent(deviceId)}/modules`;
  }

  /** Returns the number of calls to the hub so far. */
  hubCalls(): number {
    const { requests } = this.cloud.emulator.counters();
    return Object.values(requests)
      .flatMap((byStatus) => Object.values(byStatus))
      .reduce((sum, count) => sum + count, 0);
  }

  /** Polls every `pollMs` until `isSo`. The limit is for hangs only: no machine is too busy for it. */
  async until(what: string, isSo: () => boolean | Promise<boolean>, pollMs = 20): Promise<void> {
    const deadlineMs = Date.now() + hangMs;
    while (!(await isSo())) {
      if (Date.now() > deadlineMs)
        throw new Error(`not within ${hangMs} ms: ${what}\n${this.cloud.host.logs().slice(-4000)}`);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
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

  /** Returns the text of everything in storage: blobs, their names, and queue messages. */
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

/** Returns Microsoft's DeviceCreated sample for this device and hub. */
export function deviceCreatedSample(deviceId: string, hubName = 'contoso'): EventGridEvent {
  const sample = microsoftsSample(deviceId);
  const topic = sample.topic.replace(/[^/]+$/, hubName.toUpperCase());
  return { ...sample, topic, data: { ...(sample.data as object), hubName } };
}
