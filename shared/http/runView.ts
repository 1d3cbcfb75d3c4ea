import { isLive, type Run } from '../worker/run.ts';

/** What others see of a run: all but the position, which only its worker understands. */
export function runView(run: Run) {
  const { checkpoint, ...shown } = run;
  return {
    ...shown,
    progress: { ...run.progress, ...(isLive(run) ? {} : { estimatedEnd: null }) },
    totalDevices: checkpoint.totalDevices ?? null,
  };
}
