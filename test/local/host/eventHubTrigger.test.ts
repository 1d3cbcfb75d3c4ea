import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type EventHub, startEventHub } from '../../../local/eventHub/startEventHub.ts';
import type { Checkpoints } from '../../../local/host/checkpoints.ts';
import { EventHubError, type EventHubReader, eventHubReader } from '../../../local/host/eventHubReader.ts';
import { type EventHubTrigger, startEventHubTrigger, toEventHubFunction } from '../../../local/host/eventHubTrigger.ts';
import { HostConfigurationError } from '../../../local/host/hostError.ts';
import type { TriggerInput } from '../../../local/host/invoker.ts';
import { noTimerLock } from '../../../local/host/timerLock.ts';
import { systemClock } from '../../../shared/clock.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { eventually } from './fixture.ts';

let eventHub: EventHub;
let trigger: EventHubTrigger | undefined;
beforeEach(async () => {
  eventHub = await startEventHub({ clock: systemClock, partitions: 2 });
});
afterEach(async () => {
  await trigger?.stop();
  await eventHub.close();
});

const events = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({
    partitionKey: `d${from + index}`,
    properties: { opType: 'updateTwin', HubName: 'contoso' },
    systemProperties: { 'iothub-connection-device-id': `d${from + index}` },
    body: JSON.stringify({ n: from + index }),
  }));

function registered(binding: object, retryOptions?: unknown) {
  const whole = {
    type: 'eventHubTrigger',
    direction: 'in' as const,
    connection: 'C',
    eventHubName: 'changes',
    ...binding,
  };
  return {
    metadata: { name: 'changed', functionId: 'changed', retryOptions, bindings: { t: whole } },
    callback: () => undefined,
  };
}

const bytes = { cardinality: 'many', dataType: 'binary' };

class Bench implements Checkpoints {
  readonly inputs: TriggerInput[] = [];
  readonly saved = new Map<string, number>();
  readonly lines: string[] = [];
  fail: (run: number) => boolean = () => false;

  async next(partition: string): Promise<number> {
    return (this.saved.get(partition) ?? -1) + 1;
  }

  async save(partition: string, last: number): Promise<void> {
    this.saved.set(partition, last);
  }

  get bodies(): number[] {
    return this.inputs
      .flatMap(({ data }) => data.collectionBytes?.bytes.map(String) ?? [data.string ?? ''])
      .map((text) => JSON.parse(text).n);
  }

  start(binding: object = bytes, retryOptions?: unknown, group = 'module-keeper'): void {
    const environment = { C: eventHub.connectionString };
    const eventHubFunction = toEventHubFunction(
      registered({ consumerGroup: group, ...binding }, retryOptions),
      environment,
    );
    trigger = startEventHubTrigger(eventHubFunction, {
      reader: eventHubReader(eventHubFunction, environment),
      checkpoints: this,
      lockOf: () => ({ ...noTimerLock }),
      settings: { maxEventBatchSize: 3 },
      clock: systemClock,
      run: async (input) => {
        this.inputs.push(input);
        if (this.fail(this.inputs.length)) throw new Error('the function failed');
      },
      writeLog: (_level, _category, message) => this.lines.push(message),
    });
  }

  /** Waits until that many events are behind the checkpoints. */
  async untilDone(count: number): Promise<void> {
    const done = () => [...this.saved.values()].reduce((sum, last) => sum + last + 1, 0);
    await eventually(() => (done() === count ? true : undefined));
  }
}

describe('an Event Hubs trigger', () => {
  test('runs the function for batches of at most the configured size, each partition in order', async () => {
    for (const event of events(20)) eventHub.send(event);
    const bench = new Bench();
    bench.start();
    await bench.untilDone(20);
    expect(bench.bodies.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    const sizes = bench.inputs.map(({ data }) => data.collectionBytes?.bytes.length ?? 0);
    expect(Math.max(...sizes)).toBe(3);
    const sequences = bench.inputs.map(({ metadata }) => JSON.parse(metadata?.SequenceNumberArray?.json ?? ''));
    for (const sequence of sequences) expect(sequence).toEqual([...sequence].sort((one, other) => one - other));
  });

  test('passes what belongs to the events in arrays, as the extension does', async () => {
    const bench = new Bench();
    bench.start();
    eventHub.send(events(1)[0] as never);
    await bench.untilDone(1);
    const { metadata = {} } = bench.inputs[0] ?? {};
    const of = (name: string) => JSON.parse(metadata[name]?.json ?? 'null');
    expect(of('PropertiesArray')).toEqual([{ opType: 'updateTwin', HubName: 'contoso' }]);
    expect(of('SystemPropertiesArray')).toEqual([
      {
        'iothub-connection-device-id': 'd0',
        ...{ SequenceNumber: 0, Offset: '0', PartitionKey: 'd0', EnqueuedTimeUtc: of('EnqueuedTimeUtcArray')[0] },
      },
    ]);
    expect(Object.keys(metadata).sort()).toEqual(
      ['EnqueuedTimeUtc', 'Offset', 'PartitionKey', 'Properties', 'SequenceNumber', 'SystemProperties'].map(
        (name) => `${name}Array`,
      ),
    );
  });

  describe('passes a batch of bodies', () => {
    const bodies = ['{"a":1}', '', '5'];
    const dataOf = async (dataType: string | undefined, sent: string[]) => {
      for (const body of sent) eventHub.send({ ...events(1)[0], body } as never);
      const bench = new Bench();
      bench.start({ cardinality: 'many', ...(dataType === undefined ? {} : { dataType }) });
      await bench.untilDone(sent.length);
      return { bench, data: bench.inputs[0]?.data };
    };

    test('as bytes, all of them', async () => {
      const { data } = await dataOf('binary', [...bodies.slice(0, 2), 'no JSON']);
      expect(data?.collectionBytes?.bytes.map(String)).toEqual(['{"a":1}', '', 'no JSON']);
    });

    test('as text, without the empty ones', async () => {
      expect((await dataOf('string', bodies)).data).toEqual({ collectionString: { string: ['{"a":1}', '5'] } });
    });

    test('parsed without a type', async () => {
      expect((await dataOf(undefined, bodies)).data).toEqual({ json: '[{"a":1},null,5]' });
    });

    test('not at all without a type, if one of them is no JSON', async () => {
      const { bench } = await dataOf(undefined, ['{"a":1}', 'no JSON']);
      expect(bench.inputs).toEqual([]);
      expect(bench.lines.join()).toContain('failed and are not tried again');
    });
  });

  test('runs the function for one event after the other without cardinality "many"', async () => {
    for (const event of events(4)) eventHub.send(event);
    const bench = new Bench();
    bench.start({});
    await bench.untilDone(4);
    expect(bench.inputs).toHaveLength(4);
    expect(bench.inputs[0]?.metadata).toHaveProperty('SystemProperties');
  });

  test('goes on after a failure without a retry policy: those events are lost', async () => {
    for (const event of events(4)) eventHub.send({ ...event, partitionKey: 'same' });
    const bench = new Bench();
    bench.fail = (run) => run === 1;
    bench.start();
    await bench.untilDone(4);
    expect(bench.inputs).toHaveLength(2);
    expect(bench.lines.join()).toContain('failed and are not tried again');
  });

  test('runs the same batch again by the retry policy before it goes on', async () => {
    for (const event of events(4)) eventHub.send({ ...event, partitionKey: 'same' });
    const bench = new Bench();
    bench.fail = (run) => run <= 2;
    bench.start(bytes, { strategy: 'fixedDelay', maxRetryCount: -1, delayInterval: { seconds: 0 } });
    await bench.untilDone(4);
    expect(bench.bodies).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 3]);
    expect(bench.inputs.map(({ retryContext }) => retryContext?.retryCount)).toEqual([undefined, 1, 2, undefined]);
  });

  test('reads again what the host had not finished when it ended', async () => {
    for (const event of events(2)) eventHub.send({ ...event, partitionKey: 'same' });
    const first = new Bench();
    first.fail = () => true;
    first.start(bytes, { strategy: 'fixedDelay', maxRetryCount: -1, delayInterval: { seconds: 60 } });
    await eventually(() => (first.inputs.length === 1 ? true : undefined));
    await trigger?.stop();
    expect(first.saved.size).toBe(0);
    const second = new Bench();
    second.start();
    await second.untilDone(2);
    expect(second.bodies).toEqual([0, 1]);
  });

  test('logs each outage of a partition once, and its end', async () => {
    const clock = new FakeClock();
    const lines: string[] = [];
    let why: Error | undefined;
    const reader: EventHubReader = {
      path: 'path',
      partitions: async () => ['0'],
      read: async (_partition, _from, _max, signal) => {
        await clock.sleep(100, signal);
        if (why) throw why;
        return [];
      },
    };
    trigger = startEventHubTrigger(toEventHubFunction(registered(bytes), {}), {
      ...{ reader, checkpoints: new Bench(), lockOf: () => noTimerLock, settings: { maxEventBatchSize: 3 }, clock },
      run: async () => undefined,
      writeLog: (level, _category, message) => lines.push(`${level}: ${message}`),
    });
    for (const reason of [new EventHubError('Status 500.'), new TypeError('fetch failed')]) {
      why = reason;
      await clock.advance(10_000);
      why = undefined;
      await clock.advance(10_000);
    }
    expect(lines).toEqual([
      "error: Partition 0 of 'changed' cannot be read: Status 500. Reading continues.",
      "information: Partition 0 of 'changed' can be read again.",
      "error: Partition 0 of 'changed' cannot be read: TypeError: fetch failed. Reading continues.",
      "information: Partition 0 of 'changed' can be read again.",
    ]);
  });

  test('names in the log a consumer group that does not exist', async () => {
    const bench = new Bench();
    bench.start(bytes, undefined, 'nobody');
    await eventually(() => (bench.lines.length > 0 ? true : undefined));
    expect(bench.lines).toEqual([
      expect.stringContaining('Status 404 for the consumer group "nobody" of the event hub "changes"'),
    ]);
  });
});

describe('the connection of an Event Hubs trigger', () => {
  const names = { connection: 'C', eventHubName: 'changes', consumerGroup: '$Default' };

  test.each([
    ['is not set', {}],
    ['leads to Azure', { C: 'Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=c2VjcmV0' }],
  ])('is refused with what to do instead, and without its key, if it %s', (_what, environment) => {
    const read = () => eventHubReader(names, environment);
    expect(read).toThrow(HostConfigurationError);
    expect(read).toThrow(/Core Tools/);
    expect(read).not.toThrow(/c2VjcmV0/);
  });

  test('needs the key of the event hub', async () => {
    const C = eventHub.connectionString.replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=b3RoZXI=');
    await expect(eventHubReader(names, { C }).partitions(AbortSignal.timeout(60_000))).rejects.toThrow('Status 401');
  });
});
