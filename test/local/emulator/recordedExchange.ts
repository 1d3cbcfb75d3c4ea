import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface RecordedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
  /** How many items the body had before all but three were cut. */
  originalCount?: number;
}

export interface RecordedResponse {
  status: number;
  headers: Record<string, string>;
  body: unknown;
  originalCount?: number;
}

export interface Recording {
  apiVersion: string;
  exchanges: { request: RecordedRequest; response: RecordedResponse }[];
}

/** Replaces `Sanitized`, which the recordings contain instead of keys. */
const someKey = Buffer.alloc(32, 7).toString('base64');

export const recordingsFolder = join(__dirname, 'recordings');

/** Reads one recording; restores the length of cut requests, and inserts valid keys. */
export function readRecording(name: string): Recording {
  const recording: Recording = JSON.parse(readFileSync(join(recordingsFolder, name), 'utf8'));
  for (const { request } of recording.exchanges) {
    request.body = withKeys(filledUp(request));
  }
  return recording;
}

/** Restores cut bulk entries as copies of the last one, with new ids. */
function filledUp({ body, originalCount }: RecordedRequest): unknown {
  if (!Array.isArray(body) || originalCount === undefined) return body;
  const model: { id: string; moduleId?: string } = body.at(-1);
  const isOneDevice = body.every((entry: { id: string }) => entry.id === model.id);
  const more = Array.from({ length: originalCount - body.length }, (_, index) => ({
    ...model,
    ...(isOneDevice ? { moduleId: `${model.moduleId}${index}` } : { id: `${model.id}${index}` }),
  }));
  return [...body, ...more];
}

const withKeys = (body: unknown): unknown =>
  JSON.parse(JSON.stringify(body).replaceAll('"Sanitized"', JSON.stringify(someKey)));
