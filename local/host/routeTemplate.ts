import { decodeSegment } from './decodeSegment.ts';
import { HostConfigurationError } from './hostError.ts';

/** A parsed route of an HTTP function. */
export interface RouteTemplate {
  /** Values by parameter name, decoded once; `undefined` if the path does not match. */
  match(path: string): Record<string, string> | undefined;
  /** One rank for each segment: if two routes match, the one with the lower rank at the first difference wins. */
  ranks: readonly number[];
}

/** The supported constraints. */
const constraints: Readonly<Record<string, RegExp>> = {
  alpha: /^[a-z]+$/i,
  bool: /^(true|false)$/i,
  guid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  int: /^-?\d{1,10}$/,
  long: /^-?\d{1,19}$/,
};

const segmentRanks = { literal: 0, constrained: 1, parameter: 2, catchAll: 3 } as const;

interface Segment {
  rank: number;
  optional: boolean;
  /** Parameter name; a literal has none. */
  name?: string;
  accepts: (value: string) => boolean;
}

/**
 * Parses an ASP.NET Core route template as HTTP functions use it: literals (any case), `{name}`, `{name?}`,
 * `{name:constraint}` and a last `{*rest}`. Throws `HostConfigurationError` for anything else.
 */
export function parseRouteTemplate(template: string): RouteTemplate {
  const segments = splitPath(template).map((text) => parseSegment(text, template));
  const misplaced = segments.slice(0, -1).some(({ optional, rank }) => optional || rank === segmentRanks.catchAll);
  if (misplaced) throw unsupported(template, 'only the last segment may be optional or take the rest of the path');
  return {
    ranks: segments.map(({ rank }) => rank),
    match: (path) => matchSegments(segments, splitPath(path)),
  };
}

/** Sorts the more specific template first. */
export function compareTemplates(one: RouteTemplate, other: RouteTemplate): number {
  const difference = one.ranks
    .map((rank, index) => rank - (other.ranks[index] ?? segmentRanks.catchAll))
    .find((d) => d !== 0);
  return difference ?? 0;
}

function parseSegment(text: string, template: string): Segment {
  if (!/[{}]/.test(text)) {
    return {
      rank: segmentRanks.literal,
      optional: false,
      accepts: (value) => value.toLowerCase() === text.toLowerCase(),
    };
  }
  const match = /^\{(\*{0,2})([A-Za-z_]\w*)(?::(\w+))?(\?)?\}$/.exec(text);
  if (!match)
    throw unsupported(template, `"${text}" is neither a literal nor {name}, {name?}, {name:constraint} or {*name}`);
  const [, stars, name = '', constraintName, question] = match;
  const constraint = constraintName === undefined ? undefined : constraints[constraintName];
  if (constraintName !== undefined && !constraint) {
    throw unsupported(template, `use one of the constraints ${Object.keys(constraints).join(', ')}`);
  }
  const rank = stars ? segmentRanks.catchAll : constraint ? segmentRanks.constrained : segmentRanks.parameter;
  return { rank, name, optional: Boolean(question || stars), accepts: (value) => constraint?.test(value) ?? true };
}

function matchSegments(segments: readonly Segment[], parts: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index];
    if (part === undefined) return segment.optional && index === segments.length - 1 ? params : undefined;
    const value =
      segment.rank === segmentRanks.catchAll ? parts.slice(index).map(decodeSegment).join('/') : decodeSegment(part);
    if (value === '' || !segment.accepts(value)) return undefined;
    if (segment.name !== undefined) params[segment.name] = value;
    if (segment.rank === segmentRanks.catchAll) return params;
  }
  return parts.length === segments.length ? params : undefined;
}

/** Ignores leading and trailing slashes, as ASP.NET Core does. */
function splitPath(path: string): string[] {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

function unsupported(template: string, why: string): HostConfigurationError {
  return new HostConfigurationError(`Route "${template}" is not supported here: ${why}.`);
}
