import { Agent, type AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';

/**
 * HTTPS agent for one hub. It adds an idle timeout, which the SDK's client does not have. It also sets host and port, because the
 * client passes `host:port` as the host name; the options of an agent override those of a request.
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

/** Node emits `timeout` but does not close the socket, so a request to a hub that does not respond would never end. */
function destroyOnIdleTimeout(socket: Duplex): void {
  socket.once('timeout', () => {
    socket.destroy(
      Object.assign(new Error('The connection to the hub reached its idle timeout.'), { code: 'ETIMEDOUT' }),
    );
  });
}
