import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Emulator } from '../../../local/emulator/emulator.ts';
import { EmulatorClock } from '../../../local/emulator/state/emulatorClock.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { HubConfig, HubLimits } from '../../../shared/config/config.ts';
import { azureRegistry } from '../../../shared/hub/azureRegistry.ts';
import type { Registry } from '../../../shared/hub/registry.ts';
import type { Policy } from '../../../shared/policy/moduleSpec.ts';
import { readReport } from '../../../shared/run/report.ts';
import type { Run } from '../../../shared/run/run.ts';
import { startRun } from '../../../shared/run/runStore.ts';
import { noTelemetry } from '../../../shared/telemetry/telemetry.ts';
import type { HubWorkerDeps } from '../../../shared/worker/hubWorker.ts';
import { bearer } from '../../local/emulator/auth/entraToken.ts';
import type { HubClient } from '../../local/emulator/hubClient.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { MemoryDocuments, MemoryLeases, MemoryPending, MemoryWakeUps } from '../../support/memoryStorage.ts';
import { fixedPolicy } from '../../support/policy.ts';
import { workToEnd } from '../../support/workToEnd.ts';

/** No call waits for the budget of the hub. */
const opsPerMinute = 1e9;
const limits: HubLimits = {
  registryOpsPerMinute: opsPerMinute,
  queriesPerMinute: opsPerMinute,
  twinReadsPerSecond: opsPerMinute,
  twinWritesPerSecond: opsPerMinute,
};

/** The settings of the emulator's hub, with a SAS key or Entra ID. */
function configOf({ hostName, connectionString }: Emulator, bySas: boolean): HubConfig {
  return {
    ...{ name: 'contoso', hostName, auth: bySas ? { kind: 'sas', connectionString } : { kind: 'entra' } },
    ...{ tier: 'S3', units: 10, budgetPercent: 50, paused: false, limits },
  };
}

/** How the app reaches an emulator. */
export interface HubAccess {
  config: HubConfig;
  registry: Registry;
}

/** Returns the access to an emulator with the real registry. This process must trust its certificate (`trusting`). */
export function accessTo(emulator: Emulator, client: HubClient, bySas: boolean): HubAccess {
  const config = configOf(emulator, bySas);
  const getToken = async () => {
    const token = (await bearer(client, emulator)).replace('Bearer ', '');
    return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
  };
  return { config, registry: azureRegistry(config, async () => ({ getToken })) };
}

/** Runs `work` while this process trusts the certificate too. */
export async function trusting(certificate: string, work: () => Promise<void>): Promise<void> {
  const known = getCACertificates();
  setDefaultCACertificates([...known, certificate]);
  try {
    await work();
  } finally {
    setDefaultCACertificates(known);
  }
}

/** So that a run does not wait for the seconds between two checkpoints; a lease still lasts 3 s. */
const timeScale = 20;

/** The real worker with the real registry, on a faster clock, with storage in memory. */
export class EmulatorWorker {
  private readonly deps: HubWorkerDeps;
  private readonly documents = new MemoryDocuments();

  constructor({ config, registry }: HubAccess, policy: Policy) {
    const clock = new EmulatorClock(systemClock, timeScale);
    this.deps = {
      ...{ hub: config, registry, policies: fixedPolicy(policy), documents: this.documents },
      ...{ leases: new MemoryLeases(clock), pending: new MemoryPending(clock), wakeUps: new MemoryWakeUps(clock) },
      ...{ clock, random: Math.random, log: new MemoryLog(), telemetry: noTelemetry },
      ...{ sliceMs: 240_000, functionTimeoutMs: 600_000, stopping: new AbortController().signal },
    };
  }

  /** Runs a whole sweep. Returns its run as it ended. */
  async sweep(dryRun: boolean): Promise<Run> {
    const { run } = await startRun(this.deps, this.deps.hub.name, { dryRun, startedBy: 'http' });
    return workToEnd(this.deps, run);
  }

  /** The lines of the report `changes` of a run. */
  async changesOf(run: Run): Promise<{ deviceId: string; moduleId: string; outcome: string }[]> {
    const lines = (await readReport(this.documents, run, 'changes')).split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line));
  }
}
