import { writeFile } from 'node:fs/promises';
import { openApiFile, openApiText } from './openApi/openApiText.ts';

await writeFile(openApiFile, await openApiText());
process.stdout.write(`${openApiFile} written\n`);
