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

describe('What the live check may send', () => {
  test.each([
    request('GET', `/devices/${own.scratch}?api-version=1`),
    request('PUT', `/devices/${own.scratch}/modules/m?api-version=1`),
    request('DELETE', `/devices/${own.missing}`),
    request('POST', '/devices/query', { query: 'SELECT * FROM devices' }),
    request('POST', '/devices', [{ id: own.scratch }, { id: own.missing }]),
  ])('its own devices and queries: $method $path', (allowed) => {
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
  ])('nothing else: $method $path', (forbidden) => {
    expect(() => requireOwn(forbidden, own)).toThrow('another device than its own');
  });
});
