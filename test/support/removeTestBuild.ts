import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Run by jest after all tests: removes what `buildForTests` wrote. */
export default async function removeTestBuild(): Promise<void> {
  const { LOCAL_HOST_PROGRAM: program } = process.env;
  if (program !== undefined) await rm(dirname(program), { recursive: true, force: true });
}
