import { writeFile } from 'node:fs/promises';
import { policyJsonSchema, policySchemaFile } from './policySchema/policyJsonSchema.ts';

await writeFile(policySchemaFile, policyJsonSchema());
process.stdout.write(`${policySchemaFile} written\n`);
