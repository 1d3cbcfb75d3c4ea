// The hub's error responses, except those of jobs. Codes and names: Microsoft's page "Understand and resolve Azure IoT
// Hub errors"; formats and texts: recordings of azure-sdk-for-net and notes from one live hub (docs/emulator.md says
// which).
import { HubRefusal } from './hubRefusal.ts';

export const argumentInvalid = (hint: string): HubRefusal =>
  new HubRefusal({ status: 400, code: 400004, codeName: 'ArgumentInvalid', message: 'BadRequest', hint });

export const queryInvalid = (hint: string): HubRefusal =>
  new HubRefusal({
    status: 400,
    code: 400004,
    codeName: 'ArgumentInvalid',
    message: 'The query is invalid. Please check the format of the query and try again.',
    hint,
  });

export const queryTooLong = (length: number): HubRefusal =>
  new HubRefusal({
    status: 412,
    code: 412001,
    codeName: 'PreconditionFailed',
    message: 'PreconditionFailed',
    hint: `The query has ${length} characters; 8192 is the most`,
  });

export const definedMultipleTimes = (id: string): HubRefusal =>
  new HubRefusal({
    status: 400,
    code: 400011,
    codeName: 'DeviceDefinedMultipleTimes',
    message: `The identity ${id} is defined more than once in the request.`,
  });

export const unauthorized = (hint: string): HubRefusal =>
  new HubRefusal({ status: 401, code: 401002, codeName: 'IotHubUnauthorizedAccess', message: 'Unauthorized', hint });

/** An identity of Entra ID lacks a role. Format and text: errors that users of Azure's SDKs published. */
export const notAssigned = (principal: string, method: string, path: string, missing: readonly string[]): HubRefusal =>
  new HubRefusal({
    status: 401,
    code: 401003,
    codeName: 'IotHubUnauthorized',
    message: `Principal ${principal} is not authorized for ${method} on ${path} due to no assigned permissions`,
    hint: `No role of this identity holds ${missing.map((action) => `Microsoft.Devices/IotHubs/${action}`).join(', ')}`,
  });

/** Under SAS a hub returns 401, not 404 or 403, for module calls on a missing or disabled device. */
export const modulesUnavailable = (deviceId: string, why: 'missing' | 'disabled'): HubRefusal =>
  new HubRefusal({
    status: 401,
    code: 401002,
    codeName: 'IotHubUnauthorizedAccess',
    message: 'Unauthorized',
    shape: 'nested',
    hint: `The device ${deviceId} is ${why}; under SAS a hub returns 401 for that`,
  });

export const systemModule = (moduleId: string): HubRefusal =>
  new HubRefusal({
    status: 401,
    code: 401100,
    codeName: 'SystemModuleModifyUnauthorizedAccess',
    message: `The system module ${moduleId} cannot be modified.`,
  });

export const identityQuotaExceeded = (): HubRefusal =>
  new HubRefusal({
    status: 403,
    code: 403002,
    codeName: 'IotHubQuotaExceeded',
    message: 'Total number of devices on IotHub exceeded the allocated quota.',
  });

/** The service's own text, as users of the free tier published it. */
export const messageQuotaExceeded = (hubName: string, maxMessages: number, usedMessages: number): HubRefusal =>
  new HubRefusal({
    status: 403,
    code: 403002,
    codeName: 'IotHubQuotaExceeded',
    message:
      `Total number of messages on IotHub '${hubName}' exceeded the allocated quota. ` +
      `Max allowed message count : '${maxMessages}', current message count : '${usedMessages}'. ` +
      'Send and Receive operations are blocked for this hub until the next UTC day. ' +
      'Consider increasing the units for this hub to increase the quota.',
  });

export const notInThisTier = (): HubRefusal =>
  new HubRefusal({
    status: 403,
    code: 403010,
    codeName: 'OperationNotAvailableInCurrentTier',
    message: 'The operation is not available in the current tier.',
  });

export const deviceNotFound = (deviceId: string): HubRefusal =>
  new HubRefusal({ status: 404, code: 404001, codeName: 'DeviceNotFound', message: `Device ${deviceId} not found.` });

export const moduleNotFound = (deviceId: string, moduleId: string): HubRefusal =>
  new HubRefusal({
    status: 404,
    code: 404010,
    codeName: 'ModuleNotFound',
    message: `Module ${moduleId} not found on device ${deviceId}.`,
  });

export const routeNotFound = (hint?: string): HubRefusal =>
  new HubRefusal({
    status: 404,
    code: 404000,
    codeName: 'GenericNotFound',
    message: 'Not Found',
    ...(hint === undefined ? {} : { hint }),
  });

export const deviceAlreadyExists = (deviceId: string): HubRefusal =>
  new HubRefusal({
    status: 409,
    code: 409001,
    codeName: 'DeviceAlreadyExists',
    message: `A device with ID '${deviceId}' is already registered.`,
  });

export const moduleAlreadyExists = (hubName: string, deviceId: string, moduleId: string): HubRefusal =>
  new HubRefusal({
    status: 409,
    code: 409301,
    codeName: 'ModuleAlreadyExistsOnDevice',
    message: `Device ${deviceId} in IotHub ${hubName} already contains Module ${moduleId}.`,
    shape: 'flat',
  });

export const bodyTooLarge = (maxBytes: number): HubRefusal =>
  new HubRefusal({
    status: 413,
    code: 413001,
    codeName: 'MessageTooLarge',
    message: `The request body is larger than ${maxBytes} bytes.`,
    headers: { connection: 'close' },
  });

export const tooManyInOneCall = (count: number): HubRefusal =>
  new HubRefusal({
    status: 413,
    code: 413002,
    codeName: 'TooManyDevices',
    message: `The request holds ${count} identities; 100 is the most.`,
  });

export const tooManyModules = (deviceId: string): HubRefusal =>
  new HubRefusal({
    status: 413,
    code: 413003,
    codeName: 'TooManyModulesOnDevice',
    message: `Device ${deviceId} has the most modules that a device can have.`,
  });

export type ThrottleCode = 'ThrottlingBacklogTimeout' | 'ThrottleBacklogLimitExceeded';

/** Has no Retry-After and closes the connection, as live hubs do. */
export const throttled = (codeName: ThrottleCode, operationType: string): HubRefusal =>
  new HubRefusal({
    status: 429,
    code: codeName === 'ThrottlingBacklogTimeout' ? 429003 : 429002,
    codeName,
    message: `The request has been throttled. Wait 10 seconds and try again. Operation type: ${operationType}`,
    headers: { connection: 'close' },
  });

export const serverError = (): HubRefusal =>
  new HubRefusal({ status: 500, code: 500001, codeName: 'ServerError', message: 'An internal error occurred.' });
