/*
 * An app with every kind of trigger, an output binding, hooks and failures, for the tests of the host's stand-in.
 * GET /api/records returns what its functions recorded.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { app, type InvocationContext, output } from '@azure/functions';

const records: Record<string, unknown>[] = [];

function record(context: InvocationContext, more: Record<string, unknown>): void {
  records.push({ functionName: context.functionName, at: Date.now(), metadata: context.triggerMetadata, ...more });
}

app.hook.appStart(() => {
  records.push({ hook: 'appStart' });
});
app.hook.preInvocation((hook) => {
  hook.hookData.startedBy = hook.invocationContext.functionName;
  if (hook.invocationContext.functionName === 'hooked') hook.inputs = ['input of the hook'];
});
app.hook.postInvocation((hook) => {
  if (hook.invocationContext.functionName !== 'hooked') return;
  hook.result = { jsonBody: { result: hook.result, error: String(hook.error), hookData: hook.hookData } };
  hook.error = null;
});
app.hook.log((hook) => {
  if (hook.message === 'log me') hook.message = `changed by the log hook in ${hook.invocationContext?.functionName}`;
});
app.hook.appTerminate(async () => {
  await delay(Number(process.env.FIXTURE_TERMINATE_MS ?? 50));
  console.log('appTerminate ran');
});

app.http('records', {
  methods: ['GET'],
  route: 'records',
  authLevel: 'function',
  handler: () => ({ jsonBody: records }),
});

app.http('echo', {
  methods: ['POST', 'PUT'],
  route: 'echo/{first}/{second?}',
  authLevel: 'function',
  handler: async (request, context) => {
    context.log('log me');
    return {
      status: 201,
      headers: { 'x-method': request.method },
      jsonBody: {
        url: request.url,
        params: request.params,
        query: Object.fromEntries(request.query),
        header: request.headers.get('x-test'),
        body: await request.text(),
      },
    };
  },
});
app.http('literal', {
  methods: ['PUT'],
  route: 'echo/literal',
  authLevel: 'function',
  handler: () => ({ body: 'literal' }),
});
app.http('bytes', {
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: () => ({
    body: new Uint8Array([0, 255, 128]),
    headers: { 'content-type': 'application/octet-stream' },
    cookies: [
      { name: 'a', value: 'b c', path: '/', httpOnly: true, secure: true, sameSite: 'Lax', maxAge: 60 },
      { name: 'd', value: 'e' },
    ],
  }),
});
app.http('nothing', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ status: 204 }) });
app.http('fail', {
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: () => {
    throw new Error('told to fail');
  },
});
app.http('hooked', {
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: (input: unknown) => {
    throw new Error(`got ${String(input)}`);
  },
});
app.http('slow', {
  methods: ['GET'],
  route: 'slow/{ms}',
  authLevel: 'anonymous',
  handler: async (request) => {
    console.log(`slow began`);
    await delay(Number(request.params.ms));
    return { body: 'slow ended' };
  },
});

const next = output.storageQueue({ queueName: 'fixture-next', connection: 'AzureWebJobsStorage' });
app.http('enqueue', {
  methods: ['POST'],
  authLevel: 'anonymous',
  extraOutputs: [next],
  handler: async (request, context) => {
    context.extraOutputs.set(next, await request.json());
    return { status: 202 };
  },
});

app.eventGrid('onEvent', {
  handler: async (event, context) => {
    const { ms = 0, fail } = event.data as { ms?: number; fail?: string };
    record(context, { event, phase: 'began' });
    await delay(ms);
    if (fail) throw new Error(fail);
    record(context, { event, phase: 'ended' });
  },
});

const work = output.storageQueue({ queueName: '%FIXTURE_QUEUE%-done', connection: 'AzureWebJobsStorage' });
app.storageQueue('work', {
  queueName: '%FIXTURE_QUEUE%',
  connection: 'AzureWebJobsStorage',
  return: work,
  handler: async (message: { ms?: number; fail?: boolean; crash?: boolean }, context) => {
    record(context, { message, phase: 'began' });
    await delay(message.ms ?? 0);
    if (message.fail) throw new Error('the message says so');
    record(context, { message, phase: 'ended' });
    return { done: message };
  },
});
app.storageQueue('workFailed', {
  queueName: '%FIXTURE_QUEUE%-poison',
  connection: 'AzureWebJobsStorage',
  handler: (message, context) => record(context, { message }),
});
app.storageQueue('brokenOutput', {
  queueName: 'fixture-broken',
  connection: 'AzureWebJobsStorage',
  return: output.storageQueue({ queueName: 'No_Such_Name_Allowed', connection: 'AzureWebJobsStorage' }),
  handler: (message, context) => {
    record(context, { message });
    return 'lost if it counted as sent';
  },
});

app.timer('everySecond', { schedule: '* * * * * *', handler: (timer, context) => record(context, { timer }) });
app.timer('nightly', { schedule: '%FIXTURE_SCHEDULE%', handler: (timer, context) => record(context, { timer }) });
app.timer('badTimer', { schedule: '%NOT_SET%', handler: () => undefined });
