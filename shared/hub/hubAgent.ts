import { Agent, type AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';

/**
 * HTTPS agent for one hub, with an idle timeout. The SDK's client has none, and it takes `host:port` for a host name; an
 * agent's options override those of a request, so this sets the correct host and port.
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

/** Node only reports a socket's timeout; without this a request to a hub that does not respond would never end. */
function destroyOnIdleTimeout(socket: Duplex): void {
  socket.once('timeout', () => {
    socket.destroy(
      Object.assign(new Error('The connection to the hub reached its idle timeout.'), { code: 'ETIMEDOUT' }),
    );
  });
}
