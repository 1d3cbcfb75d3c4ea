import { isLive, type Run } from './run.ts';

/** Returns the JSON of a run for an HTTP response: all members except those that only the worker uses. */
export function runView(run: Run) {
  const { checkpoint: _position, writeId: _writeId, version: _version, ...shown } = run;
  return {
    ...shown,
    progress: { ...run.progress, ...(isLive(run) ? {} : { estimatedEnd: null }) },
    totalDevices: run.preflight?.devices ?? null,
  };
}
