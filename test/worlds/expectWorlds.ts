import { expect } from '@jest/globals';
import fc from 'fast-check';
import { anyWorld, type WorldDraw } from './anyWorld.ts';
import { expectOrder } from './expectations.ts';
import { LiveWorld } from './liveWorld.ts';

/** Lets so many drawn worlds happen, after those of `examples`, each of which once broke an expectation. */
export async function expectWorlds(
  instances: number,
  parameters: { numRuns: number; seed: number },
  examples: readonly WorldDraw[],
): Promise<void> {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    await fc.assert(
      fc.asyncProperty(anyWorld(instances), async (draw) => {
        const world = new LiveWorld(draw);
        await world.run();
        await expectOrder(world);
        expect(unhandled).toEqual([]);
      }),
      { ...parameters, examples: examples.map((draw) => [draw]) },
    );
  } finally {
    process.off('unhandledRejection', note);
  }
}
