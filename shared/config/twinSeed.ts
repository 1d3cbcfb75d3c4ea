import type { TwinObject } from '../policy/moduleSpec.ts';

/**
 * What a twin may hold, in bytes: "IoT Hub quotas and throttling" and "Understand and use module twins in IoT Hub"
 * (sizes, depth, integers); keys and depth as observed in the C# SDK and on a live hub.
 */
const maxSectionBytes = { desired: 32 * 1024, tags: 8 * 1024 };
const maxStringBytes = 4 * 1024;
const maxKeyBytes = 1024;
const maxDepth = 10;
const minInteger = -4_503_599_627_370_496;
const maxInteger = 4_503_599_627_370_495;

type Section = keyof typeof maxSectionBytes;
type Report = (path: (string | number)[], message: string) => void;

/** Something that the hub would refuse; `path` leads there from the section. */
export interface TwinSeedProblem {
  path: (string | number)[];
  message: string;
}

/**
 * What the hub would refuse in a part of a twin seed, told at start and not once for every device. Sizes are counted as
 * the hub does: keys and strings by their UTF-8 bytes, numbers 8, booleans 4.
 */
export function twinSeedProblems(section: Section, seed: TwinObject): TwinSeedProblem[] {
  const problems: TwinSeedProblem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  const bytes = measureObject(seed, [], report);
  const limit = maxSectionBytes[section];
  if (bytes > limit) report([], `takes ${bytes} bytes; a twin holds at most ${limit} bytes of ${section}`);
  return problems;
}

/** Whether `name` can be a key of a twin. */
export function isTwinKey(name: string): boolean {
  return name !== '' && byteLength(name) <= maxKeyBytes && ![...name].some(isForbidden);
}

function measureObject(object: object, path: (string | number)[], report: Report): number {
  let bytes = 0;
  for (const [key, value] of Object.entries(object)) {
    const here = [...path, key];
    if (!isTwinKey(key)) report(here, 'a twin key is 1 to 1,024 bytes without control characters, space, . $ or #');
    bytes += byteLength(key) + measure(value, here, report);
  }
  return bytes;
}

function measure(value: unknown, path: (string | number)[], report: Report): number {
  if (typeof value === 'boolean') return 4;
  if (typeof value === 'number') {
    if (Number.isInteger(value) && (value < minInteger || value > maxInteger)) {
      report(path, `an integer in a twin is ${minInteger} to ${maxInteger}; write a smaller one, or a string`);
    }
    return 8;
  }
  if (typeof value === 'string') {
    const bytes = byteLength(value);
    if (bytes > maxStringBytes) report(path, `takes ${bytes} bytes; a string in a twin has at most ${maxStringBytes}`);
    return bytes;
  }
  if (value === null || value === undefined) {
    report(path, 'null removes a key from a twin, and a new twin has none; leave it out');
    return 0;
  }
  if (path.length > maxDepth) {
    report(path, `is nested too deeply; a twin has at most ${maxDepth} levels`);
    return 0;
  }
  if (!Array.isArray(value)) return measureObject(value, path, report);
  return value.reduce<number>((bytes, entry, index) => bytes + measure(entry, [...path, index], report), 0);
}

function isForbidden(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  const control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
  return control || char === ' ' || char === '.' || char === '$' || char === '#';
}

function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
