import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type HostProcess, startHostProcess } from '../../local/host/hostProcess.ts';

type Binding = Record<string, unknown> & { type: string };

/** The contract: other programs depend on these names, triggers and routes. */
const contract: Record<string, Record<string, unknown>> = {
  deviceCreated: { type: 'eventGridTrigger' },
  nightlySweep: { type: 'timerTrigger', schedule: '%SWEEP_SCHEDULE%' },
  watchHubs: { type: 'timerTrigger', schedule: '0 */5 * * * *' },
  hubWork: { type: 'queueTrigger', queueName: 'hub-work', connection: 'AzureWebJobsStorage' },
  hubWorkFailed: { type: 'queueTrigger', queueName: 'hub-work-poison', connection: 'AzureWebJobsStorage' },
  startSweep: { methods: ['POST'], route: 'sweeps', authLevel: 'function' },
  listSweeps: { methods: ['GET'], route: 'sweeps', authLevel: 'function' },
  getSweep: { methods: ['GET'], route: 'sweeps/{hub}/{runId}', authLevel: 'function' },
  getFailures: { methods: ['GET'], route: 'sweeps/{hub}/{runId}/failures', authLevel: 'function' },
  getExemptions: { methods: ['GET'], route: 'sweeps/{hub}/{runId}/exemptions', authLevel: 'function' },
  undoSweep: { methods: ['POST'], route: 'sweeps/{hub}/{runId}/undo', authLevel: 'function' },
  cancelSweep: { methods: ['DELETE'], route: 'sweeps/{hub}/{runId}', authLevel: 'function' },
  getModules: { methods: ['GET'], route: 'hubs/{hub}/devices/{deviceId}/modules', authLevel: 'function' },
  ensureModules: { methods: ['PUT'], route: 'hubs/{hub}/devices/{deviceId}/modules', authLevel: 'function' },
  listHubs: { methods: ['GET'], route: 'hubs', authLevel: 'function' },
  status: { methods: ['GET'], route: 'status', authLevel: 'function' },
  openapi: { methods: ['GET'], route: 'openapi.json', authLevel: 'function' },
  getChanges: { methods: ['GET'], route: 'sweeps/{hub}/{runId}/changes', authLevel: 'function' },
  getCertificate: { methods: ['GET'], route: 'hubs/{hub}/certificate', authLevel: 'function' },
  getPolicy: { methods: ['GET'], route: 'policy', authLevel: 'function' },
  putPolicy: { methods: ['PUT'], route: 'policy', authLevel: 'function' },
  statusPage: { methods: ['GET'], route: 'status/page', authLevel: 'anonymous' },
  health: { methods: ['GET'], route: 'health', authLevel: 'anonymous' },
};

describe('the app', () => {
  let host: HostProcess;
  let bindings: Map<string, Binding[]>;

  beforeAll(async () => {
    // Without storage the queue functions do not start, but they are registered.
    const settings = { SWEEP_SCHEDULE: '0 0 3 * * *', AzureWebJobsStorage: '' };
    host = await startHostProcess({ app: 'functions/index.ts', settings });
    const response = await fetch(`${host.url}/admin/functions`);
    const functions = (await response.json()) as { name: string; config: { bindings: Binding[] } }[];
    bindings = new Map(functions.map(({ name, config }) => [name, config.bindings]));
  });
  afterAll(() => host.close());

  test('registers exactly the functions of the contract', () => {
    expect([...bindings.keys()].sort()).toEqual(Object.keys(contract).sort());
  });

  test.each(Object.entries(contract))('registers %s with its trigger', (name, expected) => {
    const trigger = (bindings.get(name) ?? []).find(({ type }) => /trigger$/i.test(type));
    expect(trigger).toMatchObject(expected);
    expect(trigger?.runOnStartup ?? false).toBe(false);
  });

  test('registers no timer whose schedule or retry policy the host cannot read', async () => {
    const { errors } = (await (await fetch(`${host.url}/admin/host/status`)).json()) as { errors?: string[] };
    expect((errors ?? []).filter((error) => /nightlySweep|watchHubs/.test(error))).toEqual([]);
  });

  test('registers the next wake-up as a queue output of hubWork', () => {
    expect(bindings.get('hubWork')).toContainEqual(
      expect.objectContaining({
        type: 'queue',
        direction: 'out',
        queueName: 'hub-work',
        connection: 'AzureWebJobsStorage',
      }),
    );
  });
});

test('the app registers twinChanged only if the setting of its connection is there', async () => {
  const TWIN_CHANGES_CONNECTION =
    'Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=YSBrZXk=;EntityPath=changes';
  const settings = { SWEEP_SCHEDULE: '0 0 3 * * *', AzureWebJobsStorage: '', TWIN_CHANGES_CONNECTION };
  const host = await startHostProcess({ app: 'functions/index.ts', settings });
  try {
    const functions = (await (await fetch(`${host.url}/admin/functions`)).json()) as {
      name: string;
      config: { bindings: Binding[] };
    }[];
    expect(functions.map(({ name }) => name).sort()).toEqual([...Object.keys(contract), 'twinChanged'].sort());
    expect(functions.find(({ name }) => name === 'twinChanged')?.config.bindings).toEqual([
      expect.objectContaining({
        ...{ type: 'eventHubTrigger', direction: 'in', cardinality: 'many', connection: 'TWIN_CHANGES_CONNECTION' },
        ...{ eventHubName: 'changes', consumerGroup: 'module-keeper', dataType: 'binary' },
      }),
    ]);
  } finally {
    await host.close();
  }
});

test.each([
  ['read', ['coverage', 'plan_sweep', 'recent_runs', 'why_is_this_device_missing']],
  ['start', ['coverage', 'plan_sweep', 'recent_runs', 'start_sweep', 'why_is_this_device_missing']],
])('with ASSISTANT_TOOLS=%s the app registers the tools %j', async (ASSISTANT_TOOLS, tools) => {
  const settings = { SWEEP_SCHEDULE: '0 0 3 * * *', AzureWebJobsStorage: '', ASSISTANT_TOOLS };
  const host = await startHostProcess({ app: 'functions/index.ts', settings });
  try {
    const functions = (await (await fetch(`${host.url}/admin/functions`)).json()) as {
      name: string;
      config: { bindings: Binding[] };
    }[];
    const added = functions.filter(({ name }) => contract[name] === undefined);
    expect(added.map(({ config }) => config.bindings[0]?.toolName).sort()).toEqual(tools);
    for (const { config } of added) expect(config.bindings).toMatchObject([{ type: 'mcpToolTrigger' }]);
  } finally {
    await host.close();
  }
});
