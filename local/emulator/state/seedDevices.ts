import type { Random } from '../../../shared/clock.ts';
import { repeatableRandom } from '../../repeatableRandom.ts';
import type { HubState } from './hubState.ts';
import type { Authentication } from './identityRow.ts';
import type { DeviceSpec } from './identitySpec.ts';

/** Shares of all seeded devices, each 0 to 1, drawn independently: an Edge device may also be disabled. */
interface SeedMix {
  /** Edge devices, with `$edgeAgent`, `$edgeHub` and a module managed by an Edge deployment. */
  edge: number;
  selfSigned: number;
  certificateAuthority: number;
  /** Devices that already have the module; never Edge or disabled devices. */
  withModule: number;
  disabled: number;
  /** Devices with `tags.site` and `tags.environment`. */
  tagged: number;
}

/** Chosen freely, not measured on a real fleet. Most devices do not have the module. */
const defaultMix: Readonly<SeedMix> = {
  edge: 0.06,
  selfSigned: 0.06,
  certificateAuthority: 0.06,
  withModule: 0.12,
  disabled: 0.03,
  tagged: 0.5,
};

/** Which devices to create. */
export interface SeedOptions {
  count: number;
  /** Overrides single shares of `defaultMix`. */
  mix?: Partial<SeedMix>;
  /** Default: its own seeded generator, so that equal options give equal devices. */
  random?: Random;
  /** The module of `withModule`. Default DefenderIotMicroAgent. */
  moduleId?: string;
  /** Whether some devices get the ids of `specialDeviceIds`, after at most `plainFirst` others; default true. */
  specialIds?: boolean;
}

/** Valid ids that break code without proper encoding: quotes, percent signs, every allowed mark, paths, full length. */
export const specialDeviceIds: readonly string[] = [
  "a'b",
  '50%_#1?',
  'x*(y)!$@=;,:.+',
  '%2F..%2e',
  '...',
  "''''",
  '$edge-like',
  'query',
  '-:.+%_#*?!(),=@;$',
  'L'.repeat(128),
];

/** Number of devices before those with special ids; never more than half of all devices. */
const plainFirst = 20;

const sites = ['aarhus', 'brno', 'cork', 'detroit'];
const machines = ['press', 'pump', 'oven', 'meter', 'camera'];
const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

/** Creates `count` devices on a hub, dated within the past year, so that reads and queries return them at once. */
export function seedDevices(hub: HubState, options: SeedOptions): void {
  const mix = { ...defaultMix, ...options.mix };
  const random = options.random ?? repeatableRandom();
  const moduleId = options.moduleId ?? 'DefenderIotMicroAgent';
  const specials = (options.specialIds ?? true) ? specialDeviceIds : [];
  const firstSpecial = Math.min(plainFirst, Math.ceil(options.count / 2));
  for (let index = 0; index < options.count; index += 1) {
    const deviceId = specials[index - firstSpecial] ?? plainId(index + 1, random);
    seedDevice(hub, deviceId, { mix, random, moduleId });
  }
}

function seedDevice(hub: HubState, deviceId: string, seed: { mix: SeedMix; random: Random; moduleId: string }): void {
  const { mix, random, moduleId } = seed;
  const isDrawn = (share: number) => random() < share;
  const createdAtMs = hub.nowMs() - hourMs - Math.floor(random() * yearMs);
  const edge = isDrawn(mix.edge);
  const disabled = isDrawn(mix.disabled);
  const authentication = drawAuthentication(mix, random);
  const withModule = isDrawn(mix.withModule);
  const tags = isDrawn(mix.tagged) ? { tags: drawTags(random) } : {};
  const spec: DeviceSpec = {
    deviceId,
    createdAtMs,
    edge,
    status: disabled ? 'disabled' : 'enabled',
    ...tags,
    ...(authentication ? { authentication } : {}),
  };
  hub.createDevice(spec);
  const moduleCreatedAtMs = createdAtMs + hourMs / 2;
  if (edge) {
    hub.createModule(deviceId, { moduleId: 'tempSensor', managedBy: 'IotEdge', createdAtMs: moduleCreatedAtMs });
  } else if (withModule && !disabled) {
    // As the portal does: a CA device gets a CA module, all others a SAS module.
    const inherited = authentication?.type === 'certificateAuthority' ? { authentication } : {};
    hub.createModule(deviceId, { moduleId, createdAtMs: moduleCreatedAtMs, ...inherited });
  }
}

function drawAuthentication(mix: SeedMix, random: Random): Authentication | undefined {
  const draw = random();
  if (draw < mix.selfSigned) {
    return {
      type: 'selfSigned',
      thumbprints: { primaryThumbprint: drawHex(40, random), secondaryThumbprint: drawHex(40, random) },
    };
  }
  return draw < mix.selfSigned + mix.certificateAuthority ? { type: 'certificateAuthority' } : undefined;
}

const drawTags = (random: Random) => ({
  site: pick(sites, random),
  environment: random() < 0.8 ? 'production' : 'test',
});

/** Such as `cork-press-017`. */
const plainId = (number: number, random: Random): string =>
  `${pick(sites, random)}-${pick(machines, random)}-${String(number).padStart(3, '0')}`;

const pick = (items: readonly string[], random: Random): string => items[Math.floor(random() * items.length)] ?? '';

const drawHex = (length: number, random: Random): string =>
  Array.from({ length }, () =>
    Math.floor(random() * 16)
      .toString(16)
      .toUpperCase(),
  ).join('');
