import type { HubConfig } from '../config/config.ts';
import { countHub } from '../hub/headroom.ts';
import type { ModuleIdentity } from '../hub/registry.ts';
import type { Create } from '../reconcile/applyChanges.ts';
import type { RemovedModule } from '../reconcile/checkRemovals.ts';
import { pairKey } from '../reconcile/moduleChange.ts';
import type { BulkResult, ChangeNotes } from '../reconcile/settleSingly.ts';
import type { OpenRun } from '../run/openRun.ts';
import type { RemovedPart } from '../run/removedModules.ts';
import type { TodoChange } from '../run/run.ts';
import { measureProgress } from './progress.ts';
import { RunFailedError } from './runFailedError.ts';
import type { RunWork } from './runWork.ts';
import { mustBeLookedUp, sendCreates } from './sendChunk.ts';
import { checkpointEveryMs, type SweepDeps } from './sweep.ts';
import { TodoRunner } from './todoRunner.ts';

/** What the other run has stored of the modules that it removed. */
interface RemovedStore {
  /** The numbers of the parts that exist, in ascending order. Numbers begin at 1. */
  parts: readonly number[];
  /** The number of the newest part that the run has noted in its document. */
  newestPart: number;
  /** Undefined if the part no longer exists. */
  read(part: number): Promise<RemovedPart | undefined>;
  /** Host name of the hub that they were removed from; null if it is not known. */
  hostName: string | null;
}

/** What an undo needs, for one slice. */
export type UndoDeps = Pick<
  SweepDeps,
  'registry' | 'budgets' | 'clock' | 'pause' | 'signal' | 'telemetry' | 'log' | 'noteHeadroom'
> & { hub: Pick<HubConfig, 'hostName'>; removed: RemovedStore };

const newKeys = 'The modules have new keys: a device that uses the key of its module needs the new one.';

/**
 * A run that creates again what another run has removed, with the twins that the modules had last. It reads the stored parts from the
 * newest to the oldest; if several contain a module, it uses the newest. It only creates, so that a module that another client has
 * created meanwhile does not change. `counts.devices` and `selected` count modules.
 */
export class Undo implements RunWork {
  private readonly openRun: OpenRun;
  private readonly deps: UndoDeps;
  private readonly todo: TodoRunner;
  /** The modules of the part that the todo belongs to. */
  private part: ReadonlyMap<string, RemovedModule> = new Map();
  /** The keys (`pairKey`) of the modules of all newer parts; undefined until the slice has read them. */
  private newer: Set<string> | undefined;

  constructor(openRun: OpenRun, deps: UndoDeps) {
    this.openRun = openRun;
    this.deps = deps;
    this.todo = new TodoRunner(openRun, { ...deps, send: (chunk, notes) => this.send(chunk, notes) });
  }

  /** Does one step; returns whether the run is done. Throws `RunFailedError`, `HubFullError`, and as the registry and the storage. */
  async step(): Promise<'more' | 'done'> {
    const { run } = this.openRun;
    this.throwIfOtherHub();
    if (this.todo.inFlight.hasFailed) await this.todo.inFlight.oneEnds(); // throws
    if (run.status === 'queued') await this.begin();
    else if (!this.newer) await this.resume();
    else if (await this.todo.startCall()) return 'more';
    else if (!this.todo.inFlight.isEmpty) await this.todo.inFlight.oneEnds();
    else if (run.checkpoint.todo.length > 0) await this.todo.waitForRetry();
    else if (!(await this.addNextPart())) return this.end();
    measureProgress(run, this.deps.clock);
    if (this.openRun.sinceSavedMs >= checkpointEveryMs) await this.openRun.save();
    return 'more';
  }

  /** Resolves when no call of this run is in flight; never rejects. */
  async allCallsEnd(): Promise<void> {
    await this.todo.inFlight.allEnd();
  }

  /** Nothing is read ahead. */
  async addStartedPages(): Promise<void> {}

  private throwIfOtherHub(): void {
    const { hub, removed } = this.deps;
    if (removed.hostName === null || removed.hostName === hub.hostName) return;
    throw new RunFailedError(
      `The modules were removed from ${removed.hostName}, and the host name of the hub is ${hub.hostName} now; nothing more is created.`,
    );
  }

  private async begin(): Promise<void> {
    const { run } = this.openRun;
    const { hub, clock, log } = this.deps;
    const { devices, modules, headroom } = await countHub(this.deps.registry);
    run.checkpoint.places = headroom;
    run.checkpoint.hostName = hub.hostName;
    run.checkpoint.listingSince = new Date(clock.now()).toISOString();
    await this.deps.noteHeadroom(headroom);
    log.info('Undo begins', { hub: run.hub, runId: run.runId, undoes: run.undoes, devices, modules });
    run.status = 'running';
    run.startedAt ??= run.checkpoint.listingSince;
    run.reason = newKeys;
    await this.openRun.save();
  }

  /** Reads the parts again that earlier slices have read. */
  private async resume(): Promise<void> {
    const { undonePart } = this.openRun.run.checkpoint;
    this.newer = new Set();
    for (const part of this.deps.removed.parts.toReversed()) {
      if (undonePart === null || part < undonePart) break;
      const modules = (await this.deps.removed.read(part))?.modules ?? [];
      if (part === undonePart) this.part = new Map(modules.map((module) => [pairKey(module), module]));
      else for (const module of modules) this.newer.add(pairKey(module));
    }
  }

  /** Adds the modules of the next older part to the todo; false if there is none. */
  private async addNextPart(): Promise<boolean> {
    const { run } = this.openRun;
    const { undonePart } = run.checkpoint;
    const next = this.deps.removed.parts.findLast((part) => undonePart === null || part < undonePart);
    if (next === undefined) return false;
    const newer = this.newer ?? new Set<string>();
    for (const key of this.part.keys()) newer.add(key);
    const { modules, unreadable } = (await this.deps.removed.read(next)) ?? { modules: [], unreadable: 0 };
    const wanted = modules.filter((module) => !newer.has(pairKey(module)));
    this.part = new Map(wanted.map((module) => [pairKey(module), module]));
    run.checkpoint.undonePart = next;
    run.progress.pages += 1;
    run.counts.unreadable += unreadable;
    run.counts.devices += this.part.size;
    run.counts.selected += this.part.size;
    run.checkpoint.todo = [...this.part.values()].map(({ deviceId, moduleId, authentication }) => {
      return { do: 'create', deviceId, moduleId, authentication: creatable(authentication) };
    });
    return true;
  }

  private async send(chunk: readonly TodoChange[], notes: ChangeNotes): Promise<BulkResult> {
    const creates: Create[] = [];
    for (const { deviceId, moduleId } of chunk) {
      const module = this.part.get(pairKey({ deviceId, moduleId }));
      if (module) creates.push(createOf(module));
      else notes.settled([{ deviceId, moduleId, outcome: 'failed', reason: 'notStored' }]);
    }
    if (!chunk.some(mustBeLookedUp)) return sendCreates(this.deps.registry, creates, notes);
    return { settled: [], unsettled: creates, mayHaveApplied: chunk[0]?.asked === true };
  }

  private async end(): Promise<'done'> {
    const { run } = this.openRun;
    const { parts, newestPart } = this.deps.removed;
    const { devices, headroom } = await countHub(this.deps.registry);
    run.devicesAtEnd = devices;
    await this.deps.noteHeadroom(headroom);
    const missing = Math.max(newestPart, parts.at(-1) ?? 0) - parts.length;
    const { unreadable } = run.counts;
    if (missing + unreadable === 0) return 'done';
    throw new RunFailedError(
      `Of what run ${run.undoes} stored, ${missing} parts no longer exist and ${unreadable} lines cannot be read, so their modules were not created; the counts are those of the others. ${newKeys}`,
    );
  }
}

function createOf({ deviceId, moduleId, authentication, thumbprints, twin }: RemovedModule): Create {
  return {
    do: 'create',
    ...{ deviceId, moduleId, authentication: creatable(authentication) },
    ...(thumbprints ? { thumbprints } : {}),
    twin,
  };
}

/** If a user creates a module with `none`, the hub stores `sas` instead (a third party's probe of a live hub). */
function creatable(authentication: ModuleIdentity['authentication']): Create['authentication'] {
  return authentication === 'none' ? 'sas' : authentication;
}
