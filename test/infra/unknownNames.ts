import type { Node } from 'web-tree-sitter';
import { type BicepFile, nodesIn } from './bicepFile.ts';

/** The functions of Bicep that the templates use. */
const functions = [
  ...['description', 'export', 'minLength', 'maxLength', 'minValue', 'maxValue'],
  ...['empty', 'filter', 'guid', 'loadJsonContent', 'loadTextContent', 'map', 'reference', 'replace'],
  ...[
    'resourceGroup',
    'resourceId',
    'string',
    'subscription',
    'subscriptionResourceId',
    'take',
    'toLower',
    'union',
    'uniqueString',
  ],
];

/** Types that stand where a type is expected. */
const typeNames = ['object', 'array', 'string', 'int', 'bool'];

/** Names that a file uses and neither declares nor imports; functions with brackets behind them. */
export function unknownNames(file: BicepFile): string[] {
  const declared = new Set([...file.declarations.map(({ name }) => name), ...typeNames, ...localNames(file.tree)]);
  const unknown: string[] = [];
  for (const node of nodesIn(file.tree)) {
    if (node.type !== 'identifier') continue;
    const { parent } = node;
    if (parent?.type === 'call_expression' && parent.namedChildren[0]?.equals(node)) {
      if (!functions.includes(node.text)) unknown.push(`${node.text}()`);
    } else if (isUse(node) && !declared.has(node.text)) unknown.push(node.text);
  }
  return unknown;
}

/** Not the key of a property, nor the name that a declaration gives. */
function isUse(node: Node): boolean {
  const { parent } = node;
  if (!parent) return true;
  if (parent.type === 'object_property') return !parent.namedChildren[0]?.equals(node);
  return !/_declaration$|^import_functionality$|^metadata/.test(parent.type) || isValue(node);
}

/** Behind the `=` of its declaration. */
function isValue(node: Node): boolean {
  return node.previousSibling?.type === '=';
}

/** What loops and lambdas name: what stands before their `in` and `=>`. */
function* localNames(tree: Node): Generator<string> {
  for (const node of nodesIn(tree)) {
    const end = { for_statement: 'in', lambda_expression: '=>' }[node.type];
    if (end === undefined) continue;
    const heads = node.children.slice(
      0,
      node.children.findIndex(({ type }) => type === end),
    );
    for (const inner of heads.flatMap((head) => [...nodesIn(head)])) {
      if (['identifier', 'loop_variable', 'loop_enumerator'].includes(inner.type)) yield inner.text;
    }
  }
}
