import { TimeLimitError } from '../abort.ts';
import { MisconfiguredError } from '../app.ts';
import { assertNever } from '../assertNever.ts';
import type { HubConfig } from '../config/config.ts';
import { adviceFor } from '../hub/adviceFor.ts';
import { type HubError, isHubError } from '../hub/hubError.ts';
import { LimitedError } from '../intake/tryNow.ts';
import { NoPolicyError } from '../policyStore/policyReader.ts';
import { HubBusyError } from '../run/runStore.ts';
import { DamagedDocumentError } from '../storage/damagedDocument.ts';
import { adviceForStorage, isStorageOutage, storageStatus } from '../storage/storageStatus.ts';
import { noToken, transportFailure } from '../transportFailure.ts';
import { Problem } from './problem.ts';

type ConfiguredHubs = readonly Pick<HubConfig, 'name' | 'auth'>[];

/** The message of a 429 response of a hub says "Wait 10 seconds and try again". */
const defaultRetryAfterSeconds = 10;

/**
 * Returns the HTTP response for an error; no other code decides this. The response to an unexpected error contains no part
 * of the error. `hubs` are the configured hubs: the advice about a refusal depends on how the app authenticates.
 */
export function problemOf(error: unknown, hubs: ConfiguredHubs = []): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof MisconfiguredError) {
    const errors = error.problems.map(({ setting, message }) => ({ field: setting, message }));
    return new Problem(503, 'misconfigured', 'The settings are invalid', 'See errors.', { errors });
  }
  if (error instanceof NoPolicyError) {
    const errors = error.problems.map(({ setting, message }) => ({ field: setting, message }));
    return new Problem(503, 'no-policy', 'There is no valid policy', `${error.message} See errors.`, { errors });
  }
  if (error instanceof HubBusyError) return new Problem(409, 'hub-busy', 'Another run must end first', error.message);
  if (isHubError(error)) return problemOfHubError(error, hubs);
  if (error instanceof DamagedDocumentError) {
    return new Problem(500, 'damaged-document', 'A stored document is damaged', error.message);
  }
  // The app calls only hubs and storage, so this is an error of storage.
  const problem = storageUnavailable(error);
  if (problem) return problem;
  return new Problem(500, 'internal', 'Internal error', 'The log of this invocation has the details.');
}

/** Returns the problem if storage is slow, cannot be reached or refuses the app; undefined for any other error. */
function storageUnavailable(error: unknown): Problem | undefined {
  const account = 'The storage account of the app (AzureWebJobsStorage)';
  const problem = (detail: string, retry = {}) =>
    new Problem(503, 'storage-unavailable', 'The storage of the app is unavailable', `${account} ${detail}`, retry);
  const [status, failure] = [storageStatus(error), transportFailure(error)];
  const advice = adviceForStorage(error);
  if (error instanceof TimeLimitError) {
    return problem(`is slow: ${error.message} Try again later.`, { retryAfterSeconds: defaultRetryAfterSeconds });
  }
  if (advice !== undefined) return problem(`refuses the app: HTTP ${status}. ${advice}`);
  const why = status === undefined ? failure?.code : `HTTP ${status}`;
  if (isStorageOutage(error)) {
    return problem(`cannot be reached: ${why}. Try again later.`, { retryAfterSeconds: defaultRetryAfterSeconds });
  }
  if (!failure) return undefined;
  return problem(
    `cannot be reached: ${why}. Check its settings, the clock, and the network between the app and the account.`,
  );
}

function problemOfHubError(error: HubError, hubs: ConfiguredHubs): Problem {
  const retry = { retryAfterSeconds: retryAfterSeconds(error) };
  switch (error.kind) {
    case 'deviceNotFound':
      return new Problem(
        404,
        'unknown-device',
        'There is no such device',
        `Hub ${error.hub} has no device with this id.`,
      );
    case 'limited':
      return new Problem(503, 'limited', 'The app limits its calls to the hub', limitedDetail(error), retry);
    case 'throttled':
      return new Problem(503, 'throttled', 'The hub throttles this app', error.message, retry);
    case 'unavailable':
      return new Problem(
        503,
        'hub-unavailable',
        'The hub is unavailable',
        `${error.message}${adviceOf(error, hubs)}`,
        retry,
      );
    case 'unauthorized':
    case 'forbidden':
      return new Problem(502, 'hub-refuses-us', 'The hub refuses this app', `${error.message}${adviceOf(error, hubs)}`);
    case 'identityCap':
    case 'dailyQuota':
      return new Problem(503, 'hub-quota', 'A quota of the hub is used up', `${error.message}${adviceOf(error, hubs)}`);
    case 'moduleNotFound':
    case 'moduleExists':
    case 'etagMismatch':
    case 'tierWithoutModules':
    case 'tooManyModules':
    case 'deviceDisabled':
    case 'invalid':
      return new Problem(502, 'hub-refused', 'The hub refused the call', error.message);
    default:
      return assertNever(error.kind);
  }
}

function limitedDetail(error: HubError): string {
  const isPending = error instanceof LimitedError && error.pending;
  return isPending
    ? 'The device waits in the queue of its hub and is reconciled without another request.'
    : 'Try again later.';
}

function adviceOf(error: HubError, hubs: ConfiguredHubs): string {
  // Only an app with a managed identity requests tokens.
  const auth = error.code === noToken ? { kind: 'entra' as const } : hubs.find(({ name }) => name === error.hub)?.auth;
  const advice = auth && adviceFor(error, auth);
  return advice === undefined ? '' : `. ${advice}`;
}

/** Returns whole seconds, at least one, because after `Retry-After: 0` all callers would retry at once. */
function retryAfterSeconds(error: HubError): number {
  if (error instanceof LimitedError) return Math.max(1, Math.ceil(error.retryAfterMs / 1000));
  return defaultRetryAfterSeconds;
}
