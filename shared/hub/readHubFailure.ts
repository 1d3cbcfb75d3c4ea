import { noTokenYet, transportFailure } from '../transportFailure.ts';
import type { HubErrorKind, HubFailure } from './hubError.ts';
import { errorCode, readErrorBody } from './readErrorBody.ts';

/** The parts of an `azure-iothub` error that are always there when the hub answered (measured with 1.16.6). */
interface SdkError {
  name?: unknown;
  code?: unknown;
  responseBody?: unknown;
  response?: { statusCode?: number; headers?: Record<string, unknown> };
}

/** Reads what the SDK threw, by status and error code alone: its error classes mislead (every 403 is `TooManyDevicesError`). */
export function readHubFailure(error: unknown): HubFailure {
  const { response, responseBody, ...thrown } = sdkError(error);
  const status = response?.statusCode;
  if (status === undefined || status < 300) {
    // No answer, or a good status whose body broke off.
    const failure = transportFailure(error);
    if (failure?.check === 'identity') {
      // The hub was never asked. Without an identity waiting would not help.
      return { kind: failure.code === noTokenYet ? 'unavailable' : 'unauthorized', code: failure.code };
    }
    const code = failure?.code ?? noAnswerCode(thrown);
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

/** The socket's word, such as `ECONNRESET`, or the name of what else went wrong. */
function noAnswerCode({ name, code }: SdkError): string | undefined {
  if (name === 'SyntaxError') return 'NotJson'; // a 200 whose body broke off
  return errorCode(code) ?? (name === 'Error' ? undefined : errorCode(name));
}

/**
 * The one place that decides what a refusal means. Codes and names: Microsoft's "Understand and resolve Azure IoT Hub
 * errors"; the header carries the name, the body sometimes the number.
 */
function hubErrorKind(status: number, code: string | undefined, message: string | undefined): HubErrorKind {
  switch (status) {
    case 400:
      return passing400Codes.some(([number, name]) => is(code, number, name)) ? 'unavailable' : 'invalid';
    case 401:
      return 'unauthorized';
    case 403:
      if (is(code, '403002', 'IotHubQuotaExceeded')) {
        // One code for two quotas: "Total number of devices on IotHub exceeded the allocated quota." is the cap.
        return /number of devices/i.test(message ?? '') ? 'identityCap' : 'dailyQuota';
      }
      if (is(code, '403010', 'OperationNotAvailableInCurrentTier')) return 'tierWithoutModules';
      if (is(code, '403012', 'DeviceDisabled')) return 'deviceDisabled';
      return 'forbidden';
    case 404:
      if (is(code, '404001', 'DeviceNotFound')) return 'deviceNotFound';
      if (is(code, '404010', 'ModuleNotFound')) return 'moduleNotFound';
      return 'unavailable'; // 404012 is a failover, and an unknown 404 says nothing about the device
    case 409:
      // We create nothing but modules, so a conflict that does not name itself is the module's. One that names another
      // reason, such as `DeviceLocked`, made nothing, and must not be taken for success.
      return code === undefined || existsCodes.some(([number, name]) => is(code, number, name))
        ? 'moduleExists'
        : 'unavailable';
    case 413:
      return is(code, '413003', 'TooManyModulesOnDevice') ? 'tooManyModules' : 'invalid';
    case 407: // of a proxy; a hub does not use it
    case 408:
    case 499:
      return 'unavailable';
    case 429:
      return 'throttled';
    default:
      return status >= 500 ? 'unavailable' : 'invalid';
  }
}

/** The codes of status 400 that Microsoft's page lists with "Retry the request"; any other 400 would end the same again. */
const passing400Codes = [
  ['400021', 'RequestCanceled'],
  ['400024', 'RequestTimedOut'],
] as const;

const existsCodes = [
  ['409301', 'ModuleAlreadyExistsOnDevice'],
  ['409001', 'DeviceAlreadyExists'],
] as const;

/**
 * What an error's name or number alone means, as the entries of a bulk result give it; those carry no HTTP status. A
 * name that is not known here decides nothing about the identity: `unavailable`.
 */
export function namedErrorKind(name: string): HubErrorKind {
  const status = /^\d{6}$/.test(name) ? Number(name.slice(0, 3)) : statusOfName.get(name.toLowerCase());
  return status === undefined ? 'unavailable' : hubErrorKind(status, name, undefined);
}

// Without BulkRegistryOperationFailure, which says nothing about the identity itself. A 5xx is `unavailable` anyway.
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
