import * as z from 'zod/mini';
import type { TwinObject } from '../policy/moduleSpec.ts';
import { objectOf } from './jsonSetting.ts';

// The desired properties of the micro agent, flat and by name: "Micro agent configurations" in Microsoft's documentation of
// Defender for IoT (concept-micro-agent-configuration, 2026-07-03). An agent reports an invalid property in
// `latest_invalid_fields` of its twin, so one mistake in the policy would be reported by every device.

const flag = z.boolean({ error: 'write true or false' });
const frequency = z.enum(['Low', 'Medium', 'High'], { error: 'write "Low", "Medium" or "High"' });
const list = z.string({ error: 'write a text, with commas between the entries' });
const text = z.string({ error: 'write a text' });
const whole = (unit: string) => {
  const error = `write a whole number above 0: ${unit}`;
  return z.int({ error }).check(z.positive({ error }));
};

type Properties = Record<string, z.ZodMiniType>;

/** The properties of each collector, without `_Disabled` and `_MessageFrequency`, which all collectors have. */
const collectors: Record<string, Properties> = {
  Baseline: { _GroupsDisabled: list, _ChecksDisabled: list },
  FileSystem: { _CacheSize: whole('events'), _Recursive: flag, _Paths: list },
  Heartbeat: {},
  LogCollector: {},
  Login: { _UsePAM: flag },
  NetworkActivity: { _CacheSize: whole('events'), _Devices: list, _PacketBufferSize: whole('bytes') },
  Peripheral: { _CacheSize: whole('events') },
  Process: {
    _CacheSize: whole('events'),
    _PollingInterval: whole('microseconds'),
    _Mode: z.literal([1, 2, 3], { error: 'write 1 (automatic), 2 (netlink) or 3 (polling)' }),
  },
  SBoM: {},
  Statistics: { _CacheSize: whole('events') },
  SystemInformation: {
    _HardwareVendor: text,
    _HardwareModel: text,
    _HardwareSerialNumber: text,
    _FirmwareVendor: text,
    _FirmwareVersion: text,
  },
};

const intervals =
  'write three whole numbers of minutes, for the priorities high, medium and low, such as "30,120,1440"';

const ofAllCollectors: Properties = {
  CollectorsCore_PriorityIntervals: z
    .string({ error: intervals })
    .check(z.regex(/^\s*[1-9]\d*(\s*,\s*[1-9]\d*){2}\s*$/, { error: intervals })),
  IothubModule_MessageTimeout: whole('minutes'),
};

/** Schema of the desired properties: every documented property is optional, and no others are allowed. */
export const microAgentSchema = objectOf(
  Object.fromEntries(
    [
      ...Object.entries(collectors).flatMap(([collector, properties]) =>
        Object.entries({ _Disabled: flag, _MessageFrequency: frequency, ...properties }).map(
          ([name, type]): [string, z.ZodMiniType] => [`${collector}${name}`, type],
        ),
      ),
      ...Object.entries(ofAllCollectors),
    ].map(([name, type]) => [name, z.exactOptional(type)]),
  ),
  'a setting of the micro agent (https://learn.microsoft.com/azure/defender-for-iot/device-builders/concept-micro-agent-configuration)',
);

/** The names of all documented properties. */
export const microAgentSettings: readonly string[] = Object.keys(microAgentSchema.shape);

/** Returns the desired properties that the agent would refuse or ignore, and what to write instead. `path` starts at `desired`. */
export function microAgentProblems(desired: TwinObject): { path: PropertyKey[]; message: string }[] {
  return microAgentSchema.safeParse(desired).error?.issues.map(({ path, message }) => ({ path, message })) ?? [];
}
