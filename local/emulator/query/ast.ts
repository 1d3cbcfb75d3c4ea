/** A constant in a query; the language has the constant `undefined`. */
export type Literal = string | number | boolean | null | undefined;

export type ComparisonOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
type StringFunction = 'STARTSWITH' | 'ENDSWITH';
export type AggregateFunction = 'COUNT' | 'AVG' | 'SUM' | 'MIN' | 'MAX';

export type Path = readonly string[];

export type Expression =
  | { kind: 'literal'; value: Literal }
  | { kind: 'path'; path: Path }
  | { kind: 'compare'; operator: ComparisonOperator; left: Expression; right: Expression }
  | { kind: 'arithmetic'; operator: ArithmeticOperator; left: Expression; right: Expression }
  | { kind: 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'not'; operand: Expression }
  | { kind: 'in'; negated: boolean; operand: Expression; values: readonly Literal[] }
  | { kind: 'isDefined'; path: Path }
  | { kind: 'stringTest'; test: StringFunction; text: Expression; part: Expression }
  | { kind: 'arrayContains'; array: Expression; item: Expression };

export type Projection =
  | { kind: 'field'; path: Path; alias: string | undefined }
  | { kind: 'aggregate'; name: AggregateFunction; path: Path | undefined; alias: string };

export type Collection = 'devices' | 'devices.modules';

/** A parsed query. */
export interface Query {
  /** Undefined for `SELECT *`. */
  projections: readonly Projection[] | undefined;
  from: Collection;
  where: Expression | undefined;
  groupBy: Path | undefined;
  /** `SELECT TOP n`. */
  top: number | undefined;
}

/** The text is not a valid query. `message` says where and why. */
export class QuerySyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QuerySyntaxError';
  }
}
