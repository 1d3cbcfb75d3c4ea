import { test } from '@jest/globals';
import { expectWorlds } from './expectWorlds.ts';
import { worldRuns } from './worldRuns.ts';

const { parameters, timeoutMs } = worldRuns('one instance');

test(
  'many hubs on one instance end with all runs, modules and wake-ups in order, whatever happens to them',
  () => expectWorlds(1, parameters, []),
  timeoutMs,
);
