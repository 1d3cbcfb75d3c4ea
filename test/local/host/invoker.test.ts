import { describe, expect, test } from '@jest/globals';
import type { CoreInvocationContext, InvocationResponse } from '../../../local/host/coreTypes.ts';
import { FunctionTimeoutError } from '../../../local/host/hostError.ts';
import { invoker, type TriggerInput } from '../../../local/host/invoker.ts';
import { WorkerApp } from '../../../local/host/workerApp.ts';
import { FakeClock } from '../../support/fakeClock.ts';

/** An app with one function and a programming model that records the calls of the worker. */
function world(
  callback: (...inputs: unknown[]) => unknown,
  options: { functionTimeoutMs?: number; sendOutputs?: (response: InvocationResponse) => Promise<void> } = {},
) {
  const clock = new FakeClock();
  const app = new WorkerApp();
  const steps: string[] = [];
  const log: { message: string; scope: unknown }[] = [];
  const timeouts: Error[] = [];
  let seen: CoreInvocationContext | undefined;
  app.programmingModel = {
    name: 'test',
    version: '1',
    getInvocationModel: (context) => {
      seen = context;
      steps.push('getInvocationModel');
      return {
        getArguments: async () => {
          steps.push('getArguments');
          return { context: { the: 'invocation context' }, inputs: ['input'] };
        },
        invokeFunction: async (_context, inputs, run) => {
          steps.push(`invokeFunction in state ${context.state}`);
          return run(...inputs);
        },
        getResponse: async (_context, result) => {
          steps.push('getResponse');
          return { invocationId: context.invocationId, returnValue: { json: JSON.stringify(result ?? null) } };
        },
      };
    },
  };
  const trigger = { type: 'queueTrigger', direction: 'in' as const };
  app.registerFunction({ name: 'work', bindings: { queueTrigger123: trigger } }, callback);
  const registered = app.functions.get('work');
  if (!registered) throw new Error('not registered');
  const invoke = invoker({
    app,
    clock,
    writeLog: (_level, _category, message, scope) => log.push({ message, scope }),
    functionTimeoutMs: options.functionTimeoutMs,
    onTimeout: (error) => timeouts.push(error),
    sendOutputs: async (_registered, response) => {
      steps.push('sendOutputs');
      await options.sendOutputs?.(response);
    },
  });
  const run = (more: Partial<TriggerInput> = {}) =>
    invoke(registered, { data: { string: 'x' }, metadata: { Id: { string: '1' } }, ...more });
  return { clock, app, steps, log, timeouts, run, request: () => seen?.request };
}

describe('an invocation', () => {
  test('that is a retry tells the function so', async () => {
    const { run, request } = world(() => undefined);
    await run();
    expect(request()).not.toHaveProperty('retryContext');
    await run({ retryContext: { retryCount: 1, maxRetryCount: 4 } });
    expect(request()?.retryContext).toEqual({ retryCount: 1, maxRetryCount: 4 });
  });

  test('an invocation runs the steps of the worker in their order', async () => {
    const { app, steps, run, request } = world(() => 'done');
    app.registerHook('preInvocation', () => steps.push('preInvocation'));
    app.registerHook('postInvocation', () => steps.push('postInvocation'));
    expect((await run()).returnValue).toEqual({ json: '"done"' });
    expect(steps).toEqual([
      'getInvocationModel',
      'getArguments',
      'preInvocation',
      'invokeFunction in state invocation',
      'postInvocation',
      'getResponse',
      'sendOutputs',
    ]);
    expect(request()).toMatchObject({
      functionId: 'work',
      inputData: [{ name: 'queueTrigger123', data: { string: 'x' } }],
      triggerMetadata: { Id: { string: '1' } },
    });
  });

  test('hooks may replace inputs and callback, clear an error and share data, but not replace the data object', async () => {
    const { app, run } = world(() => {
      throw new Error('first');
    });
    app.registerHook('preInvocation', (hook) => {
      hook.inputs = ['other'];
      (hook.hookData as Record<string, unknown>).a = 1;
      (hook.appHookData as Record<string, unknown>).b = 2;
      expect(() => Object.assign(hook, { hookData: {} })).toThrow("Cannot assign to read only property 'hookData'");
    });
    app.registerHook('postInvocation', (hook) => {
      hook.result = {
        error: String(hook.error),
        inputs: hook.inputs,
        ...Object(hook.hookData),
        ...Object(hook.appHookData),
      };
      hook.error = null;
    });
    const expected = { error: 'Error: first', inputs: ['other'], a: 1, b: 2 };
    expect(JSON.parse((await run()).returnValue?.json ?? '')).toEqual(expected);
  });

  test.each([
    [new Error('thrown'), 'thrown'],
    ['a bare string', 'a bare string'],
  ])('an invocation whose handler throws %s fails and sends no outputs', async (thrown, message) => {
    const { run, steps, log } = world(() => {
      throw thrown;
    });
    await expect(run()).rejects.toThrow(message);
    expect(steps).not.toContain('sendOutputs');
    expect(log.at(-1)?.message).toContain("Executed 'Functions.work' (Failed");
  });

  test('an invocation fails if a hook throws or an output cannot be sent', async () => {
    const hooked = world(() => 'done');
    hooked.app.registerHook('preInvocation', () => Promise.reject(new Error('hook')));
    await expect(hooked.run()).rejects.toThrow('hook');
    const unsent = world(() => 'done', { sendOutputs: () => Promise.reject(new Error('no queue')) });
    await expect(unsent.run()).rejects.toThrow('no queue');
  });

  test('an invocation that exceeds functionTimeout is rejected and reported once', async () => {
    const { clock, run, timeouts, log } = world(() => new Promise(() => undefined), { functionTimeoutMs: 600_000 });
    await expect(clock.run(run())).rejects.toThrow(FunctionTimeoutError);
    expect(clock.now() - Date.parse('2026-11-23T02:00:00Z')).toBe(600_000);
    expect(timeouts).toHaveLength(1);
    expect(log.at(-1)).toMatchObject({ scope: { functionName: 'work', invocationId: expect.any(String) } });
  });

  test('an invocation within functionTimeout is not reported', async () => {
    const { clock, run, timeouts } = world(() => 'done', { functionTimeoutMs: 1_000 });
    await run();
    await clock.advance(10_000);
    expect(timeouts).toEqual([]);
  });
});

describe('registration', () => {
  test('registration is refused for a duplicate function name, after start-up, and for unknown hooks', () => {
    const app = new WorkerApp();
    const metadata = { name: 'a', bindings: {} };
    const unregister = app.registerFunction(metadata, () => undefined);
    expect(() => app.registerFunction(metadata, () => undefined)).toThrow('"a" is registered already');
    unregister();
    app.registerFunction(metadata, () => undefined);
    expect(() => app.registerHook('noSuchHook', () => undefined)).toThrow(
      expect.objectContaining({ name: 'RangeError', isAzureFunctionsSystemError: true }),
    );
    app.finishStartup();
    expect(() => app.registerFunction({ name: 'b', bindings: {} }, () => undefined)).toThrow(
      'only be registered during app startup',
    );
    expect([...app.functions.keys()]).toEqual(['a']);
  });

  test('a registered hook can be removed', async () => {
    const app = new WorkerApp();
    const ran: string[] = [];
    const off = app.registerHook('appStart', () => ran.push('first'));
    app.registerHook('appStart', () => ran.push('second'));
    off();
    await app.runHooks('appStart', {});
    expect(ran).toEqual(['second']);
  });
});
