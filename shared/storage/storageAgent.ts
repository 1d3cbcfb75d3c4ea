import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/**
 * A connection without data for this time is closed, and the SDK retries the call on another connection. The queue and blob calls
 * of this app are small and usually complete within some tenths of a second.
 */
const defaultIdleTimeoutMs = 5_000;

/**
 * Returns an agent whose connections fail with `ETIMEDOUT` after the idle timeout, also while they connect. In Node the storage
 * SDK has no timeout of its own: `tryTimeoutInMs` only limits the time that the service may use
 * (`StorageRetryPolicyV2` of @azure/storage-common 12.4). `protocol` is `http:` only for an emulator.
 */
export function storageAgent(protocol: string, idleTimeoutMs = defaultIdleTimeoutMs): HttpAgent {
  const options = { keepAlive: true, timeout: idleTimeoutMs };
  const agent = protocol === 'http:' ? new HttpAgent(options) : new HttpsAgent(options);
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...args) => {
    const socket = connect(...args);
    // Node emits `timeout`, but does not close the socket.
    socket?.once('timeout', () => {
      socket.destroy(Object.assign(new Error('Idle timeout of a storage connection.'), { code: 'ETIMEDOUT' }));
    });
    return socket;
  };
  return agent;
}
