// The members of the service's responses in their order, with the kind of each value, as `shapeOf` returns them.
// Source: recordings of azure-sdk-for-net, 2020.

type Shape = readonly (readonly [name: string, kind: unknown])[];

const noThumbprints: Shape = [
  ['primaryThumbprint', null],
  ['secondaryThumbprint', null],
];

const sasAuthentication: Shape = [
  [
    'symmetricKey',
    [
      ['primaryKey', 'key'],
      ['secondaryKey', 'key'],
    ],
  ],
  ['x509Thumbprint', noThumbprints],
  ['type', 'sas'],
];

/** The response to a create has times without time zone, all later responses have it. */
export type Moment = 'created' | 'read';

const never = (moment: Moment): string => (moment === 'created' ? 'never' : 'never, with zone');

/** A new SAS device whose id ends in seven digits or more. */
export const deviceShape = (moment: Moment): Shape => [
  ['deviceId', 'id'],
  ['generationId', 'ticks'],
  ['etag', 'identity etag'],
  ['connectionState', 'Disconnected'],
  ['status', 'enabled'],
  ['statusReason', null],
  ['connectionStateUpdatedTime', never(moment)],
  ['statusUpdatedTime', never(moment)],
  ['lastActivityTime', never(moment)],
  ['cloudToDeviceMessageCount', 'number'],
  ['authentication', sasAuthentication],
  ['capabilities', [['iotEdge', 'boolean']]],
  ...(moment === 'created' ? ([['parentScopes', []]] as const) : []),
];

/** A SAS module, on a device as above. */
export const moduleShape = (moment: Moment, moduleId: string, managedBy: string | null = null): Shape => [
  ['moduleId', moduleId],
  ['managedBy', managedBy],
  ['deviceId', 'id'],
  ['generationId', 'ticks'],
  ['etag', 'identity etag'],
  ['connectionState', 'Disconnected'],
  ['connectionStateUpdatedTime', never(moment)],
  ['lastActivityTime', never(moment)],
  ['cloudToDeviceMessageCount', 'number'],
  ['authentication', sasAuthentication],
];

const twinHead: Shape = [
  ['etag', 'twin etag'],
  ['deviceEtag', 'identity etag'],
  ['status', 'enabled'],
  ['statusUpdateTime', 'never, with zone'],
  ['connectionState', 'Disconnected'],
  ['lastActivityTime', 'never, with zone'],
  ['cloudToDeviceMessageCount', 'number'],
  ['authenticationType', 'sas'],
  ['x509Thumbprint', noThumbprints],
  ['version', 'number'],
];

const bornSection = (metadata: Shape): Shape => [
  ['$metadata', metadata],
  ['$version', 'number'],
];

const updatedAt = (kind: string, hasVersion: boolean): Shape => [
  ['$lastUpdated', kind],
  ...(hasVersion ? ([['$lastUpdatedVersion', 'number']] as const) : []),
];

/** The twin of such a device, never written to. */
export const deviceTwinShape: Shape = [
  ['deviceId', 'id'],
  ...twinHead,
  [
    'properties',
    [
      ['desired', bornSection(updatedAt('time, with zone', false))],
      ['reported', bornSection(updatedAt('time, with zone', false))],
    ],
  ],
  ['capabilities', [['iotEdge', 'boolean']]],
];

/**
 * The initial twin of such a module. A read by id returns it without `capabilities`, a query with them. The metadata of
 * a module created by PUT has no time; that of one created in bulk has its creation time and a version.
 */
export const moduleTwinShape = (
  moduleId: string,
  how: { born: 'singly' | 'inBulk'; seen: 'byId' | 'inQuery' },
): Shape => {
  const metadata = how.born === 'singly' ? updatedAt('never, with zone', false) : updatedAt('time, with zone', true);
  return [
    ['deviceId', 'id'],
    ['moduleId', moduleId],
    ...twinHead,
    [
      'properties',
      [
        ['desired', bornSection(metadata)],
        ['reported', bornSection(metadata)],
      ],
    ],
    ...(how.seen === 'inQuery' ? ([['capabilities', [['iotEdge', 'boolean']]]] as const) : []),
  ];
};
