import { expect } from '@jest/globals';
import type { Reply } from '../hubClient.ts';

/** The formats of the service's errors, seen on live hubs and in recordings. */
export type RefusalShape = 'text' | 'flat' | 'nested' | 'bulk';

const trackingId = /^[0-9a-f]{32}(?:-G:\d)?$/;
const exceptionMessage = /^Tracking ID:[0-9a-f]{32}(?:-G:\d+)?-TimeStamp:\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d$/;

/** The format of an error body, checked member by member; undefined if it has none of them. */
export function shapeOfRefusal({ body, headers }: Reply): RefusalShape | undefined {
  if (!isRecord(body) || !String(headers['content-type']).startsWith('application/json')) return undefined;
  const names = Object.keys(body).join();
  if (names === 'errorCode,message,trackingId,timestampUtc') return isFlat(body) ? 'flat' : undefined;
  if (names === 'isSuccessful,errors,warnings') return body.isSuccessful === false ? 'bulk' : undefined;
  const { Message, ExceptionMessage } = body;
  if (names !== 'Message,ExceptionMessage' || typeof Message !== 'string') return undefined;
  if (ExceptionMessage === '') return isNested(Message) ? 'nested' : undefined;
  const startsWell = Message.startsWith(`ErrorCode:${headers['iothub-errorcode']};`);
  return startsWell && exceptionMessage.test(String(ExceptionMessage)) ? 'text' : undefined;
}

/** Fails unless the response is an error with this status, name and format. */
export function expectRefusal(reply: Reply, status: number, codeName: string, shape: RefusalShape = 'text'): void {
  expect([reply.status, reply.headers['iothub-errorcode'], shapeOfRefusal(reply)]).toEqual([status, codeName, shape]);
}

const isRecord = (value: unknown): value is { [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isFlat = (body: { [name: string]: unknown }): boolean =>
  Number.isInteger(body.errorCode) &&
  typeof body.message === 'string' &&
  trackingId.test(String(body.trackingId)) &&
  !Number.isNaN(Date.parse(String(body.timestampUtc)));

function isNested(message: string): boolean {
  if (!message.startsWith('{')) return false;
  const inner: unknown = JSON.parse(message);
  return isRecord(inner) && Number.isInteger(inner.errorCode) && trackingId.test(String(inner.trackingId));
}
