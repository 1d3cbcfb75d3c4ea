import { z } from 'zod';
import { type Environment, resolveSettings } from './appSettings.ts';
import { type EventHubFunction, toEventHubFunction } from './eventHubTrigger.ts';
import { HostConfigurationError } from './hostError.ts';
import type { HostSettings } from './hostJson.ts';
import { type HttpFunction, toHttpFunction } from './httpTriggers.ts';
import { triggerBindingName } from './invoker.ts';
import { type McpTool, toMcpTool } from './mcpWebhook.ts';
import { queueBinding } from './queueOutputs.ts';
import { type TimerFunction, toTimerFunction } from './timerTrigger.ts';
import type { RegisteredFunction } from './workerApp.ts';

/** A function with a queue trigger. */
export interface QueueFunction {
  registered: RegisteredFunction;
  queueName: string;
  connection: string;
}

/** The app's functions by trigger, and the errors of those that cannot run, as in the host's index. */
export interface FunctionIndex {
  all: readonly RegisteredFunction[];
  /** Known, but not run. */
  disabled: readonly RegisteredFunction[];
  http: readonly HttpFunction[];
  eventGrid: readonly RegisteredFunction[];
  eventHubs: readonly EventHubFunction[];
  mcpTools: readonly McpTool[];
  timers: readonly TimerFunction[];
  queues: readonly QueueFunction[];
  /** One sentence for each function that is left out; the others run, as in the host. */
  errors: readonly string[];
}

const outputTypes = new Set(['http', 'queue']);

/** Reads the bindings of all functions. A function with an unusable binding is left out, with an entry in `errors`. */
export function indexFunctions(
  registeredFunctions: Iterable<RegisteredFunction>,
  settings: HostSettings,
  environment: Environment,
): FunctionIndex {
  const all: RegisteredFunction[] = [];
  const disabled: RegisteredFunction[] = [];
  const http: HttpFunction[] = [];
  const eventGrid: RegisteredFunction[] = [];
  const eventHubs: EventHubFunction[] = [];
  const mcpTools: McpTool[] = [];
  const timers: TimerFunction[] = [];
  const queues: QueueFunction[] = [];
  const errors: string[] = [];

  for (const registered of registeredFunctions) {
    const { name, bindings } = registered.metadata;
    if (isDisabled(name, environment)) {
      disabled.push(registered);
      continue;
    }
    try {
      requireKnownBindings(registered);
      const trigger = bindings[triggerBindingName(registered)];
      switch (trigger?.type.toLowerCase()) {
        case 'httptrigger':
          http.push(toHttpFunction(registered, settings.routePrefix));
          break;
        case 'eventgridtrigger':
          eventGrid.push(registered);
          break;
        case 'eventhubtrigger':
          eventHubs.push(toEventHubFunction(registered, environment));
          break;
        case 'mcptooltrigger':
          mcpTools.push(toMcpTool(registered));
          break;
        case 'timertrigger':
          timers.push(toTimerFunction(registered, environment));
          break;
        case 'queuetrigger': {
          const { queueName, connection } = queueBinding.parse(trigger);
          queues.push({ registered, queueName: resolveSettings(queueName, environment), connection });
          break;
        }
        default:
          throw new HostConfigurationError(`trigger "${trigger?.type}" has no stand-in; use Core Tools for it`);
      }
      all.push(registered);
    } catch (error) {
      if (!(error instanceof HostConfigurationError || error instanceof z.ZodError)) throw error;
      const why = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
      errors.push(`The '${name}' function is in error: ${why}`);
    }
  }
  return { all, disabled, http, eventGrid, eventHubs, mcpTools, timers, queues, errors };
}

/** `AzureWebJobs.X.Disabled`; with two underscores in place of the dots it does nothing (measured). */
const isDisabled = (name: string, environment: Environment): boolean =>
  /^(true|1)$/i.test(environment[`AzureWebJobs.${name}.Disabled`] ?? '');

function requireKnownBindings({ metadata }: RegisteredFunction): void {
  for (const { type, direction } of Object.values(metadata.bindings)) {
    const isKnown = /trigger$/i.test(type) || (direction === 'out' && outputTypes.has(type.toLowerCase()));
    if (!isKnown)
      throw new HostConfigurationError(`binding "${type}" (${direction}) has no stand-in; use Core Tools for it`);
  }
}
