import { parsedJson } from '../parsedJson.ts';
import { errorCode } from './readErrorBody.ts';
import { namedErrorKind } from './readHubFailure.ts';
import type { CreationVerdict, ModuleCreation } from './registry.ts';

/** One entry of `errors` in a `BulkRegistryOperationResult` (Swagger of the service). */
interface BulkError {
  deviceId?: unknown;
  moduleId?: unknown;
  errorCode?: unknown;
}

/**
 * Reads one verdict per creation from the body of a 400 response, a `BulkRegistryOperationResult`. Microsoft does not document
 * whether the hub created the identities that the result does not list, so their verdict is `unknown`. Returns undefined if
 * `body` is not such a result.
 */
export function readBulkVerdicts(creations: readonly ModuleCreation[], body: string): CreationVerdict[] | undefined {
  const errors = readErrors(body);
  if (errors === undefined) return undefined;
  const verdicts = new Map(
    errors.map((error) => [identity(error.deviceId, error.moduleId), verdict(error.errorCode)] as const),
  );
  return creations.map(({ deviceId, moduleId }) => verdicts.get(identity(deviceId, moduleId)) ?? 'unknown');
}

function verdict(value: unknown): CreationVerdict {
  const code = errorCode(value);
  if (code === undefined) return 'unknown';
  const kind = namedErrorKind(code);
  if (kind === 'moduleExists') return 'exists';
  // The refusal does not say whether the module exists, so the caller reads the module by id.
  if (kind === 'throttled' || kind === 'unavailable') return 'unknown';
  return { refused: kind, code };
}

function readErrors(body: string): BulkError[] | undefined {
  const { errors } = (parsedJson(body) ?? {}) as { errors?: unknown };
  return Array.isArray(errors) ? errors.filter((entry) => typeof entry === 'object' && entry !== null) : undefined;
}

function identity(deviceId: unknown, moduleId: unknown): string {
  return JSON.stringify([deviceId, moduleId]);
}
