import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

type Json = Record<string, unknown>;

export interface DescribedOperation {
  name: string;
  method: string;
  /** Without the prefix `/api`. */
  path: string;
  /** Whether it can be called without a key. */
  open: boolean;
}

interface Operation {
  operationId: string;
  security?: unknown[];
  responses: Record<string, Json>;
  requestBody?: Json;
}

interface Answer {
  status: number;
  contentType: string | null;
  text: string;
}

const id = 'module-keeper';
const schemaRef = '#/components/schemas/';
const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

/** `docs/openapi.json` as something that answers can be held against. */
export class ApiDescription {
  readonly document: Json & { paths: Record<string, Json>; components: Record<string, Record<string, Json>> };
  private readonly ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });

  constructor() {
    this.document = JSON.parse(readFileSync(join(__dirname, '../../docs/openapi.json'), 'utf8'));
    this.ajv.addFormat('date-time', (value) => value === asIsoTime(value));
    this.ajv.addFormat('date', (value) => /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)));
    this.ajv.addFormat('uri', (value) => URL.canParse(value));
    const schemas = JSON.stringify(this.document.components.schemas).replaceAll(schemaRef, '#/$defs/');
    // Clients must put up with more fields than are described; our own answers shall have none that is not.
    this.ajv.addSchema({ $id: id, $defs: closed(JSON.parse(schemas)) as Json });
  }

  get operations(): DescribedOperation[] {
    return this.entries().map(([path, method, { operationId, security }]) => ({
      name: operationId,
      method: method.toUpperCase(),
      path,
      open: security?.length === 0,
    }));
  }

  /** Every problem that a response shows as an example, by the name under which it stands there. */
  get problems(): { name: string; status: number; value: Json }[] {
    const found = new Map<string, { name: string; status: number; value: Json }>();
    for (const [, , { responses }] of this.entries()) {
      for (const [status, response] of Object.entries(responses)) {
        for (const [name, value] of Object.entries(this.examples(response))) {
          found.set(`${status} ${name}`, { name, status: Number(status), value });
        }
      }
    }
    return [...found.values()];
  }

  /** What is wrong with a value by a schema of `components.schemas`. */
  mistakes(schema: string, value: unknown): string[] {
    const validate = this.ajv.compile({ $ref: `${id}#/$defs/${schema}` });
    return validate(value)
      ? []
      : (validate.errors ?? []).map(
          ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
        );
  }

  /** What is wrong with an answer of this operation: its status, its media type, its body, the type of its problem. */
  mistakesOfAnswer(operationId: string, { status, contentType, text }: Answer): string[] {
    const [, , operation] = this.entries().find(([, , one]) => one.operationId === operationId) ?? [];
    const response = operation?.responses[status];
    if (!response) return [`status ${status} is not described: ${text}`];
    const mediaType = contentType?.split(';')[0] ?? 'none';
    const content = this.resolve(response).content as Record<string, { schema: { $ref?: string } }> | undefined;
    if (content === undefined && text === '') return [];
    const described = content?.[mediaType]?.schema;
    if (described && described.$ref === undefined) return []; // text, or JSON of any shape
    const schema = described?.$ref?.slice(schemaRef.length);
    if (schema === undefined) return [`media type ${mediaType} is not described for ${status}: ${text}`];
    if (mediaType === 'application/x-ndjson') {
      return text.split('\n').flatMap((line) => (line === '' ? [] : this.mistakes(schema, JSON.parse(line))));
    }
    const body = JSON.parse(text) as Json;
    const mistakes = this.mistakes(schema, body);
    if (mediaType !== 'application/problem+json') return mistakes;
    const known = Object.keys(this.examples(response)).map((name) => `urn:module-keeper:${name}`);
    if (!known.includes(String(body.type))) mistakes.push(`problem ${body.type} is not described for ${status}`);
    if (body.status !== status) mistakes.push(`the body says ${body.status}, the answer ${status}`);
    return mistakes;
  }

  private entries(): [path: string, method: string, operation: Operation][] {
    return Object.entries(this.document.paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([method]) => methods.includes(method))
        .map(([method, operation]): [string, string, Operation] => [path, method, operation as Operation]),
    );
  }

  private examples(response: Json): Record<string, Json> {
    const content = this.resolve(response).content as Record<string, { examples?: Record<string, Json> }>;
    const { examples = {} } = content?.['application/problem+json'] ?? {};
    return Object.fromEntries(
      Object.entries(examples).map(([name, example]) => [name, this.resolve(example).value as Json]),
    );
  }

  /** What a `$ref` of this document points to. */
  resolve(node: Json): Json {
    if (typeof node.$ref !== 'string') return node;
    const parts = node.$ref.replace(/^#\//, '').split('/');
    const target = parts.reduce<unknown>((at, part) => (at as Json | undefined)?.[unescaped(part)], this.document);
    if (typeof target !== 'object' || target === null) throw new Error(`${node.$ref} points to nothing.`);
    return target as Json;
  }
}

/** A copy in which every object schema that lists its properties allows no others. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  return 'properties' in copy && !('additionalProperties' in copy) ? { ...copy, additionalProperties: false } : copy;
}

function asIsoTime(value: string): string | undefined {
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function unescaped(part: string): string {
  return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
}
