import type { Expression } from './ast.ts';

/**
 * The only device ids that can match, if the condition says so (`deviceId = 'a' AND …`, `deviceId IN ['a', 'b']`);
 * undefined if any device can. Lets a query on a large hub look devices up instead of walking over all.
 */
export function deviceIdsNamed(where: Expression | undefined): readonly string[] | undefined {
  switch (where?.kind) {
    case 'and':
      return deviceIdsNamed(where.left) ?? deviceIdsNamed(where.right);
    case 'compare':
      if (where.operator !== '=') return undefined;
      if (isDeviceId(where.left)) return literalString(where.right);
      return isDeviceId(where.right) ? literalString(where.left) : undefined;
    case 'in':
      if (where.negated || !isDeviceId(where.operand)) return undefined;
      return [...new Set(where.values.filter((value) => typeof value === 'string'))];
    default:
      return undefined;
  }
}

const isDeviceId = (expression: Expression): boolean =>
  expression.kind === 'path' && expression.path.length === 1 && expression.path[0]?.toLowerCase() === 'deviceid';

const literalString = (expression: Expression): readonly string[] | undefined =>
  expression.kind === 'literal' && typeof expression.value === 'string' ? [expression.value] : undefined;
