import type { ArithmeticOperator, ComparisonOperator, Expression, Path } from './ast.ts';

/** Reads single fields of a row, without making its whole JSON. */
export interface Fields<Row> {
  /** The canonical spelling of a top-level name. */
  canonical(name: string): string;
  read(row: Row, name: string): unknown;
}

export type Evaluator<Row> = (row: Row) => unknown;

/**
 * Compiles an expression to a function of a row. A missing property is `undefined`, and so is everything computed from
 * it; only `true` selects a row. Microsoft documents that any result but true counts as false; that NOT of undefined is
 * undefined is our choice.
 */
export function compileExpression<Row>(expression: Expression, fields: Fields<Row>): Evaluator<Row> {
  switch (expression.kind) {
    case 'literal':
      return () => expression.value;
    case 'path':
      return compilePath(expression.path, fields);
    case 'isDefined': {
      const value = compilePath(expression.path, fields);
      return (row) => value(row) !== undefined;
    }
    case 'not': {
      const operand = compileExpression(expression.operand, fields);
      return (row) => negated(operand(row));
    }
    case 'in': {
      const operand = compileExpression(expression.operand, fields);
      const values = new Set(expression.values);
      return (row) => {
        const value = operand(row);
        return isPrimitive(value) ? values.has(value) !== expression.negated : undefined;
      };
    }
    default:
      return compileTwoSided(expression, fields);
  }
}

/** Compiles a path to a function that returns its value in a row, or undefined. */
export function compilePath<Row>(path: Path, fields: Fields<Row>): Evaluator<Row> {
  const [first = '', ...rest] = path;
  const top = fields.canonical(first);
  if (rest.length === 0) return (row) => fields.read(row, top);
  return (row) => rest.reduce<unknown>(member, fields.read(row, top));
}

type TwoSided = Exclude<Expression, { kind: 'literal' | 'path' | 'isDefined' | 'not' | 'in' }>;

function compileTwoSided<Row>(expression: TwoSided, fields: Fields<Row>): Evaluator<Row> {
  if (expression.kind === 'stringTest') {
    const text = compileExpression(expression.text, fields);
    const part = compileExpression(expression.part, fields);
    const isStart = expression.test === 'STARTSWITH';
    return (row) => {
      const [whole, piece] = [text(row), part(row)];
      if (typeof whole !== 'string' || typeof piece !== 'string') return undefined;
      return isStart ? whole.startsWith(piece) : whole.endsWith(piece);
    };
  }
  if (expression.kind === 'arrayContains') {
    const array = compileExpression(expression.array, fields);
    const item = compileExpression(expression.item, fields);
    return (row) => contains(array(row), item(row));
  }
  const left = compileExpression(expression.left, fields);
  const right = compileExpression(expression.right, fields);
  switch (expression.kind) {
    case 'and':
      return (row) => and(left(row), () => right(row));
    case 'or':
      return (row) => or(left(row), () => right(row));
    case 'compare':
      return (row) => compare(expression.operator, left(row), right(row));
    case 'arithmetic':
      return (row) => calculate(expression.operator, left(row), right(row));
  }
}

type Primitive = string | number | boolean | null;

const isPrimitive = (value: unknown): value is Primitive =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const negated = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? !value : undefined);

function and(left: unknown, right: () => unknown): boolean | undefined {
  if (left === false) return false;
  const other = right();
  if (other === false) return false;
  return left === true && other === true ? true : undefined;
}

function or(left: unknown, right: () => unknown): boolean | undefined {
  if (left === true) return true;
  const other = right();
  if (other === true) return true;
  return left === false && other === false ? false : undefined;
}

/** Undefined unless `array` is an array and `item` a primitive (azure-iot-cli-extension queries `parentScopes` this way). */
const contains = (array: unknown, item: unknown): boolean | undefined =>
  Array.isArray(array) && isPrimitive(item) ? array.includes(item) : undefined;

/** Only primitives are comparable (Microsoft's page on twin queries), and `<` and the like only within one type. */
function compare(operator: ComparisonOperator, left: unknown, right: unknown): boolean | undefined {
  if (!isPrimitive(left) || !isPrimitive(right)) return undefined;
  if (operator === '=') return left === right;
  if (operator === '!=') return left !== right;
  if (left === null || right === null || typeof left !== typeof right) return undefined;
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

function calculate(operator: ArithmeticOperator, left: unknown, right: unknown): number | undefined {
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  const results = { '+': left + right, '-': left - right, '*': left * right, '/': left / right, '%': left % right };
  return Number.isFinite(results[operator]) ? results[operator] : undefined;
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
    return undefined;
  return (value as { [name: string]: unknown })[name];
}
