import { watchStart } from '../../../shared/worker/protocol.ts';
import { successors } from './protocolMoves.ts';
import { type Machines, protocol, start, type World } from './protocolWorld.ts';

/** Visits every world reachable from one of `firsts`; returns their number, and the final ones, in which no step is possible. */
function explore(
  firsts: World[],
  machines: Machines,
  visit: (world: World) => void = () => {},
): { worlds: number; ends: World[] } {
  const seen = new Set(firsts.map((first) => JSON.stringify(first)));
  const ends: World[] = [];
  for (const open = [...firsts]; open.length > 0; ) {
    const world = open.pop();
    if (!world) break;
    visit(world);
    const next = successors(world, machines);
    if (next.length === 0) ends.push(world);
    for (const successor of next) {
      const key = JSON.stringify(successor);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(successor);
    }
  }
  return { worlds: seen.size, ends };
}

/** A lost lease lets a second worker in until the first one notices; nothing else does. */
export function maxConcurrentWorkers(first: World, machines: Machines): number {
  let most = 0;
  explore([first], machines, ({ workers }) => {
    most = Math.max(most, workers.filter((worker) => worker?.state.does === 'work').length);
  });
  return most;
}

export const everyOrder = (changes: Partial<World>, machines = protocol) => explore([start(changes)], machines);

/** Goes on from each of these ends once the watch has run. */
export const afterWatch = (ends: World[]) =>
  explore(
    ends.map((end) => ({ ...end, watch: watchStart })),
    protocol,
  );
