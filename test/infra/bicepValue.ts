import type { Node } from 'web-tree-sitter';

/** Something that only a deployment can compute, as it is written. */
export class Expression {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type BicepValue =
  | string
  | number
  | boolean
  | Expression
  | readonly BicepValue[]
  | { readonly [key: string]: BicepValue };

/** What a node says as plain data; an `Expression` for what is none. */
export function plainValue(node: Node): BicepValue {
  switch (node.type) {
    case 'string':
      if (node.namedChildren.some(({ type }) => type === 'interpolation')) return new Expression(node.text);
      return node.text.slice(1, -1).replace(/\\(.)/g, '$1');
    case 'number':
      return Number(node.text);
    case 'boolean':
      return node.text === 'true';
    case 'array':
      return node.namedChildren.filter(({ type }) => type !== 'comment').map(plainValue);
    case 'object':
      return Object.fromEntries(propertiesOf(node).map(([key, value]) => [key, plainValue(value)]));
    default:
      return new Expression(node.text);
  }
}

/** The object that a resource, a module or an output consists of, in a loop or behind a condition. */
export function bodyOf(node: Node | undefined): Node {
  if (node?.type === 'object') return node;
  const inner = node?.namedChildren.find(({ type }) => ['object', 'for_statement', 'if_statement'].includes(type));
  if (!inner) throw new Error(`no object in ${node?.text}`);
  return bodyOf(inner);
}

/** The properties of an object node; resources that are nested in it are left out. */
export function propertiesOf(object: Node): [key: string, value: Node][] {
  return object.namedChildren
    .filter(({ type }) => type === 'object_property')
    .flatMap((property) => {
      const [key, value] = property.namedChildren;
      return key && value ? [[key.type === 'string' ? key.text.slice(1, -1) : key.text, value] as [string, Node]] : [];
    });
}

/** The value under a path of keys, such as `properties`, `destination`. */
export function under(object: Node, ...path: string[]): BicepValue {
  let value = plainValue(object);
  for (const key of path) {
    const inner = (value as Record<string, BicepValue>)[key];
    if (inner === undefined) throw new Error(`there is no ${path.join('.')} in ${object.text.slice(0, 60)}`);
    value = inner;
  }
  return value;
}
