import type { Node } from 'web-tree-sitter';
import { type BicepFile, type Declaration, nodesIn } from './bicepFile.ts';
import { bodyOf, propertiesOf } from './bicepValue.ts';

/** What Bicep can say of a resource or module before it is deployed; all else is known at run time only. */
const knownAtStart: Record<string, string[]> = { resource: ['id', 'name', 'type', 'apiVersion'], module: ['name'] };

/** Where a value of run time may stand. */
const atRunTime = ['properties', 'params', 'dependsOn'];

/**
 * What a file reads of resources and modules where Bicep wants a value that is known at the start of the deployment (its
 * errors BCP120, BCP177, BCP178 and BCP182): names, scopes, locations, SKUs, conditions, what loops go over, and variables that
 * are loops. As `name: text`.
 */
export function readTooEarly(file: BicepFile): string[] {
  const loops = file.list('var').filter(({ value }) => value && isLoop(value));
  return [...file.list('resource'), ...file.list('module'), ...loops].flatMap((declaration) =>
    wantedAtStart(declaration)
      .flatMap((node) => runtimeReads(file, node))
      .map((text) => `${declaration.name}: ${text}`),
  );
}

/** Also where it is written as a lambda, in which Bicep takes no call that it would have to write in place. */
function isLoop(value: Node): boolean {
  return [...nodesIn(value)].some(({ type }) => type === 'for_statement' || type === 'lambda_expression');
}

function wantedAtStart({ kind, value }: Declaration): Node[] {
  if (!value) return [];
  if (kind === 'var') return [value];
  const body = bodyOf(value);
  const head: Node[] = [];
  for (let node = body; !node.equals(value) && node.parent; node = node.parent) {
    head.push(...node.parent.namedChildren.filter((child) => !child.equals(node)));
  }
  const early = propertiesOf(body).filter(([key]) => !atRunTime.includes(key));
  return [...head, ...early.map(([, node]) => node)];
}

/** The expressions under a node that only a deployment can compute; variables are followed. */
function runtimeReads(file: BicepFile, under: Node): string[] {
  return [...nodesIn(under)].flatMap((node) => {
    if (node.type === 'identifier') {
      const variable = file.list('var').find(({ name }) => name === node.text);
      return variable?.value && !under.equals(variable.value) ? runtimeReads(file, variable.value) : [];
    }
    if (node.type === 'call_expression') return node.namedChildren[0]?.text === 'reference' ? [node.text] : [];
    if (node.type !== 'member_expression') return [];
    const [read, property] = node.namedChildren;
    const of = read?.type === 'subscript_expression' ? read.namedChildren[0] : read;
    const declared = file.declarations.find(({ kind, name }) => kind in knownAtStart && name === of?.text);
    const known = declared && knownAtStart[declared.kind];
    return !known || known.includes(property?.text ?? '') ? [] : [node.text];
  });
}
