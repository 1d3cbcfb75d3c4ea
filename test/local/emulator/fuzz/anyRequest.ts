import fc from 'fast-check';
import type { ResponseKind } from './hubResponse.ts';
import { mutated } from './mutated.ts';
import { oddIds } from './oddIdentities.ts';

export interface FuzzedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** Missing, JSON, or bytes that may not be JSON. */
  body?: unknown;
  responseKind: ResponseKind;
}

const id = fc.oneof(
  { arbitrary: fc.constantFrom(...oddIds, 'm', '$edgeHub', 'edge', 'new'), weight: 9 },
  { arbitrary: fc.string({ minLength: 1, maxLength: 6 }), weight: 1 },
);
const segment = id.map(encodeURIComponent);

/** Printable: Node refuses to send anything else in a header. */
const headerText = fc.stringMatching(/^[\x21-\x7e]{0,20}$/);
const ifMatch = fc.oneof(
  fc.constantFrom('*', '"*"', '""', '', '"AAAAAAAAAAE="', 'W/"x"', '"', '"a", "b"', 'abc'),
  headerText,
);
const headers = fc.oneof(
  fc.constant({}),
  ifMatch.map((text): Record<string, string> => ({ 'if-match': text })),
  fc
    .tuple(headerText, headerText)
    .map(([rows, token]): Record<string, string> => ({ 'x-ms-max-item-count': rows, 'x-ms-continuation': token })),
);

const authentication = {
  type: 'sas',
  symmetricKey: { primaryKey: '', secondaryKey: '' },
  x509Thumbprint: { primaryThumbprint: null },
};
const twin = {
  tags: { site: 'cork' },
  properties: { desired: { level: 1, deep: { x: [1] } }, reported: {} },
  etag: '*',
};

/** A valid body for each call, from which fuzzing starts. */
const deviceBody = (deviceId: string) => ({
  deviceId,
  status: 'enabled',
  statusReason: null,
  authentication,
  capabilities: { iotEdge: false },
});
const moduleBody = (deviceId: string, moduleId: string) => ({ deviceId, moduleId, managedBy: null, authentication });
const bulkModes = fc.constantFrom(
  ...[
    'create',
    'update',
    'updateIfMatchETag',
    'createOrUpdate',
    'createOrUpdateIfMatchETag',
    'delete',
    'deleteIfMatchETag',
    'updateTwin',
    'updateTwinIfMatchETag',
  ],
);
const bulkEntry = fc
  .record({ id, module: fc.option(id), importMode: bulkModes })
  .map(({ id: deviceId, module, importMode }) => ({
    ...{ id: deviceId, importMode, status: 'enabled', authentication, ...twin, eTag: '*', twinETag: '*' },
    ...(module === null ? {} : { moduleId: module }),
  }));

type Call = fc.Arbitrary<Omit<FuzzedRequest, 'headers'>>;

const call = (
  method: string,
  responseKind: ResponseKind,
  path: fc.Arbitrary<string>,
  body?: fc.Arbitrary<unknown>,
): Call =>
  body
    ? fc.record({ method: fc.constant(method), responseKind: fc.constant(responseKind), path, body: mutated(body) })
    : fc.record({ method: fc.constant(method), responseKind: fc.constant(responseKind), path });

const devicePaths = segment.map((device) => `/devices/${device}`);
const modulePaths = fc.tuple(segment, segment).map(([device, module]) => `/devices/${device}/modules/${module}`);
const twinPaths = fc.oneof(
  segment.map((device) => `/twins/${device}`),
  fc.tuple(segment, segment).map(([device, module]) => `/twins/${device}/modules/${module}`),
);

/** Makes body and path agree on the id more often than by chance. */
const namedCall = (responseKind: 'device' | 'module'): Call =>
  fc
    .tuple(id, id)
    .chain(([device, module]) =>
      responseKind === 'device'
        ? call(
            'PUT',
            responseKind,
            fc.constant(`/devices/${encodeURIComponent(device)}`),
            fc.constant(deviceBody(device)),
          )
        : call(
            'PUT',
            responseKind,
            fc.constant(`/devices/${encodeURIComponent(device)}/modules/${encodeURIComponent(module)}`),
            fc.constant(moduleBody(device, module)),
          ),
    );

/** One call of any operation, with valid, nearly valid or arbitrary path, headers and body. */
export const anyRequest: fc.Arbitrary<FuzzedRequest> = fc
  .tuple(
    fc.oneof(
      namedCall('device'),
      namedCall('module'),
      call('POST', 'bulk', fc.constant('/devices'), fc.array(bulkEntry, { maxLength: 4 })),
      call('PATCH', 'twin', twinPaths, fc.constant(twin)),
      call('PUT', 'twin', twinPaths, fc.constant(twin)),
      call('POST', 'rows', fc.constant('/devices/query'), fc.constant({ query: 'SELECT * FROM devices' })),
      call('GET', 'twin', twinPaths),
      call('GET', 'device', devicePaths),
      call('GET', 'module', modulePaths),
      call(
        'GET',
        'modules',
        devicePaths.map((path) => `${path}/modules`),
      ),
      call(
        'GET',
        'devices',
        fc.string({ maxLength: 4 }).map((top) => `/devices?top=${encodeURIComponent(top)}`),
      ),
      call('GET', 'counts', fc.constant('/statistics/devices')),
      call('DELETE', 'nothing', fc.oneof(devicePaths, modulePaths)),
    ),
    headers,
  )
  .map(([request, sent]) => ({ ...request, headers: sent }));
