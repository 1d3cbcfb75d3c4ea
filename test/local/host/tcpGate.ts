import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

export interface TcpGate {
  port: number;
  /** Emulates a storage outage: while shut, connections are closed and new ones refused. */
  shut(isShut: boolean): void;
  /** Emulates a hanging storage: forwards nothing more, but keeps connections open and accepts new ones. */
  stopForwarding(): void;
  close(): Promise<void>;
}

/** Forwards connections to another loopback port while it is open. */
export async function startTcpGate(targetPort: number): Promise<TcpGate> {
  let isShut = false;
  let isSilent = false;
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    if (isShut) return incoming.destroy();
    if (isSilent) return sockets.add(incoming.on('close', () => sockets.delete(incoming)));
    const outgoing = connect(targetPort, '127.0.0.1');
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one
        .on('error', () => other.destroy())
        .on('close', () => {
          sockets.delete(one);
          other.destroy();
        });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    shut: (shut) => {
      isShut = shut;
      if (shut) cut();
    },
    stopForwarding: () => {
      isSilent = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      await closed;
    },
  };
}
