import { test } from '@jest/globals';
import { expectWorlds } from './expectWorlds.ts';
import { worldRuns } from './worldRuns.ts';

const { parameters, timeoutMs } = worldRuns('one instance');

test(
  'many hubs on one instance come to rest in order, whatever happens to them',
  () => expectWorlds(1, parameters, []),
  timeoutMs,
);
