import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RecordedRequest {
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

/** A key to send where the recording's authors put `Sanitized`. */
const someKey = Buffer.alloc(32, 7).toString('base64');

export const recordingsFolder = join(__dirname, 'recordings');

/** One recording, its cut requests filled up to their first length and its keys made good. */
export function readRecording(name: string): Recording {
  const recording: Recording = JSON.parse(readFileSync(join(recordingsFolder, name), 'utf8'));
  for (const { request } of recording.exchanges) {
    request.body = withKeys(filledUp(request));
  }
  return recording;
}

/** Bulk entries that were cut are made again from the last one, under ids of their own. */
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
