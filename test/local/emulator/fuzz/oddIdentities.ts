import type { HubState } from '../../../../local/emulator/state/hubState.ts';
import { specialDeviceIds } from '../../../../local/emulator/state/seedDevices.ts';

/** The ids that fuzzed requests name most. */
export const oddIds = ['a', 'b', "a'b", '50%_#1?', '$edge-like', 'constructor', '__proto__'] as const;

/** Creates devices and modules of every kind on a hub, with unusual tags. */
export function oddIdentities(hub: HubState): void {
  for (const deviceId of new Set([...specialDeviceIds, ...oddIds])) hub.createDevice({ deviceId });
  hub.createModule('a', { moduleId: 'm', desired: { level: 1, deep: { list: [1, null, 'x'] } } });
  hub.createModule('a', { moduleId: '__proto__' });
  hub.setDeviceStatus('b', 'disabled');
  hub.createDevice({
    deviceId: 'edge',
    edge: true,
    tags: JSON.parse('{"__proto__":{"x":1},"constructor":2,"a":null}'),
  });
  hub.patchTags('a', { site: 'cork', size: 2, toString: 'text', empty: {}, list: [] });
  hub.createDevice({ deviceId: 'ca', authentication: { type: 'certificateAuthority' } });
}
