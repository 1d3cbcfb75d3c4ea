import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { type Envelope, IngestionStub } from '../support/ingestionStub.ts';
import { holdLease, watchUntil } from './holdLease.ts';
import { startWithTelemetry } from './startWithTelemetry.ts';
import { agent, deviceCreatedSample, type TestCloud } from './testCloud.ts';

const operationOf = ({ tags }: Envelope) => tags['ai.operation.id'];
const parentOf = ({ tags }: Envelope) => tags['ai.operation.parentId'];
const bodyOf = ({ data }: Envelope) => data.baseData;

describe('the telemetry that Application Insights receives', () => {
  let stub: IngestionStub;
  let cloud: TestCloud;
  let secrets: string[];

  /** Returns the spans with this device id. */
  const callsOf = (deviceId: string) =>
    stub.ofType('RemoteDependencyData').filter((item) => bodyOf(item).properties?.deviceId === deviceId);
  const requests = (name: string) => stub.ofType('RequestData').filter((item) => bodyOf(item).name === name);
  const lines = (message: string) => stub.ofType('MessageData').filter((item) => bodyOf(item).message === message);

  beforeAll(async () => {
    stub = await IngestionStub.start();
    cloud = await startWithTelemetry(stub, { seed: ({ hub }) => seedDevices(hub, { count: 120 }) });
    for (const deviceId of ['event-1', 'queue-1', 'busy-1']) cloud.hub.createDevice({ deviceId });
    const eventTime = new Date().toISOString();
    await cloud.postEvents([{ ...deviceCreatedSample('event-1'), eventTime }]);
    await cloud.untilModule('event-1');
    const unknownHub = deviceCreatedSample('event-2');
    await cloud.postEvents([{ ...unknownHub, data: { ...(unknownHub.data as object), hubName: 'nobody' } }]);
    await holdLease(cloud, async () => {
      await cloud.postEvents([{ ...deviceCreatedSample('queue-1'), eventTime }]);
    });
    await watchUntil(cloud, 'queue-1 gets its module', () => cloud.hub.module('queue-1', agent) !== undefined);
    await cloud.call('POST', '/api/sweeps', '{}');
    await cloud.until('the sweep ends', async () =>
      /"status":"done"/.test((await cloud.call('GET', '/api/sweeps')).text),
    );
    await cloud.until('the worker is idle', () =>
      /Slice ended.*idle/.test(cloud.cloud.host.logs().split('Run ended')[1] ?? ''),
    );
    cloud.cloud.emulator.faults.add({ kind: 'status', status: 429, operation: 'getTwin' });
    await cloud.call('PUT', cloud.modulesPath('busy-1'));
    // Its timer may have run it before, too.
    const watchRuns = () => cloud.cloud.host.logs().split("Executed 'Functions.watchHubs'").length;
    const before = watchRuns();
    await cloud.call('POST', '/admin/functions/watchHubs', '{"input":""}');
    await cloud.until('watchHubs has run', () => watchRuns() > before);
    const { emulator, storageConnectionString } = cloud.cloud;
    const keyOf = (text: string, name: string) => new RegExp(`${name}=([^;]+)`).exec(text)?.[1] ?? '';
    secrets = [keyOf(emulator.connectionString, 'SharedAccessKey'), keyOf(storageConnectionString, 'AccountKey')];
    // On a busy machine the exporter may need longer to start than the 5 s in which the host stops.
    await cloud.until('the exporter sends', () => callsOf('event-1').length > 0);
    // A part of the telemetry is sent only now, while the host stops.
    await cloud.cloud.close();
  });
  afterAll(async () => {
    await cloud.cloud.close();
    await stub.close();
  });

  test('has an event and its calls to the hub as one operation, under the request of the host', () => {
    const [admit, ...others] = callsOf('event-1').filter((item) => bodyOf(item).name === 'admit device');
    expect(others).toEqual([]);
    expect(admit && bodyOf(admit)).toMatchObject({ success: true, properties: { hub: 'contoso', outcome: 'created' } });
    const calls = callsOf('event-1').filter((item) => item !== admit);
    expect(calls.map((item) => bodyOf(item).name).sort()).toEqual(['create module', 'read device twin']);
    const request = requests('deviceCreated').find((item) => bodyOf(item).id === (admit && parentOf(admit)));
    expect(request && operationOf(request)).toMatch(/^[0-9a-f]{32}$/);
    for (const call of calls) {
      expect([operationOf(call), parentOf(call)]).toEqual([request && operationOf(request), admit && bodyOf(admit).id]);
      expect(bodyOf(call)).toMatchObject({
        type: 'Http',
        target: expect.stringMatching(/^localhost:/),
        resultCode: '200',
        success: true,
      });
    }
  });

  test('has an event and the work on its pending device as one operation', () => {
    const named = (name: string) => callsOf('queue-1').find((item) => bodyOf(item).name === name);
    const [admit, pending] = [named('admit device'), named('reconcile pending device')];
    expect(admit && bodyOf(admit).properties).toMatchObject({ outcome: 'pending', reason: 'workerActive' });
    expect(pending && bodyOf(pending).properties).toMatchObject({ outcome: 'created', tries: '0' });
    expect(pending && parentOf(pending)).toBe(admit && bodyOf(admit).id);
    const operation = admit && operationOf(admit);
    expect(requests('deviceCreated').map(operationOf)).toContain(operation);
    expect(callsOf('queue-1').map(operationOf)).toEqual(callsOf('queue-1').map(() => operation));
    const inOperation = stub.ofType('RemoteDependencyData').filter((item) => operationOf(item) === operation);
    expect(inOperation.map((item) => bodyOf(item).name).sort()).toEqual(
      ['admit device', 'create modules in bulk', 'read device twin', 'reconcile pending device'].sort(),
    );
    // The span of the device links to the operation of the worker.
    const links = JSON.parse(bodyOf(pending as Envelope).properties?.['_MS.links'] ?? '[]') as {
      operation_Id: string;
    }[];
    expect(requests('hubWork').map(operationOf)).toContain(links[0]?.operation_Id);
  });

  test('has metrics with their attributes and exact sums', () => {
    const sum = (name: string, where: object) =>
      stub
        .metric(name)
        .filter((metric) => Object.entries(where).every(([key, value]) => metric[key as keyof typeof metric] === value))
        .reduce((total, { value }) => total + value, 0);
    const hub = 'contoso';
    expect(sum('keeper.outcomes', { hub, moduleId: agent, outcome: 'created', path: 'event' })).toBe(1);
    expect(sum('keeper.outcomes', { hub, moduleId: agent, outcome: 'created', path: 'pending' })).toBe(1);
    // 120 seeded devices, and the three that were created above.
    expect(sum('keeper.outcomes', { hub, path: 'sweep' })).toBe(123);
    expect(sum('keeper.outcomes', { hub, path: 'sweep', outcome: 'excluded', reason: 'edge' })).toBeGreaterThan(0);
    expect(
      sum('keeper.hub_calls', { hub, operationClass: 'twinReads', operation: 'read device twin', status: '429' }),
    ).toBe(1);
    const counted = stub.metric('keeper.hub_calls').reduce((total, { value }) => total + value, 0);
    expect(counted).toBe(cloud.hubCalls());
    expect(sum('keeper.ignored_events', { why: 'unknownHub' })).toBe(1);
    expect(stub.metric('keeper.budget_used').map(({ value }) => value > 0 && value <= 1)).not.toContain(false);
    expect(stub.metric('keeper.budget_used').length).toBeGreaterThan(0);
    const blocked = stub.metric('keeper.hub_blocked'); // at the end of a slice, and by the watch
    expect(blocked.length).toBeGreaterThan(0);
    for (const point of blocked) expect(point).toMatchObject({ value: 0, hub });
    expect(stub.metric('keeper.sweep_age_seconds').at(-1)).toMatchObject({ value: expect.any(Number), hub });
    expect(stub.metric('keeper.selects_nothing').at(-1)).toMatchObject({ value: 0, hub });
    expect(stub.metric('keeper.pending_devices').at(-1)).toMatchObject({ value: 0, hub });
    expect(stub.metric('keeper.coverage').at(-1)).toMatchObject({ value: expect.any(Number), hub });
    expect(stub.metric('keeper.run_seconds')).toEqual([
      expect.objectContaining({ count: 1, hub, status: 'done', dryRun: 'false' }),
    ]);
    const delays = stub.metric('keeper.event_to_module_seconds');
    expect(delays.reduce((total, { count = 0 }) => total + count, 0)).toBe(2);
    expect(Math.max(...delays.map(({ max = Number.NaN }) => max))).toBeLessThan(600); // seconds, not milliseconds
  });

  test('has the name of the function and the id of the invocation at every span and line', () => {
    const own = stub.envelopes.filter(({ data }) => /^(RemoteDependency|Message)Data$/.test(data.baseType));
    const unnamed = own.filter(
      (item) =>
        !item.tags['ai.operation.name'] ||
        !/^[0-9a-f-]{36}$/.test(bodyOf(item).properties?.['faas.invocation_id'] ?? ''),
    );
    expect(unnamed).toEqual([]);
    const nameOf = (name: string) =>
      callsOf('queue-1').find((item) => bodyOf(item).name === name)?.tags['ai.operation.name'];
    expect([nameOf('admit device'), nameOf('reconcile pending device')]).toEqual(['deviceCreated', 'hubWork']);
  });

  test('has a refused call with the status of the hub', () => {
    const refused = callsOf('busy-1').filter((item) => bodyOf(item).type === 'Http');
    expect(refused.map(bodyOf)).toEqual([
      expect.objectContaining({
        name: 'read device twin',
        resultCode: '429',
        properties: expect.objectContaining({ kind: 'throttled', hub: 'contoso' }),
      }),
    ]);
    expect(lines('The hub refused a call for an HTTP request').map(bodyOf)).toEqual([
      expect.objectContaining({ severityLevel: 'Warning', properties: expect.objectContaining({ status: '429' }) }),
    ]);
  });

  test('has a log line once, with its fields as properties', () => {
    expect(lines('Run ended').map(bodyOf)).toEqual([
      expect.objectContaining({ properties: expect.objectContaining({ hub: 'contoso', status: 'done', failed: '0' }) }),
    ]);
    expect(lines('Device put into the pending queue').map(bodyOf)).toEqual([
      expect.objectContaining({ properties: expect.objectContaining({ deviceId: 'queue-1', why: 'workerActive' }) }),
    ]);
    const messages = stub.ofType('MessageData').map((item) => bodyOf(item).message ?? '');
    expect(messages.filter((message) => message.includes('{'))).toEqual([]);
    // The log of the host has them too.
    expect(cloud.cloud.host.logs()).toContain('Run ended {');
  });

  test('has every item once and with the name of the app, and no other item', () => {
    const ids = stub.envelopes.map((item) => bodyOf(item).id).filter((id) => id !== undefined);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(stub.envelopes.map(({ tags }) => tags['ai.cloud.role']))).toEqual(new Set(['keeper-app']));
    const names = stub.ofType('MetricData').flatMap((item) => bodyOf(item).metrics?.map(({ name }) => name) ?? []);
    expect([...new Set(names)].filter((name) => !name.startsWith('keeper.'))).toEqual([]);
    expect(new Set(stub.requests.map(({ what }) => what))).toEqual(new Set(['POST /v2.1/track']));
  });

  test('contains no key', () => {
    const text = stub.raw.join('\n');
    expect(text).toContain('event-1');
    expect(secrets.map((secret) => secret.length > 20 && !text.includes(secret))).toEqual([true, true]);
    expect(text).not.toMatch(/SharedAccess|sig=|AccountKey/);
  });
});
