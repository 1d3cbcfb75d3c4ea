import type { Collection, ComparisonOperator, Expression, Literal } from './ast.ts';
import { QuerySyntaxError } from './ast.ts';
import { parsePath, withoutCollection } from './parsePath.ts';
import type { TokenReader } from './tokenReader.ts';

const comparisons: readonly ComparisonOperator[] = ['=', '!=', '<', '<=', '>', '>='];
/** Real queries nest less deep, and the call stack allows more. */
const maxDepth = 100;

/** Parses a condition. Precedence, lowest first: OR, AND, NOT, comparisons, + and -, then * / and %. */
export function parseExpression(reader: TokenReader, from: Collection): Expression {
  return new ExpressionParser(reader, from).or(0);
}

class ExpressionParser {
  private readonly reader: TokenReader;
  private readonly from: Collection;

  constructor(reader: TokenReader, from: Collection) {
    this.reader = reader;
    this.from = from;
  }

  or(depth: number): Expression {
    if (depth > maxDepth) throw new QuerySyntaxError(`Conditions nest deeper than ${maxDepth}`);
    let left = this.and(depth);
    while (this.reader.takeKeyword('OR')) left = { kind: 'or', left, right: this.and(depth) };
    return left;
  }

  private and(depth: number): Expression {
    let left = this.not(depth);
    while (this.reader.takeKeyword('AND')) left = { kind: 'and', left, right: this.not(depth) };
    return left;
  }

  private not(depth: number): Expression {
    if (depth > maxDepth) throw new QuerySyntaxError(`Conditions nest deeper than ${maxDepth}`);
    if (this.reader.takeKeyword('NOT')) return { kind: 'not', operand: this.not(depth + 1) };
    return this.comparison(depth);
  }

  private comparison(depth: number): Expression {
    const left = this.sum(depth);
    if (this.reader.takeKeyword('IN')) return { kind: 'in', negated: false, operand: left, values: this.list() };
    if (this.reader.takeKeyword('NIN')) return { kind: 'in', negated: true, operand: left, values: this.list() };
    const operator = this.comparisonOperator();
    return operator ? { kind: 'compare', operator, left, right: this.sum(depth) } : left;
  }

  private comparisonOperator(): ComparisonOperator | undefined {
    if (this.reader.takeSymbol('<>')) return '!=';
    return comparisons.find((operator) => this.reader.takeSymbol(operator));
  }

  private sum(depth: number): Expression {
    let left = this.product(depth);
    for (;;) {
      const operator = (['+', '-'] as const).find((sign) => this.reader.takeSymbol(sign));
      if (!operator) return left;
      left = { kind: 'arithmetic', operator, left, right: this.product(depth) };
    }
  }

  private product(depth: number): Expression {
    let left = this.primary(depth);
    for (;;) {
      const operator = (['*', '/', '%'] as const).find((sign) => this.reader.takeSymbol(sign));
      if (!operator) return left;
      left = { kind: 'arithmetic', operator, left, right: this.primary(depth) };
    }
  }

  private primary(depth: number): Expression {
    const { reader } = this;
    if (reader.takeSymbol('(')) {
      const inner = this.or(depth + 1);
      reader.expectSymbol(')');
      return inner;
    }
    if (reader.current.kind === 'word' && reader.isSymbol('(', 1)) return this.functionCall(depth);
    const literal = this.literal();
    if (literal) return { kind: 'literal', value: literal.value };
    return { kind: 'path', path: withoutCollection(parsePath(reader), this.from) };
  }

  private functionCall(depth: number): Expression {
    const { reader } = this;
    if (depth > maxDepth) throw new QuerySyntaxError(`Conditions nest deeper than ${maxDepth}`);
    const token = reader.advance();
    const name = token.kind === 'word' ? token.text.toUpperCase() : '';
    reader.expectSymbol('(');
    if (name === 'IS_DEFINED') {
      const path = withoutCollection(parsePath(reader), this.from);
      reader.expectSymbol(')');
      return { kind: 'isDefined', path };
    }
    if (name !== 'STARTSWITH' && name !== 'ENDSWITH' && name !== 'ARRAY_CONTAINS') {
      throw new QuerySyntaxError(
        `${name} is not a function of twin queries (those are IS_DEFINED, STARTSWITH, ENDSWITH, ARRAY_CONTAINS; routing queries have others)`,
      );
    }
    const first = this.sum(depth + 1);
    reader.expectSymbol(',');
    const second = this.sum(depth + 1);
    reader.expectSymbol(')');
    if (name === 'ARRAY_CONTAINS') return { kind: 'arrayContains', array: first, item: second };
    return { kind: 'stringTest', test: name, text: first, part: second };
  }

  private list(): Literal[] {
    const { reader } = this;
    reader.expectSymbol('[');
    const values: Literal[] = [];
    do {
      const literal = this.literal();
      if (!literal) throw reader.unexpected('a constant');
      values.push(literal.value);
    } while (reader.takeSymbol(','));
    reader.expectSymbol(']');
    return values;
  }

  private literal(): { value: Literal } | undefined {
    const { reader } = this;
    const token = reader.current;
    if (token.kind === 'string') return reader.advance() && { value: token.text };
    if (token.kind === 'number') return reader.advance() && { value: token.value };
    const following = reader.peek(1);
    if (reader.isSymbol('-') && following.kind === 'number') {
      reader.advance();
      reader.advance();
      return { value: -following.value };
    }
    if (reader.takeKeyword('TRUE')) return { value: true };
    if (reader.takeKeyword('FALSE')) return { value: false };
    if (reader.takeKeyword('NULL')) return { value: null };
    if (reader.takeKeyword('UNDEFINED')) return { value: undefined };
    return undefined;
  }
}
