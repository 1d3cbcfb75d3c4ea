import type { HubErrorKind, HubFailure } from './hubError.ts';

/** The parts of an `azure-iothub` error that are always there when the hub answered (measured with 1.16.6). */
interface SdkError {
  code?: unknown;
  responseBody?: unknown;
  response?: { statusCode?: number; headers?: Record<string, unknown> };
}

/** Reads what the SDK threw, by status and error code alone: its error classes mislead (every 403 is `TooManyDevicesError`). */
export function readHubFailure(error: unknown): HubFailure {
  const { response, responseBody, code: socketCode } = (error ?? {}) as SdkError;
  const status = response?.statusCode;
  if (status === undefined || status < 300) {
    // No answer, or a good status whose body broke off.
    return {
      kind: 'unavailable',
      ...(typeof socketCode === 'string' ? { code: socketCode } : {}),
      ...(status === undefined ? {} : { status }),
    };
  }
  const body = typeof responseBody === 'string' ? readErrorBody(responseBody) : {};
  const header = response?.headers?.['iothub-errorcode'];
  const code = typeof header === 'string' && header !== '' ? header : body.code;
  return {
    kind: hubErrorKind(status, code, body.message),
    status,
    ...(code === undefined ? {} : { code }),
    ...(body.trackingId === undefined ? {} : { trackingId: body.trackingId }),
  };
}

/**
 * The one place that decides what a refusal means. Codes and names: Microsoft's "Understand and resolve Azure IoT Hub
 * errors"; the header carries the name, the body sometimes the number.
 */
export function hubErrorKind(status: number, code: string | undefined, message: string | undefined): HubErrorKind {
  switch (status) {
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
      return 'moduleExists'; // we create nothing but modules
    case 413:
      return is(code, '413003', 'TooManyModulesOnDevice') ? 'tooManyModules' : 'invalid';
    case 408:
      return 'unavailable';
    case 429:
      return 'throttled';
    default:
      return status >= 500 ? 'unavailable' : 'invalid';
  }
}

/** What an error's name alone means, as the entries of a bulk result give it; those carry no HTTP status. */
export function namedErrorKind(name: string): HubErrorKind {
  const status = statusOfName.get(name.toLowerCase());
  return status === undefined ? 'invalid' : hubErrorKind(status, name, undefined);
}

const statusOfName = new Map(
  Object.entries({
    IotHubUnauthorizedAccess: 401,
    IotHubUnauthorized: 401,
    IotHubQuotaExceeded: 403,
    OperationNotAvailableInCurrentTier: 403,
    DeviceDisabled: 403,
    DeviceNotFound: 404,
    ModuleNotFound: 404,
    IotHubFailingOver: 404,
    DeviceAlreadyExists: 409,
    ModuleAlreadyExistsOnDevice: 409,
    TooManyModulesOnDevice: 413,
    GenericTooManyRequests: 429,
    ThrottlingException: 429,
    ThrottleBacklogLimitExceeded: 429,
    ThrottlingBacklogTimeout: 429,
    ServerError: 500,
    GenericTimeout: 500,
    ServiceUnavailable: 503,
    ServerBusy: 503,
  }).map(([name, status]) => [name.toLowerCase(), status]),
);

function is(code: string | undefined, number: string, name: string): boolean {
  return code === number || code?.toLowerCase() === name.toLowerCase();
}

interface ErrorBody {
  code?: string;
  message?: string;
  trackingId?: string;
}

/** The three shapes in which hubs wrap an error: `Message` text, flat lower case, and lower case inside `Message`. */
function readErrorBody(text: string): ErrorBody {
  const body = parseObject(text);
  if (body === undefined) return {};
  if (typeof body.Message === 'string') {
    const inner = parseObject(body.Message);
    if (inner !== undefined) return readFlatBody(inner);
    const code = /ErrorCode:\s*([A-Za-z0-9]+)/.exec(body.Message)?.[1];
    const trackingId = /Tracking ID:\s*([A-Za-z0-9-]+?)-?(?:TimeStamp|$)/i.exec(
      String(body.ExceptionMessage ?? ''),
    )?.[1];
    return { message: body.Message, ...(code ? { code } : {}), ...(trackingId ? { trackingId } : {}) };
  }
  return readFlatBody(body);
}

function readFlatBody(body: Record<string, unknown>): ErrorBody {
  return {
    ...(body.errorCode === undefined ? {} : { code: String(body.errorCode) }),
    ...(typeof body.message === 'string' ? { message: body.message } : {}),
    ...(typeof body.trackingId === 'string' ? { trackingId: body.trackingId } : {}),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // a proxy's page, or a cut-off body
    throw error;
  }
}
