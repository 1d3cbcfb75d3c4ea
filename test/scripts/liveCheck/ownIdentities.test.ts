import { describe, expect, test } from '@jest/globals';
import type { HubRequest } from '../../../scripts/liveCheck/httpExchange.ts';
import { ownIdentities, requireOwn } from '../../../scripts/liveCheck/ownIdentities.ts';

const own = ownIdentities('1');
const request = (method: HubRequest['method'], path: string, body?: unknown): HubRequest => ({
  method,
  path,
  headers: {},
  body,
});

describe('The live check', () => {
  test.each([
    request('GET', `/devices/${own.scratch}?api-version=1`),
    request('PUT', `/devices/${own.scratch}/modules/m?api-version=1`),
    request('DELETE', `/devices/${own.missing}`),
    request('POST', '/devices/query', { query: 'SELECT * FROM devices' }),
    request('POST', '/devices', [{ id: own.scratch }, { id: own.missing }]),
  ])('may send a call for its own devices, or a query: $method $path', (allowed) => {
    expect(() => requireOwn(allowed, own)).not.toThrow();
  });

  test.each([
    request('DELETE', '/devices/pump-1'),
    request('PUT', '/devices/pump-1/modules/m'),
    request('DELETE', `/devices/${own.scratch}-2`),
    request('POST', '/devices', [{ id: own.scratch }, { id: 'pump-1' }]),
    request('POST', '/devices', { id: own.scratch }),
    request('POST', '/jobs/create', {}),
    request('DELETE', '/devices'),
    request('PUT', `/twins/${own.scratch}`),
    request('DELETE', `/devices/${own.scratch}/modules/m/../../pump-1`),
  ])('may not send a call for anything else: $method $path', (forbidden) => {
    expect(() => requireOwn(forbidden, own)).toThrow('another device than its own');
  });
});
