import { isLive, type Run } from '../run/run.ts';

/** What others see of a run: all but the position, which only its worker understands. */
export function runView(run: Run) {
  const { checkpoint: _position, writeId: _writeId, ...shown } = run;
  return {
    ...shown,
    progress: { ...run.progress, ...(isLive(run) ? {} : { estimatedEnd: null }) },
    totalDevices: run.preflight?.devices ?? null,
  };
}
