import type { Expression } from './ast.ts';

/**
 * The only device ids that can match a condition such as `deviceId = 'a' AND …` or `deviceId IN ['a', 'b']`; undefined
 * if any device can. With them a query looks devices up instead of scanning the whole hub.
 */
export function candidateDeviceIds(where: Expression | undefined): readonly string[] | undefined {
  switch (where?.kind) {
    case 'and':
      return candidateDeviceIds(where.left) ?? candidateDeviceIds(where.right);
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
