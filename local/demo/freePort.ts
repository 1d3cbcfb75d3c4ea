import { once } from 'node:events';
import { createServer } from 'node:net';

/** Returns `preferred` if the port is free on this machine, else 0, which means any free port. */
export async function freePort(preferred: number): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(preferred, '127.0.0.1');
    await once(probe, 'listening');
    return preferred;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return 0;
    throw error;
  } finally {
    probe.close();
  }
}
