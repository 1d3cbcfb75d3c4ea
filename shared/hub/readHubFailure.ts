import { noTokenYet, transportFailure } from '../transportFailure.ts';
import { type HubErrorKind, type HubFailure, isForeignStatus } from './hubError.ts';
import { errorCode, readErrorBody } from './readErrorBody.ts';

/** The members that an `azure-iothub` error always has when the hub responded (measured with 1.16.6). */
interface SdkError {
  name?: unknown;
  code?: unknown;
  responseBody?: unknown;
  response?: { statusCode?: number; headers?: Record<string, unknown> };
}

/** Reads the error that the SDK threw. Ignores the SDK's error classes, which mislead: every 403 is a `TooManyDevicesError`. */
export function readHubFailure(error: unknown): HubFailure {
  const { response, responseBody, ...thrown } = sdkError(error);
  const status = response?.statusCode;
  if (status === undefined || status < 300) {
    // No response, or status 200 with a truncated body.
    const failure = transportFailure(error);
    if (failure?.check === 'identity') {
      // No call was sent to the hub. If the app has no identity, waiting does not help.
      return { kind: failure.code === noTokenYet ? 'unavailable' : 'unauthorized', code: failure.code };
    }
    const code = failure?.code ?? noResponseCode(thrown);
    return { kind: 'unavailable', ...(code ? { code } : {}), ...(status === undefined ? {} : { status }) };
  }
  const body = typeof responseBody === 'string' ? readErrorBody(responseBody) : {};
  const code = errorCode(response?.headers?.['iothub-errorcode']) ?? body.code;
  return {
    kind: hubErrorKind(status, code, body.message),
    status,
    ...(code === undefined ? {} : { code }),
    ...(body.trackingId === undefined ? {} : { trackingId: body.trackingId }),
  };
}

function sdkError(error: unknown): SdkError {
  const { name, code, response, responseBody } = (error ?? {}) as SdkError;
  return { name, code, responseBody, ...(response ? { response } : {}) };
}

/** The error's code, such as `ECONNRESET`, or its name if that says more than `Error`. */
function noResponseCode({ name, code }: SdkError): string | undefined {
  if (name === 'SyntaxError') return 'NotJson'; // status 200 with a truncated body
  return errorCode(code) ?? (name === 'Error' ? undefined : errorCode(name));
}

/**
 * The only place that decides what a refusal means. Source of codes and names: Microsoft, "Understand and resolve Azure IoT
 * Hub errors"; the header carries the name, the body sometimes the number.
 */
function hubErrorKind(status: number, code: string | undefined, message: string | undefined): HubErrorKind {
  switch (status) {
    case 400:
      return passing400Codes.some(([number, name]) => is(code, number, name)) ? 'unavailable' : 'invalid';
    case 401:
      return 'unauthorized';
    case 403:
      if (is(code, '403002', 'IotHubQuotaExceeded')) {
        // One code for two quotas: "Total number of devices on IotHub exceeded the allocated quota." is the identity cap.
        return /number of devices/i.test(message ?? '') ? 'identityCap' : 'dailyQuota';
      }
      if (is(code, '403010', 'OperationNotAvailableInCurrentTier')) return 'tierWithoutModules';
      if (is(code, '403012', 'DeviceDisabled')) return 'deviceDisabled';
      return 'forbidden';
    case 404:
      if (is(code, '404001', 'DeviceNotFound')) return 'deviceNotFound';
      if (is(code, '404010', 'ModuleNotFound')) return 'moduleNotFound';
      return 'unavailable'; // 404012 is a failover; an unknown 404 does not prove that the device is missing
    case 409:
      // The app creates only modules, so a conflict without a code means that the module exists. A conflict with another
      // code, such as `DeviceLocked`, created nothing and must not count as success.
      return code === undefined || existsCodes.some(([number, name]) => is(code, number, name))
        ? 'moduleExists'
        : 'unavailable';
    case 412:
      return 'etagMismatch';
    case 413:
      return is(code, '413003', 'TooManyModulesOnDevice') ? 'tooManyModules' : 'invalid';
    case 408:
    case 499:
      return 'unavailable';
    case 429:
      return 'throttled';
    default:
      return status >= 500 || isForeignStatus(status) ? 'unavailable' : 'invalid';
  }
}

/** The codes of status 400 that Microsoft's page lists with "Retry the request". A retry after any other 400 fails again. */
const passing400Codes = [
  ['400021', 'RequestCanceled'],
  ['400024', 'RequestTimedOut'],
] as const;

const existsCodes = [
  ['409301', 'ModuleAlreadyExistsOnDevice'],
  ['409001', 'DeviceAlreadyExists'],
] as const;

/**
 * The kind of an error by its name or number alone, for the entries of a bulk result, which have no HTTP status. An unknown name
 * is `unavailable`, because it does not say whether the identity was created.
 */
export function namedErrorKind(name: string): HubErrorKind {
  const status = /^\d{6}$/.test(name) ? Number(name.slice(0, 3)) : statusOfName.get(name.toLowerCase());
  return status === undefined ? 'unavailable' : hubErrorKind(status, name, undefined);
}

// Leaves out BulkRegistryOperationFailure, which says nothing about the identity itself, and the names of 5xx errors, since
// every other name is `unavailable`.
const statusOfName = new Map(
  Object.entries({
    InvalidOperation: 400,
    ArgumentInvalid: 400,
    ArgumentNull: 400,
    RequestCanceled: 400,
    RequestTimedOut: 400,
    IotHubFormatError: 400,
    DeviceDefinedMultipleTimes: 400,
    CannotRegisterModuleToModule: 400,
    IotHubUnauthorizedAccess: 401,
    IotHubUnauthorized: 401,
    SystemModuleModifyUnauthorizedAccess: 401,
    GenericForbidden: 403,
    JobQuotaExceeded: 403,
    IotHubQuotaExceeded: 403,
    OperationNotAvailableInCurrentTier: 403,
    DeviceDisabled: 403,
    DeviceNotFound: 404,
    ModuleNotFound: 404,
    IotHubFailingOver: 404,
    ImportDevicesNotSupported: 405,
    BulkAddDevicesNotSupported: 405,
    DeviceAlreadyExists: 409,
    ModuleAlreadyExistsOnDevice: 409,
    PreconditionFailed: 412,
    TooManyDevices: 413,
    TooManyModulesOnDevice: 413,
    GenericTooManyRequests: 429,
    ThrottlingException: 429,
    ThrottleBacklogLimitExceeded: 429,
    ThrottlingBacklogTimeout: 429,
    ThrottlingMaxActiveJobCountExceeded: 429,
    DeviceThrottlingLimitExceeded: 429,
  }).map(([name, status]) => [name.toLowerCase(), status]),
);

function is(code: string | undefined, number: string, name: string): boolean {
  return code === number || code?.toLowerCase() === name.toLowerCase();
}
