import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Node } from 'web-tree-sitter';
import { Language, Parser } from 'web-tree-sitter';

export const root = join(__dirname, '../..');
export const infra = join(root, 'infra');
export const bicepPaths = readdirSync(infra, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.bicep'))
  .sort();

/** A declaration of a Bicep file, with what stands before it as `@description('…')`. */
export interface Declaration {
  kind: 'param' | 'var' | 'output' | 'resource' | 'module' | 'import' | 'type';
  name: string;
  description: string | undefined;
  /** Type and version of a resource, path of a module or import. */
  of: string | undefined;
  existing: boolean;
  node: Node;
  /** What stands behind the `=`; undefined for a parameter without a default. */
  value: Node | undefined;
}

/** One syntax tree. Offline there is no compiler: the grammar knows what Bicep looks like, not what it means. */
export class BicepFile {
  readonly path: string;
  readonly tree: Node;
  readonly declarations: Declaration[];

  constructor(path: string, tree: Node) {
    this.path = path;
    this.tree = tree;
    this.declarations = [...nodesIn(tree)].flatMap(readDeclaration);
  }

  /** Where the text is no Bicep: line and column, both from 1. */
  get syntaxErrors(): string[] {
    return [...nodesIn(this.tree)]
      .filter((node) => node.isError || node.isMissing)
      .map(({ startPosition: { row, column } }) => `${this.path}:${row + 1}:${column + 1}`);
  }

  list(kind: Declaration['kind']): Declaration[] {
    return this.declarations.filter((declaration) => declaration.kind === kind);
  }

  find(kind: Declaration['kind'], name: string): Declaration {
    const found = this.list(kind).find((declaration) => declaration.name === name);
    if (!found) throw new Error(`${this.path} has no ${kind} ${name}`);
    return found;
  }
}

export type BicepReader = (path: string, text?: string) => BicepFile;

/** Reads a file of `infra/`, or `text` in its place. */
export async function bicepReader(): Promise<BicepReader> {
  await Parser.init();
  // As bytes: a path makes it import `node:fs` at run time, which jest does not let it.
  const wasm = new Uint8Array(readFileSync(require.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm')));
  const parser = new Parser().setLanguage(await Language.load(wasm));
  return (path, text = readFileSync(join(infra, path), 'utf8')) => {
    const tree = parser.parse(text);
    if (!tree) throw new Error(`${path} was not parsed`);
    return new BicepFile(path, tree.rootNode);
  };
}

export function* nodesIn(node: Node): Generator<Node> {
  yield node;
  for (const child of node.children) yield* nodesIn(child);
}

const kinds: Record<string, Declaration['kind']> = {
  parameter_declaration: 'param',
  variable_declaration: 'var',
  output_declaration: 'output',
  resource_declaration: 'resource',
  module_declaration: 'module',
  import_functionality: 'import',
  type_declaration: 'type',
};

function readDeclaration(node: Node): Declaration[] {
  const kind = kinds[node.type];
  if (!kind) return [];
  const identifiers = node.namedChildren.filter((child) => child.type === 'identifier');
  const name = (kind === 'import' ? identifiers.at(-1) : identifiers[0])?.text ?? '';
  const equals = node.children.findIndex((child) => child.type === '=');
  const of = node.namedChildren.find((child, index) => child.type === 'string' && index > 0);
  return [
    {
      kind,
      name,
      description: descriptionBefore(node),
      of: kind === 'resource' || kind === 'module' || kind === 'import' ? of?.text.slice(1, -1) : undefined,
      existing: node.children.some((child) => child.type === 'existing'),
      node,
      value: equals < 0 ? undefined : (node.children[equals + 1] ?? undefined),
    },
  ];
}

function descriptionBefore({ previousNamedSibling: before }: Node): string | undefined {
  if (before?.type !== 'decorators') return undefined;
  return /@description\('((?:[^'\\]|\\.)*)'\)/.exec(before.text)?.[1];
}
