import type { ModuleIdentity, Thumbprints } from '../hub/registry.ts';
import { parsedLines } from '../parsedJson.ts';
import type { RemovedModule } from '../reconcile/checkRemovals.ts';
import type { PartedTexts } from '../storage/documents.ts';
import { membersOf, stringOr } from '../storage/readMembers.ts';
import type { Run } from './run.ts';

/** Folder of the modules that a run has removed or was about to: NDJSON in numbered parts, without keys. */
function removedPath({ hub, runId }: Pick<Run, 'hub' | 'runId'>): string {
  return `runs/${hub}/${runId}.removed`;
}

/**
 * Stores modules as a new part, before they are removed. `from`: a part number from which on parts may be free. A part that a
 * worker wrote before it crashed is never replaced, since its modules may be removed. Returns the number of the part.
 */
export async function writeRemoved(
  texts: PartedTexts,
  run: Pick<Run, 'hub' | 'runId'>,
  from: number,
  modules: readonly RemovedModule[],
): Promise<number> {
  const path = removedPath(run);
  let part = from;
  while ((await texts.readPart(path, part)) !== undefined) part += 1;
  await texts.writePart(path, part, modules.map((module) => `${JSON.stringify(module)}\n`).join(''));
  return part;
}

/** The modules of one part, which counts from 1; undefined if there is no such part. Lines that are not understood are left out. */
export async function readRemoved(
  texts: PartedTexts,
  run: Pick<Run, 'hub' | 'runId'>,
  part: number,
): Promise<RemovedModule[] | undefined> {
  const text = await texts.readPart(removedPath(run), part);
  if (text === undefined) return undefined;
  return [...parsedLines(text)].map(readLine).filter((module) => module !== undefined);
}

function readLine(line: unknown): RemovedModule | undefined {
  const { deviceId, moduleId, authentication, thumbprints, generationId, twin, lastActivityTime } = membersOf(line);
  if (typeof deviceId !== 'string' || typeof moduleId !== 'string') return undefined;
  const { tags, desired } = membersOf(twin);
  return {
    deviceId,
    moduleId,
    authentication: stringOr(authentication, 'sas') as ModuleIdentity['authentication'],
    ...(thumbprints === undefined ? {} : { thumbprints: readThumbprints(thumbprints) }),
    generationId: stringOr(generationId, ''),
    twin: { tags: { ...membersOf(tags) }, desired: { ...membersOf(desired) } },
    ...(typeof lastActivityTime === 'string' ? { lastActivityTime } : {}),
  };
}

function readThumbprints(stored: unknown): Thumbprints {
  const { primary, secondary } = membersOf(stored);
  return { primary: stringOr(primary, null), secondary: stringOr(secondary, null) };
}
