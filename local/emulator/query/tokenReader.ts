import { QuerySyntaxError } from './ast.ts';
import { type Token, tokenize } from './tokenize.ts';

/** Words that are field names only in brackets. */
const reserved = new Set(
  'SELECT FROM WHERE GROUP BY AND OR NOT IN NIN AS TOP ORDER JOIN HAVING LIMIT OFFSET DISTINCT BETWEEN LIKE UNION'.split(
    ' ',
  ),
);

/** Reads the tokens of one query in order; keywords match in any case. */
export class TokenReader {
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(text: string) {
    this.tokens = tokenize(text);
  }

  get current(): Token {
    return this.peek(0);
  }

  peek(ahead: number): Token {
    const index = Math.min(this.position + ahead, this.tokens.length - 1);
    const token = this.tokens[index];
    if (!token) throw new QuerySyntaxError('The query is empty');
    return token;
  }

  advance(): Token {
    const token = this.current;
    this.position += 1;
    return token;
  }

  isKeyword(keyword: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'word' && token.text.toUpperCase() === keyword;
  }

  isSymbol(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.text === text;
  }

  takeKeyword(keyword: string): boolean {
    if (!this.isKeyword(keyword)) return false;
    this.position += 1;
    return true;
  }

  takeSymbol(text: string): boolean {
    if (!this.isSymbol(text)) return false;
    this.position += 1;
    return true;
  }

  expectKeyword(keyword: string): void {
    if (!this.takeKeyword(keyword)) throw this.unexpected(keyword);
  }

  expectSymbol(text: string): void {
    if (!this.takeSymbol(text)) throw this.unexpected(`'${text}'`);
  }

  /** Takes the name of a field or an alias. Throws `QuerySyntaxError` if there is none. */
  expectName(): string {
    const token = this.current;
    if (token.kind === 'quotedName' || (token.kind === 'word' && !reserved.has(token.text.toUpperCase()))) {
      this.position += 1;
      return token.text;
    }
    throw this.unexpected('a name');
  }

  unexpected(wanted: string): QuerySyntaxError {
    const token = this.current;
    const found = token.kind === 'end' ? 'the end' : token.kind === 'number' ? String(token.value) : `'${token.text}'`;
    return new QuerySyntaxError(`Expected ${wanted} at ${token.at}, found ${found}`);
  }
}
