import { test } from '@jest/globals';
import { expectWorlds } from './expectWorlds.ts';
import { worldRuns } from './worldRuns.ts';

const { parameters, timeoutMs } = worldRuns('two instances');

test(
  'many hubs on two instances come to rest in order, whatever happens to them',
  () => expectWorlds(2, parameters, []),
  timeoutMs,
);
