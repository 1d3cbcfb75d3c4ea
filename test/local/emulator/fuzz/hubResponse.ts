import { expect } from '@jest/globals';
import { shapeOfRefusal } from '../conformance/refusal.ts';
import type { Reply } from '../hubClient.ts';

/** What a successful call returns. */
export type ResponseKind =
  | 'device'
  | 'devices'
  | 'module'
  | 'modules'
  | 'twin'
  | 'rows'
  | 'bulk'
  | 'counts'
  | 'nothing';

const firstNames: Readonly<Record<'device' | 'module' | 'twin' | 'counts' | 'bulk', readonly string[]>> = {
  device: ['deviceId', 'generationId', 'etag', 'connectionState', 'status'],
  module: ['moduleId', 'managedBy', 'deviceId', 'generationId', 'etag'],
  twin: ['deviceId'],
  counts: ['totalDeviceCount', 'enabledDeviceCount', 'disabledDeviceCount'],
  bulk: ['isSuccessful', 'errors', 'warnings'],
};

/** Fails unless the response is a success of this kind or an error in one of the known formats. */
export function expectHubResponse(responseKind: ResponseKind, reply: Reply): void {
  expect(reply.status).toBeLessThan(500);
  if (reply.status >= 400) {
    expect(reply.headers['iothub-errorcode']).toMatch(/^[A-Z][A-Za-z]+$/);
    const shape = shapeOfRefusal(reply);
    expect([reply.body, shape]).toEqual([
      reply.body,
      expect.stringMatching(responseKind === 'bulk' ? /./ : /^(text|flat|nested)$/),
    ]);
    if (shape === 'bulk') expectBulkErrors(reply.body);
    return;
  }
  expect(reply.status).toBe(responseKind === 'nothing' ? 204 : 200);
  if (responseKind === 'nothing') {
    expect(reply.body).toBeUndefined();
    return;
  }
  expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
  if (responseKind === 'devices' || responseKind === 'modules' || responseKind === 'rows') {
    expect(Array.isArray(reply.body)).toBe(true);
    if (responseKind === 'rows') expect(['Twin', 'Raw']).toContain(reply.headers['x-ms-item-type']);
    return;
  }
  const wanted = firstNames[responseKind];
  expect(Object.keys(reply.body as object).slice(0, wanted.length)).toEqual(wanted);
}

function expectBulkErrors(body: unknown): void {
  const { errors } = body as { errors: { [name: string]: unknown }[] };
  expect(errors.length).toBeGreaterThan(0);
  for (const error of errors) {
    expect(Object.keys(error)).toEqual(['deviceId', 'moduleId', 'errorCode', 'errorStatus', 'operation']);
    expect([typeof error.deviceId, typeof error.errorCode, typeof error.errorStatus]).toEqual([
      'string',
      'string',
      'string',
    ]);
  }
}
