import { join } from 'node:path';
import { hubToken } from '../../local/hubToken.ts';
import { type ChildServer, startChildServer } from './childServer.ts';
import { PostClient } from './postClient.ts';

/** The emulator and a peer that does no work, each in its own process. */
export interface BenchServers {
  emulator: ChildServer;
  peer: ChildServer;
  /** Makes clients of both that send the same headers; the caller closes them. */
  clients(connections: number | 'new each time'): { hub: PostClient; peer: PostClient; close(): void };
}

/** Starts both servers, runs `measure`, and ends them. The hub has no throttles, and its index has no delay. */
export async function withBenchServers<Result>(measure: (servers: BenchServers) => Promise<Result>): Promise<Result> {
  const emulator = await startChildServer(join(import.meta.dirname, '../../local/emulator/cli/main.ts'), [
    ...['--port', '0', '--no-throttling', '--query-delay-ms', '0'],
  ]);
  try {
    const peer = await startChildServer(join(import.meta.dirname, 'constantServer.ts'), []);
    try {
      const headers = { authorization: hubToken(String(emulator.ready.connectionString)) };
      const clients = (connections: number | 'new each time') => {
        const [hub, other] = [emulator, peer].map((server) => new PostClient(server, headers, connections));
        if (!hub || !other) throw new Error('Two servers need two clients');
        return {
          ...{ hub, peer: other },
          close: () => {
            hub.close();
            other.close();
          },
        };
      };
      return await measure({ emulator, peer, clients });
    } finally {
      await peer.stop();
    }
  } finally {
    await emulator.stop();
  }
}
