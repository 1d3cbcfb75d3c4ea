import type { IncomingMessage } from 'node:http';
import { readFaultRule } from './faults.ts';
import type { Answer } from './hubAnswers.ts';
import { routeNotFound } from './hubRefusals.ts';
import { readJsonBody } from './requestBody.ts';
import type { Target } from './routes.ts';
import type { Hub } from './serveHub.ts';

const maxRuleBytes = 64 * 1024;

export const isAdminPath = (target: Target): boolean => target.segments[0] === '$emulator';

/**
 * What a real hub does not have: `GET /$emulator/counters`, and fault rules under `/$emulator/faults` (GET lists them,
 * POST adds one, DELETE drops all). Needs no token; rejects with a HubRefusal.
 */
export async function serveAdmin(hub: Hub, request: IncomingMessage, target: Target): Promise<Answer> {
  switch (`${request.method} ${target.segments.slice(1).join('/')}`) {
    case 'GET counters':
      return { status: 200, body: hub.counters.report(hub.store.created) };
    case 'GET faults':
      return { status: 200, body: hub.faults.list() };
    case 'POST faults':
      hub.faults.add(readFaultRule(await readJsonBody(request, maxRuleBytes)));
      return { status: 201, body: hub.faults.list() };
    case 'DELETE faults':
      hub.faults.clear();
      return { status: 204 };
    default:
      throw routeNotFound();
  }
}
