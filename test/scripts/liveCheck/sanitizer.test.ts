import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ownIdentities } from '../../../scripts/liveCheck/ownIdentities.ts';
import { Sanitizer } from '../../../scripts/liveCheck/sanitizer.ts';

const own = ownIdentities('0a1b2c');
const sanitizer = () => new Sanitizer('Fabrikam-Plant.azure-devices.net', own);
const request = { method: 'GET', path: '/devices?api-version=1', headers: {} } as const;
const bodyOf = (body: unknown) => sanitizer().exchange(request, { status: 200, headers: {}, body }).response.body;

describe('A sanitized recording', () => {
  test('keeps words of the service, and replaces all that names hub, run or secret', () => {
    const message =
      `Device ${own.scratch} in IotHub FABRIKAM-PLANT at fabrikam-plant.service.azure-devices.net from 10.1.2.3 (principal ` +
      '11111111-2222-3333-4444-555566667777) failed: Total 12 of 400004, key abc/DEF+123== at 2026-11-29T01:02:03Z';
    expect(
      bodyOf({
        Message: message,
        ExceptionMessage: `Tracking ID:${'ab12'.repeat(8)}-G:0-TimeStamp:08/20/2020 20:58:38`,
      }),
    ).toEqual({
      Message:
        'Device LiveCheckDevice0000001 in IotHub contoso at Sanitized from Sanitized (principal ' +
        '00000000-0000-0000-0000-000000000000) failed: Total 12 of 400004, key Sanitized== at 2026-11-29T01:02:03Z',
      ExceptionMessage: `Tracking ID:${'0'.repeat(32)}-G:0-TimeStamp:08/20/2020 20:58:38`,
    });
  });

  test('unknown members keep their name and lose their value', () => {
    expect(bodyOf({ adrDeviceProperties: { uuid: 'x', name: 'plant' }, size: 77, isOn: true, 'a b': 'c' })).toEqual({
      ...{ adrDeviceProperties: { uuid: 'Sanitized', name: 'Sanitized' }, size: 0, isOn: true, Sanitized: 'Sanitized' },
    });
  });

  test('ids of others are replaced, and equal etags stay equal', () => {
    const rows = [
      { deviceId: 'pump-1', etag: 'NDA0NTM1MTM=', deviceEtag: 'AAAAAAAAAAE=' },
      { deviceId: own.scratch, etag: 'NDA0NTM1MTM=', deviceEtag: 'AAAAAAAAABE=' },
    ];
    expect(bodyOf(rows)).toEqual([
      { deviceId: 'Sanitized', etag: 'MTAwMDAwMQ==', deviceEtag: 'AAAAAAAAAAI=' },
      { deviceId: 'LiveCheckDevice0000001', etag: 'MTAwMDAwMQ==', deviceEtag: 'AAAAAAAAAAM=' },
    ]);
  });

  test('drops headers that are not on the list, and hides continuation tokens', () => {
    const headers = {
      'x-ms-continuation': 'abc==',
      'x-ms-request-id': 'r',
      'iothub-errorcode': 'DeviceNotFound',
      server: 's',
    };
    const { response } = sanitizer().exchange(
      { ...request, headers: { 'x-ms-continuation': 'abc==' } },
      { status: 404, headers, body: undefined },
    );
    expect(response.headers).toEqual({ 'x-ms-continuation': 'Sanitized', 'iothub-errorcode': 'DeviceNotFound' });
  });

  test('no key survives, wherever in an answer it stands', () => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    const place = fc.constantFrom(
      'Message',
      'message',
      'etag',
      'deviceId',
      'moduleId',
      'primaryKey',
      'status',
      'other',
      'trackingId',
    );
    fc.assert(
      fc.property(key, place, fc.constantFrom('', ' ', "'", '"', ':'), (secret, name, mark) => {
        const body = { [name]: `a${mark}${secret}${mark}b`, inner: [{ [name]: secret }] };
        expect(JSON.stringify(bodyOf(body))).not.toContain(secret.slice(0, 43));
        expect(JSON.stringify(bodyOf(`a ${secret}`))).not.toContain(secret.slice(0, 43));
      }),
    );
  });
});
