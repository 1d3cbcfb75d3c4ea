import type { Benchmark } from './benchmark.ts';
import { withBenchServers } from './emulator/benchServers.ts';
import { type Filling, fillFigures, memoryFigure } from './emulator/fillFigures.ts';
import { pageFigures } from './emulator/pageFigures.ts';
import { walkFigure } from './emulator/walkFigure.ts';

/** A full hub: a million identities, half of them modules. */
const plain: Filling = { what: 'plain', devices: 500_000, moduleId: 'DefenderIotMicroAgent' };

/** The same hub with data in every twin, as if all devices had tags and a policy seeded the module twins. */
const written: Filling = {
  ...plain,
  what: 'every twin written',
  ofDevice: '"tags":{"site":"cork","environment":"production"}',
  ofModule: '"properties":{"desired":{"level":1,"deep":{"text":"abc"}}}',
};

/** The emulator with a full hub, in its own process, compared with a plain HTTPS server. */
export const emulatorBenchmark: Benchmark = {
  name: 'emulator',
  summary: 'a million identities in the IoT Hub emulator: memory, bulk rate, query pages',
  run: async (say) => {
    const figures = await withBenchServers(async (servers) => {
      say('  filling a hub with plain identities');
      const filled = await fillFigures(servers, plain);
      say('  reading pages of it');
      const pages = await pageFigures(servers, plain);
      const walk = await walkFigure(servers, plain);
      return [...filled, ...pages, walk, await memoryFigure(servers, 'most memory after all pages')];
    });
    return withBenchServers(async (servers) => {
      say('  filling another hub, every twin written');
      return [...figures, ...(await fillFigures(servers, written))];
    });
  },
};
