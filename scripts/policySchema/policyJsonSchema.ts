import * as z from 'zod/mini';
import { microAgentSchema } from '../../shared/config/microAgentSettings.ts';
import { policySchema } from '../../shared/config/policySchema.ts';
import { defaultModuleId } from '../../shared/policy/moduleId.ts';

export const policySchemaFile = 'docs/policy.schema.json';

/**
 * The JSON Schema of POLICY, made from the code that checks it, so that editors complete and check it. A schema cannot express all
 * that the code checks, such as the sizes of a twin: what it refuses, the app refuses too, and not the other way round.
 */
export function policyJsonSchema(): string {
  const { items, $schema, ...list } = jsonSchemaOf(policySchema);
  const { additionalProperties: _others, $schema: _same, ...settings } = jsonSchemaOf(microAgentSchema);
  const isAgent = { properties: { moduleId: { const: defaultModuleId } }, required: ['moduleId'] };
  const isUnchecked = {
    properties: { twin: { properties: { unchecked: { const: true } }, required: ['unchecked'] } },
    required: ['twin'],
  };
  const schema = {
    $schema,
    title: 'Policy of Module keeper',
    description: 'Which modules should be on which devices: the setting POLICY.',
    ...list,
    items: {
      ...(items as object),
      if: { ...isAgent, not: isUnchecked },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { properties: { twin: { properties: { desired: { ...settings, additionalProperties: false } } } } },
      allOf: ensureConditions,
    },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

const hasEnsure = (ensure: string) => ({ properties: { ensure: { const: ensure } }, required: ['ensure'] });
const without = (member: string) => ({ properties: { [member]: false } });

/** Members that a spec needs or must not have with its `ensure`; the words for them are in `policySchema.ts`. */
const ensureConditions = [
  condition(hasEnsure('absent'), {
    required: ['stop'],
    properties: { stop: { required: ['maxChanges'] }, twin: false },
  }),
  condition({ not: hasEnsure('absent') }, without('removal')),
  condition(hasEnsure('patched'), {
    required: ['twin'],
    properties: { twin: { anyOf: [{ required: ['tags'] }, { required: ['desired'] }] } },
  }),
  condition({ anyOf: [hasEnsure('absent'), hasEnsure('patched')] }, without('authentication')),
];

function condition(isSo: object, consequence: object): object {
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  return { if: isSo, then: consequence };
}

function jsonSchemaOf(schema: z.ZodMiniType): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // The sections of a twin: any object.
      if (zodSchema._zod.def.type === 'custom') jsonSchema.type = 'object';
      // Zod's own limit of whole numbers says nothing to the reader.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
}
