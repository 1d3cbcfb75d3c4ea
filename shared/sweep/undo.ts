import { countHub } from '../hub/headroom.ts';
import type { ModuleIdentity } from '../hub/registry.ts';
import type { Create } from '../reconcile/applyChanges.ts';
import type { RemovedModule } from '../reconcile/checkRemovals.ts';
import { pairKey } from '../reconcile/moduleChange.ts';
import type { BulkResult, ChangeNotes } from '../reconcile/settleSingly.ts';
import type { OpenRun } from '../run/openRun.ts';
import type { TodoChange } from '../run/run.ts';
import { measureProgress } from './progress.ts';
import type { RunWork } from './runWork.ts';
import { mustBeLookedUp, sendCreates } from './sendChunk.ts';
import { StopRuleError } from './stopRules.ts';
import { checkpointEveryMs, type SweepDeps } from './sweep.ts';
import { TodoRunner } from './todoRunner.ts';

/** What an undo needs, for one slice. */
export type UndoDeps = Pick<
  SweepDeps,
  'registry' | 'budgets' | 'clock' | 'pause' | 'signal' | 'telemetry' | 'log' | 'noteHeadroom'
> & {
  /** The modules of one part of what the other run has removed; undefined if the part is not there. */
  readRemoved(part: number): Promise<RemovedModule[] | undefined>;
  /** How many parts the other run says it has written; a worker that died may have written another one. */
  parts: number;
};

const newKeys = 'The modules have new keys: a device that uses the key of its module needs the new one.';

/**
 * A run that creates again what another run has removed, with the twins that the modules had. It creates only, so that a module
 * which somebody has created meanwhile stays as it is. `counts.devices` and `selected` count modules.
 */
export class Undo implements RunWork {
  private readonly openRun: OpenRun;
  private readonly deps: UndoDeps;
  private readonly todo: TodoRunner;
  /** The modules of the part that the todo belongs to. */
  private part: ReadonlyMap<string, RemovedModule> | undefined;

  constructor(openRun: OpenRun, deps: UndoDeps) {
    this.openRun = openRun;
    this.deps = deps;
    this.todo = new TodoRunner(openRun, { ...deps, send: (chunk, notes) => this.send(chunk, notes) });
  }

  /** Does one step; returns whether the run is done. Throws `StopRuleError`, `HubFullError`, and as the registry and the storage. */
  async step(): Promise<'more' | 'done'> {
    const { run } = this.openRun;
    if (this.todo.inFlight.hasFailed) await this.todo.inFlight.oneEnds(); // throws
    if (run.status === 'queued') await this.begin();
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

  private async begin(): Promise<void> {
    const { run } = this.openRun;
    const { devices, modules, headroom } = await countHub(this.deps.registry);
    run.checkpoint.places = headroom;
    run.checkpoint.listingSince = new Date(this.deps.clock.now()).toISOString();
    await this.deps.noteHeadroom(headroom);
    this.deps.log.info('Undo begins', { hub: run.hub, runId: run.runId, undoes: run.undoes, devices, modules });
    run.status = 'running';
    run.startedAt ??= run.checkpoint.listingSince;
    run.reason = newKeys;
    await this.openRun.save();
  }

  /** Adds the modules of the next part to the todo; false after the last one. A part that somebody has removed is noted. */
  private async addNextPart(): Promise<boolean> {
    const { run } = this.openRun;
    this.part = await this.readPart(run.progress.pages + 1);
    if (!this.part && run.progress.pages >= this.deps.parts) return false;
    run.progress.pages += 1;
    if (!this.part) {
      run.checkpoint.missingParts += 1;
      return true;
    }
    run.counts.devices += this.part.size;
    run.counts.selected += this.part.size;
    run.checkpoint.todo = [...this.part.values()].map(({ deviceId, moduleId, authentication }) => {
      return { do: 'create', deviceId, moduleId, authentication: creatable(authentication) };
    });
    return true;
  }

  private async readPart(part: number): Promise<ReadonlyMap<string, RemovedModule> | undefined> {
    const modules = await this.deps.readRemoved(part);
    return modules && new Map(modules.map((module) => [pairKey(module), module]));
  }

  private async send(chunk: readonly TodoChange[], notes: ChangeNotes): Promise<BulkResult> {
    this.part ??= (await this.readPart(this.openRun.run.progress.pages)) ?? new Map();
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
    const { devices, headroom } = await countHub(this.deps.registry);
    run.devicesAtEnd = devices;
    await this.deps.noteHeadroom(headroom);
    const { missingParts } = run.checkpoint;
    if (missingParts > 0) {
      throw new StopRuleError(
        `${missingParts} of the stored parts of run ${run.undoes} are not there any more, so their modules were not created; all others were. ${newKeys}`,
      );
    }
    return 'done';
  }
}

/** A hub turns `none` of a user's module into `sas` (a third party's probe of a live hub). */
function creatable(authentication: ModuleIdentity['authentication']): Create['authentication'] {
  return authentication === 'none' ? 'sas' : authentication;
}

function createOf({ deviceId, moduleId, authentication, thumbprints, twin }: RemovedModule): Create {
  return {
    do: 'create',
    ...{ deviceId, moduleId, authentication: creatable(authentication) },
    ...(thumbprints ? { thumbprints } : {}),
    twin,
  };
}
