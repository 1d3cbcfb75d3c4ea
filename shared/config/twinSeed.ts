import type { TwinObject } from '../policy/moduleSpec.ts';

/**
 * Limits of a twin. Sizes, depth and integers: "IoT Hub quotas and throttling" and "Understand and use module twins in
 * IoT Hub". Keys and depth: also observed in the C# SDK and on a live hub.
 */
const maxSectionBytes = { desired: 32 * 1024, tags: 8 * 1024 };
const maxStringBytes = 4 * 1024;
const maxKeyBytes = 1024;
const maxDepth = 10;
const minInteger = -4_503_599_627_370_496;
const maxInteger = 4_503_599_627_370_495;

type Section = keyof typeof maxSectionBytes;
type Report = (path: (string | number)[], message: string) => void;

/** One value that the hub would refuse; `path` starts at the section. */
export interface TwinSeedProblem {
  path: (string | number)[];
  message: string;
}

/**
 * Returns what the hub would refuse in one section of a twin seed, so that the problem is reported when the policy is read and
 * not once for every device. The size is counted as the hub counts it: UTF-8 bytes for keys and strings, 8 for a number, 4 for
 * a boolean.
 */
export function twinSeedProblems(section: Section, seed: TwinObject): TwinSeedProblem[] {
  const problems: TwinSeedProblem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  const bytes = measureObject(seed, [], report);
  const limit = maxSectionBytes[section];
  if (bytes > limit) report([], `has ${bytes} bytes; a twin has at most ${limit} bytes of ${section}`);
  return problems;
}

/** Whether `name` is a valid key of a twin. */
export function isTwinKey(name: string): boolean {
  return name !== '' && name.isWellFormed() && byteLength(name) <= maxKeyBytes && ![...name].some(isForbidden);
}

function measureObject(object: object, path: (string | number)[], report: Report): number {
  let bytes = 0;
  for (const [key, value] of Object.entries(object)) {
    const here = [...path, key];
    if (!isTwinKey(key)) report(here, 'a twin key has 1 to 1,024 bytes, without control characters, spaces, . $ and #');
    bytes += byteLength(key) + measure(value, here, report);
  }
  return bytes;
}

function measure(value: unknown, path: (string | number)[], report: Report): number {
  if (typeof value === 'boolean') return 4;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) report(path, 'is too large for a number; write another one, or a string');
    if (Object.is(value, -0)) report(path, 'a hub keeps no -0; write 0');
    if (Number.isInteger(value) && (value < minInteger || value > maxInteger)) {
      report(path, `an integer in a twin is from ${minInteger} to ${maxInteger}; write another one, or a string`);
    }
    return 8;
  }
  if (typeof value === 'string') {
    const bytes = byteLength(value);
    if (!value.isWellFormed())
      report(path, 'has a lone surrogate (half of a character), which UTF-8 cannot encode; remove it');
    if (bytes > maxStringBytes) report(path, `has ${bytes} bytes; a string in a twin has at most ${maxStringBytes}`);
    return bytes;
  }
  if (value === null || value === undefined) {
    report(path, 'null removes a key, and a new twin has no keys; leave it out');
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
