import { bulkRegistry } from '../operations/bulkRegistry.ts';
import { deleteDevice, getDevice, listDevices, putDevice } from '../operations/deviceOperations.ts';
import { cancelJob, createJob, getJob, listJobs } from '../operations/jobOperations.ts';
import { deleteModule, getModule, listModules, putModule } from '../operations/moduleOperations.ts';
import type { Operation } from '../operations/operation.ts';
import { queryTwins } from '../operations/queryTwins.ts';
import { deviceStatistics, serviceStatistics } from '../operations/statistics.ts';
import { getTwin, patchTwin, putTwin } from '../operations/twinOperations.ts';

/** `:device`, `:module` and `:job` match one segment each. The first matching pattern wins. */
const routes: readonly (readonly [method: string, pattern: string, operation: Operation])[] = [
  ['GET', 'devices', listDevices],
  ['POST', 'devices', bulkRegistry],
  ['POST', 'devices/query', queryTwins],
  ['GET', 'devices/:device', getDevice],
  ['PUT', 'devices/:device', putDevice],
  ['DELETE', 'devices/:device', deleteDevice],
  ['GET', 'devices/:device/modules', listModules],
  ['GET', 'devices/:device/modules/:module', getModule],
  ['PUT', 'devices/:device/modules/:module', putModule],
  ['DELETE', 'devices/:device/modules/:module', deleteModule],
  ['GET', 'twins/:device', getTwin],
  ['PATCH', 'twins/:device', patchTwin],
  ['PUT', 'twins/:device', putTwin],
  ['GET', 'twins/:device/modules/:module', getTwin],
  ['PATCH', 'twins/:device/modules/:module', patchTwin],
  ['PUT', 'twins/:device/modules/:module', putTwin],
  ['GET', 'statistics/devices', deviceStatistics],
  ['GET', 'statistics/service', serviceStatistics],
  ['POST', 'jobs/create', createJob],
  ['GET', 'jobs', listJobs],
  ['GET', 'jobs/:job', getJob],
  ['DELETE', 'jobs/:job', cancelJob],
];

/** Every operation by its name in counters and fault rules. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  routes.map(([, , operation]) => [operation.name, operation]),
);

export const operationNames: readonly string[] = [...operations.keys()];

/** The operation that a request calls. */
export interface Route {
  operation: Operation;
  /** Decoded; empty if the path has no such segment. */
  deviceId: string;
  moduleId: string;
  jobId: string;
}

/** The operation for a method and path, with the ids in the path; undefined if the hub has no such route. */
export function findRoute(method: string, segments: readonly string[]): Route | undefined {
  for (const [routeMethod, pattern, operation] of routes) {
    const names = pattern.split('/');
    if (routeMethod !== method || !fits(names, segments)) continue;
    const segmentOf = (placeholder: string) => segments[names.indexOf(placeholder)] ?? '';
    return {
      operation,
      deviceId: segmentOf(':device'),
      moduleId: segmentOf(':module'),
      jobId: segmentOf(':job'),
    };
  }
  return undefined;
}

/** The methods that a path takes; empty if the hub has no such path. */
export const methodsAt = (segments: readonly string[]): string[] =>
  routes.filter(([, pattern]) => fits(pattern.split('/'), segments)).map(([method]) => method);

const fits = (names: readonly string[], segments: readonly string[]): boolean =>
  names.length === segments.length &&
  names.every((name, at) => name.startsWith(':') || name === segments[at]?.toLowerCase());
