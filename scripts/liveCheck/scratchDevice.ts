import type { Clock } from '../../shared/clock.ts';
import type { ModuleName } from '../../shared/hub/registry.ts';
import { moduleQueries } from '../../shared/hub/twinQueries.ts';
import type { HubReply } from './httpExchange.ts';
import type { HubAccess } from './hubAccess.ts';
import { type HubCalls, shortly } from './hubCalls.ts';
import type { OwnIdentities } from './ownIdentities.ts';
import { Unsettled } from './unsettled.ts';

/** Times of the reads after a change, in seconds: often at first, for two minutes in total. */
const pollSeconds = [0, 1, 2, 3, 4, 5, 6, 8, 12, 20, 30, 45, 60, 90, 120];

export const lastPollSeconds = pollSeconds.at(-1) ?? 0;

/** The device that a run makes on the hub, and the calls that its probes make to it. */
export class ScratchDevice {
  readonly calls: HubCalls;
  readonly own: OwnIdentities;
  readonly accessKind: HubAccess['kind'];
  /** When the device could be read by id, in milliseconds after its creation. */
  readableAfterMs: number | undefined;
  private readonly clock: Clock;
  private listed: Promise<readonly string[]> | undefined;

  constructor(calls: HubCalls, own: OwnIdentities, accessKind: HubAccess['kind'], clock: Clock) {
    this.calls = calls;
    this.own = own;
    this.accessKind = accessKind;
    this.clock = clock;
  }

  getDevice(): Promise<HubReply> {
    return this.calls.send({ method: 'GET', path: `/devices/${this.own.scratch}` });
  }

  createDevice(): Promise<HubReply> {
    const deviceId = this.own.scratch;
    return this.calls.send({ method: 'PUT', path: `/devices/${deviceId}`, body: { deviceId } });
  }

  setStatus(status: 'enabled' | 'disabled'): Promise<HubReply> {
    const deviceId = this.own.scratch;
    const headers = { 'if-match': '*' };
    return this.calls.send({ method: 'PUT', path: `/devices/${deviceId}`, headers, body: { deviceId, status } });
  }

  /** Creates a module as the keeper does: without If-Match, so that an existing one is refused. */
  putModule(moduleId: string, deviceId = this.own.scratch): Promise<HubReply> {
    const body = { deviceId, moduleId, authentication: { type: 'sas' } };
    return this.calls.send({ method: 'PUT', path: `/devices/${deviceId}/modules/${moduleId}`, body });
  }

  /** `putModule` as a step before a check. Throws `Unsettled` if it is refused. */
  async makeModule(moduleId: string): Promise<void> {
    const reply = await this.putModule(moduleId);
    if (reply.status !== 200) throw new Unsettled(`a module for the check was refused: ${shortly(reply)}`);
  }

  getModule(moduleId: string): Promise<HubReply> {
    return this.calls.send({ method: 'GET', path: `/devices/${this.own.scratch}/modules/${moduleId}` });
  }

  deleteModule(moduleId: string): Promise<HubReply> {
    const headers = { 'if-match': '*' };
    return this.calls.send({ method: 'DELETE', path: `/devices/${this.own.scratch}/modules/${moduleId}`, headers });
  }

  /** Creates modules in one bulk call, as the keeper does. */
  bulkCreate(modules: readonly ModuleName[]): Promise<HubReply> {
    const body = modules.map(({ deviceId, moduleId }) => ({
      ...{ id: deviceId, moduleId, importMode: 'create', authentication: { type: 'sas' } },
    }));
    return this.calls.send({ method: 'POST', path: '/devices', body });
  }

  query(query: string, headers: Record<string, string> = {}): Promise<HubReply> {
    return this.calls.send({ method: 'POST', path: '/devices/query', headers, body: { query } });
  }

  /** The query with which the keeper looks for these modules of the scratch device. */
  moduleQuery(moduleIds: readonly string[]): string {
    const [query = ''] = moduleQueries([this.own.scratch], moduleIds);
    return query;
  }

  /** The ids of these modules that a query returns now. Throws `Unsettled` if it is refused. */
  async listedOf(moduleIds: readonly string[]): Promise<string[]> {
    const reply = await this.query(this.moduleQuery(moduleIds), { 'x-ms-max-item-count': '100' });
    return rowsOf(reply).map(({ moduleId }) => String(moduleId));
  }

  /**
   * Repeats `isReached` for at most `lastPollSeconds`. Returns after how many milliseconds it was true, counted from the start of the
   * call to the start of the read; undefined if it never was.
   */
  async pollUntil(isReached: () => Promise<boolean>): Promise<number | undefined> {
    const startMs = this.clock.elapsedMs();
    const passedMs = () => this.clock.elapsedMs() - startMs;
    for (const seconds of pollSeconds) {
      const waitMs = seconds * 1000 - passedMs();
      if (waitMs > 0) await this.calls.pause(waitMs);
      const askedAfterMs = passedMs();
      if (await isReached()) return Math.round(askedAfterMs);
    }
    return undefined;
  }

  /** Three modules that queries return; made on first use. Throws `Unsettled` if the index does not show them in time. */
  listedModules(): Promise<readonly string[]> {
    this.listed ??= this.makeListedModules();
    return this.listed;
  }

  private async makeListedModules(): Promise<readonly string[]> {
    const ids = ['live-check-page-1', 'live-check-page-2', 'live-check-page-3'];
    for (const id of ids) await this.makeModule(id);
    const afterMs = await this.pollUntil(async () => (await this.listedOf(ids)).length === ids.length);
    if (afterMs === undefined) throw new Unsettled(`queries did not return new modules within ${lastPollSeconds} s`);
    return ids;
  }
}

/** The rows of a query's page. Throws `Unsettled` if the reply is none. */
export function rowsOf(reply: HubReply): Record<string, unknown>[] {
  if (reply.status !== 200 || !Array.isArray(reply.body)) throw new Unsettled(`a query was refused: ${shortly(reply)}`);
  return reply.body;
}

/** The continuation token of a page; undefined on the last one. */
export function continuationOf({ headers }: HubReply): string | undefined {
  const token = headers['x-ms-continuation'];
  return typeof token === 'string' && token !== '' ? token : undefined;
}
