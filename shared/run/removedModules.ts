import type { ModuleIdentity, Thumbprints } from '../hub/registry.ts';
import { parsedLines } from '../parsedJson.ts';
import type { RemovedModule } from '../reconcile/checkRemovals.ts';
import { type Documents, type PartedTexts, partNumbers } from '../storage/documents.ts';
import { membersOf, stringOr } from '../storage/readMembers.ts';
import type { Run } from './run.ts';

type RunName = Pick<Run, 'hub' | 'runId'>;

/** Folder of the modules that a run has removed or was about to: NDJSON in numbered parts, without keys. */
function removedPath({ hub, runId }: RunName): string {
  return `runs/${hub}/${runId}.removed`;
}

/**
 * Stores modules as a new part, before they are removed. `from`: the first part number to try. A part that exists is never
 * replaced: another worker may have written it and removed its modules. Returns the number of the part. Throws what storage throws.
 */
export async function writeRemoved(
  texts: Pick<PartedTexts, 'addPart'>,
  run: RunName,
  from: number,
  modules: readonly RemovedModule[],
): Promise<number> {
  const text = modules.map((module) => `${JSON.stringify(module)}\n`).join('');
  let part = from;
  while (!(await texts.addPart(removedPath(run), part, text))) part += 1;
  return part;
}

/** The numbers of the parts that a run has stored, in ascending order; none if it has removed nothing. */
export async function removedParts(documents: Pick<Documents, 'list'>, run: RunName): Promise<number[]> {
  return partNumbers(documents, removedPath(run));
}

/** The modules of one stored part. */
export interface RemovedPart {
  modules: RemovedModule[];
  /** Number of lines that this version cannot read. */
  unreadable: number;
}

/** Reads one part; undefined if it is not there. */
export async function readRemoved(
  texts: Pick<PartedTexts, 'readPart'>,
  run: RunName,
  part: number,
): Promise<RemovedPart | undefined> {
  const text = await texts.readPart(removedPath(run), part);
  if (text === undefined) return undefined;
  const modules = [...parsedLines(text)].map(readModule).filter((module) => module !== undefined);
  const lines = text.split('\n').filter((line) => line !== '').length;
  return { modules, unreadable: lines - modules.length };
}

const authentications: readonly ModuleIdentity['authentication'][] = [
  'sas',
  'selfSigned',
  'certificateAuthority',
  'none',
];

function readModule(line: unknown): RemovedModule | undefined {
  const { deviceId, moduleId, thumbprints, generationId, twin, lastActivityTime, ...more } = membersOf(line);
  const authentication = authentications.find((one) => one === more.authentication);
  if (typeof deviceId !== 'string' || typeof moduleId !== 'string' || authentication === undefined) return undefined;
  const { tags, desired } = membersOf(twin);
  return {
    ...{ deviceId, moduleId, authentication },
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
