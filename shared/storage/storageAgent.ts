import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/**
 * How long storage may say nothing on a connection before the call is tried on another one. Queue and blob calls of this
 * app are small and answered within some tenths of a second.
 */
const defaultIdleTimeoutMs = 5_000;

/**
 * Connections that end with `ETIMEDOUT` when the other side falls silent, while they are made as in the midst of an
 * answer. The storage SDK has no time-out of its own in Node: its `tryTimeoutInMs` only tells the service how long to
 * work on a call (`StorageRetryPolicyV2` of @azure/storage-common 12.4). `https` for any address but one of an emulator.
 */
export function storageAgent(protocol: string, idleTimeoutMs = defaultIdleTimeoutMs): HttpAgent {
  const options = { keepAlive: true, timeout: idleTimeoutMs };
  const agent = protocol === 'http:' ? new HttpAgent(options) : new HttpsAgent(options);
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...args) => {
    const socket = connect(...args);
    // Node only reports the silence.
    socket?.once('timeout', () => {
      socket.destroy(Object.assign(new Error('Storage fell silent.'), { code: 'ETIMEDOUT' }));
    });
    return socket;
  };
  return agent;
}
