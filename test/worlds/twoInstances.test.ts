import { test } from '@jest/globals';
import { expectWorlds } from './expectWorlds.ts';
import { worldRuns } from './worldRuns.ts';

const { parameters, timeoutMs } = worldRuns('two instances');

test(
  'many hubs on two instances end with all runs, modules and wake-ups in order, whatever happens to them',
  () => expectWorlds(2, parameters, []),
  timeoutMs,
);
