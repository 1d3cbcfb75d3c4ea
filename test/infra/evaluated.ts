import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';

export const root = join(__dirname, '../..');
export const infra = join(root, 'infra');
const evaluated = join(__dirname, 'evaluated');

/** What `npm run check:bicep -- --update` wrote of each deployment; sources.test.ts says whether it is current. */
export const phases = ['main', 'access', 'events', 'deadLetters'] as const;
export type Phase = (typeof phases)[number];
/** `threeHubs`: another subscription, a topic of its own, `paused`, limits, capitals in names, a private network. */
export const worlds = ['oneHub', 'threeHubs'] as const;
export type World = (typeof worlds)[number];

// biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes, which the tests compare
type Json = any;

/** A resource as the deployment engine would send it. What only a deployment can know stands there as `[expression]`. */
export interface Resource {
  id: string;
  type: string;
  name: string;
  apiVersion: string;
  location?: string;
  properties: Json;
  [more: string]: Json;
}

export interface Parameter {
  type?: string;
  $ref?: string;
  defaultValue?: unknown;
  minValue?: number;
  maxValue?: number;
  minLength?: number;
  maxLength?: number;
  nullable?: boolean;
  metadata?: { description?: string };
  [more: string]: unknown;
}

/** A compiled template. */
export interface Template {
  parameters: Record<string, Parameter>;
  outputs: Record<string, { value: string; metadata?: { description?: string } }>;
  definitions?: Record<string, { properties: Record<string, Parameter & { allowedValues?: string[] }> }>;
  resources: Record<string, Json>;
  metadata: { description?: string };
}

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');
const json = (name: string): Json => JSON.parse(readFileSync(join(evaluated, name), 'utf8'));

export const compiled = (phase: Phase): Template => json(`${phase}.json`);

/** All that a deployment would make, in all its modules. */
export const predicted = (world: World, phase: Phase): Resource[] =>
  json(`${world}.${phase}.snapshot.json`).predictedResources;

/** The one resource of that type. */
export function theOne(world: World, phase: Phase, type: string): Resource {
  const found = predicted(world, phase).filter((resource) => resource.type === type);
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} of ${type} in ${world}.${phase}`);
  return found[0];
}

/** A template and those of its modules, however deep. */
export function* templatesIn(template: Template): Generator<Template> {
  yield template;
  for (const resource of resourcesOf(template)) {
    if (resource.type === 'Microsoft.Resources/deployments') yield* templatesIn(resource.properties.template);
  }
}

/** Bicep writes the resources of a template as an object by symbolic name, or as a list where it needs no names. */
export const resourcesOf = (template: Template): Json[] => Object.values(template.resources);

/** The parameters that a deployment must be given. */
export const requiredParameters = (phase: Phase): string[] =>
  Object.entries(compiled(phase).parameters)
    .filter(([, { defaultValue }]) => defaultValue === undefined)
    .map(([name]) => name);

export const bicepPaths = readdirSync(infra, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.bicep'))
  .sort();

/**
 * What an `[expression]` comes to in a deployment in which `reference(id)` finds the resources of `live`, by the last part of
 * their type. Text that is no expression stays as it is.
 */
export function deployedValue(text: string, live: Record<string, unknown>): unknown {
  if (!/^\[.*\]$/s.test(text) || text.startsWith('[[') || text.startsWith('[{')) return text;
  const expression = text.slice(1, -1).replace(/\b(null|true|false)\(\)/g, '$1');
  const known = {
    reference: (id: string) => {
      const type = id.split('/').at(-2) ?? '';
      if (!(type in live)) throw new Error(`no ${type} is deployed`);
      return live[type];
    },
    format: (pattern: string, ...values: unknown[]) =>
      pattern.replace(/\{(\d+)\}/g, (_, index) => String(values[Number(index)])),
    string: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
    createArray: (...values: unknown[]) => values,
    createObject: (...pairs: unknown[]) =>
      Object.fromEntries(
        pairs.flatMap((key, index) => (index % 2 === 0 ? [[String(key), pairs[index + 1]] as const] : [])),
      ),
    split: (text: string, by: string) => text.split(by),
    replace: (text: string, part: string, by: string) => text.replaceAll(part, by),
    coalesce: (...values: unknown[]) => values.find((value) => value !== null && value !== undefined) ?? null,
  };
  return runInNewContext(expression, known);
}
