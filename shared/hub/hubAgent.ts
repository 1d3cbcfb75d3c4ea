import { Agent, type AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';

/**
 * The connections to one hub. Given to the SDK, whose own client has no time-out and takes `host:port` for a host name;
 * an agent's options win over those of its requests, so host and port are set right here.
 */
export class HubAgent extends Agent {
  constructor(hostName: string, idleTimeoutMs: number) {
    const { hostname, port } = new URL(`https://${hostName}`);
    const options: AgentOptions = {
      keepAlive: true,
      timeout: idleTimeoutMs,
      host: hostname,
      ...(port === '' ? {} : { port: Number(port) }),
    };
    super(options);
  }

  override createConnection(
    ...[options, callback]: Parameters<Agent['createConnection']>
  ): ReturnType<Agent['createConnection']> {
    const socket = super.createConnection(options, callback);
    if (socket) destroyOnIdleTimeout(socket);
    return socket;
  }
}

/** Node only reports a socket's time-out; without this the request of a hub that hangs would never end. */
function destroyOnIdleTimeout(socket: Duplex): void {
  socket.once('timeout', () => {
    socket.destroy(Object.assign(new Error('The hub fell silent.'), { code: 'ETIMEDOUT' }));
  });
}
