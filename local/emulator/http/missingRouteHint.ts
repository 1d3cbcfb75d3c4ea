import { methodsAt } from './routes.ts';

/** Parts of a hub's service API that this emulator does not have, by the beginning of their paths. */
const absentParts: readonly (readonly [pattern: RegExp, part: string])[] = [
  [
    /^configurations(\/|$)|\/applyconfigurationcontent$/,
    'configurations (automatic device management, IoT Edge deployments)',
  ],
  [/^jobs\/v2(\/|$)/, 'scheduled jobs'],
  [/^twins\/.*\/methods$/, 'direct methods'],
  [/^digitaltwins(\/|$)/, 'digital twins (IoT Plug and Play)'],
  [/^devices\/[^/]+\/(modules\/[^/]+\/)?(messages|files)(\/|$)/, 'device side (telemetry, file upload)'],
  [/^devices\/[^/]+\/commands$|^messages(\/|$)/, 'cloud-to-device messages'],
  [/^devices\/[^/]+\/registration$|^faultinjection/, 'device registration'],
  [/^\$iothub\/|^\$servicebus\//, 'AMQP or MQTT over WebSockets'],
];

/** Why a request has no route, for the header `x-emulator-hint`. */
export function missingRouteHint(method: string, segments: readonly string[]): string {
  const methods = methodsAt(segments);
  if (methods.length > 0) return `This path takes ${methods.join(', ')}, not ${method}`;
  const path = segments.join('/').toLowerCase();
  const absent = absentParts.find(([pattern]) => pattern.test(path));
  if (absent) return `A real hub has ${absent[1]}; this emulator has none`;
  return 'Neither this emulator nor, as far as is known, a hub has this path';
}
