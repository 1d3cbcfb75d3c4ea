import type { PartedTexts } from '../storage/documents.ts';
import type { Run } from './run.ts';

/** Folder of a run's failures: NDJSON in numbered parts, one line for each failed or blocked pair. */
export function failuresPath(hub: string, runId: string): string {
  return `runs/${hub}/${runId}.failures`;
}

/** The one blob in which version 1 kept the failures of a run. */
function oldFailuresPath(hub: string, runId: string): string {
  return `runs/${hub}/${runId}.failures.ndjson`;
}

/**
 * The failures that belong to a run's counts, as NDJSON; lines that a worker wrote before it crashed, and did not count, are
 * left out. A part that somebody removed is missing. Throws what storage throws.
 */
export async function readFailures(
  texts: PartedTexts,
  { hub, runId, checkpoint }: Pick<Run, 'hub' | 'runId' | 'checkpoint'>,
): Promise<string> {
  const { failureParts, failureBytes, lastPartBytes } = checkpoint;
  if (lastPartBytes === null) return firstBytes(await texts.readText(oldFailuresPath(hub, runId)), failureBytes);
  const parts: string[] = [];
  for (let part = 1; part <= failureParts; part++) {
    const text = await texts.readPart(failuresPath(hub, runId), part);
    parts.push(part < failureParts ? (text ?? '') : firstBytes(text, lastPartBytes));
  }
  return parts.join('');
}

/** The text's first bytes in UTF-8; empty if there is no text. */
export function firstBytes(text: string | undefined, bytes: number): string {
  return Buffer.from(text ?? '')
    .subarray(0, bytes)
    .toString('utf8');
}
