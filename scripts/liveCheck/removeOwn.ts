import { type HubCalls, shortly } from './hubCalls.ts';
import type { OwnIdentities } from './ownIdentities.ts';
import { Unsettled } from './unsettled.ts';

/**
 * Deletes the devices of a run; with a device its modules go. Returns a line for each that may still be there, with the command that
 * removes it.
 */
export async function removeOwn(calls: HubCalls, { scratch, missing }: OwnIdentities): Promise<string[]> {
  const lines: string[] = [];
  for (const id of [scratch, missing]) {
    const why = await problemOfRemoval(calls, id);
    if (why !== undefined) {
      const command = `az iot hub device-identity delete --hub-name <hub> --device-id ${id}`;
      lines.push(`The device ${id} may still be on the hub (${why}). Remove it: ${command}`);
    }
  }
  return lines;
}

async function problemOfRemoval(calls: HubCalls, id: string): Promise<string | undefined> {
  try {
    const request = { method: 'DELETE', path: `/devices/${id}`, headers: { 'if-match': '*' } } as const;
    const reply = await calls.send(request, 'removal');
    return reply.status === 204 || reply.status === 404 ? undefined : shortly(reply);
  } catch (error) {
    if (error instanceof Unsettled) return error.message;
    throw error;
  }
}
