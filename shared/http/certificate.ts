import type { Certificate } from '../api/certificateSchema.ts';
import type { App, HubServices } from '../app.ts';
import type { ModuleSpec } from '../policy/moduleSpec.ts';
import type { PolicyInForce } from '../policy/policyInForce.ts';
import type { PolicyReader } from '../policyStore/policyReader.ts';
import { coveragePairs } from '../run/counts.ts';
import type { Covered } from '../run/coveredPairs.ts';
import { readHubDocument } from '../run/hubDocument.ts';
import { readRun } from '../run/readRuns.ts';
import { readReport } from '../run/report.ts';
import type { Run } from '../run/run.ts';
import type { Log } from '../telemetry/log.ts';
import { Problem } from './problem.ts';
import { exemptionLines } from './reportLines.ts';

type CertificateDeps = Pick<App, 'documents' | 'clock' | 'version'> & {
  policies: Pick<PolicyReader, 'current'>;
  log: Log;
};

const maxExemptions = 10_000;

const algorithm: Certificate['algorithm'] = {
  name: 'sha256-sum-mod-2^256',
  description:
    'The hash of a module is the sum, modulo 2^256, of the SHA-256 of deviceId + "\\n" + moduleId in UTF-8, each digest as a big-endian number, over all covered devices; 64 hex digits. The order of the devices makes no difference.',
};

const whyNotSigned =
  'This version of the app signs nothing. Whoever can change this file can change its hashes: compare it with the hub, or get it from the app yourself.';

/**
 * Returns the certificate of a hub's coverage, from its last finished sweep. Throws `Problem` 409, with what to do, if that sweep
 * cannot be certified; `NoPolicyError`; and what storage throws.
 */
export async function readCertificate(deps: CertificateDeps, { hub }: Pick<HubServices, 'hub'>): Promise<Certificate> {
  const { documents, clock, version } = deps;
  const inForce = await deps.policies.current(deps.log);
  const { lastFinishedSweep: last, undoSinceSweep } = await readHubDocument(documents, hub.name);
  if (!last) throw nothing(`No sweep of hub ${hub.name} has finished yet. ${startOne}`);
  const run = await readRun(documents, hub.name, last.runId);
  if (!run) throw nothing(`The last finished sweep, ${last.runId}, is not stored any more. ${startOne}`);
  if (last.incomplete) throw nothing(`Sweep ${run.runId} did not see all devices of the hub. ${startOne}`);
  if (undoSinceSweep !== undefined) {
    throw nothing(
      `Undo ${undoSinceSweep} creates modules that the last finished sweep, ${run.runId}, counted as removed. ${startOne}`,
    );
  }
  const { modules, policy } = certified(run, inForce, hub.hostName);
  const exemptions = [...exemptionLines(await readReport(documents, run, 'exemptions'), {})];
  const { counts, runId, startedBy, startedAt, finishedAt, devicesAtEnd } = run;
  return {
    kind: 'module-keeper-coverage',
    version: 1,
    issuedAt: new Date(clock.now()).toISOString(),
    hub: { name: hub.name, hostName: hub.hostName },
    app: { version },
    policy,
    run: { runId, startedBy, startedAt, listingSince: run.checkpoint.listingSince, finishedAt, devicesAtEnd, counts },
    modules,
    uncovered: { failed: counts.failed, blocked: counts.blocked },
    exemptions: {
      counts: run.exemptions,
      lines: exemptions.slice(0, maxExemptions),
      notShown: Math.max(0, exemptions.length - maxExemptions),
    },
    algorithm,
    signed: false,
    whyNotSigned,
  };
}

const startOne = 'Start one, or wait for the next one.';

function nothing(detail: string): Problem {
  return new Problem(409, 'no-certificate', 'There is nothing to certify', detail);
}

/** Returns the parts about the policy. Throws `Problem` 409 if the run had another policy or host name, or incomplete hashes. */
function certified(
  run: Run,
  { policy, fingerprint, source, etag }: PolicyInForce,
  hostName: string,
): Pick<Certificate, 'modules' | 'policy'> {
  const { covered } = run.checkpoint;
  if (run.policy !== fingerprint) {
    throw nothing(`The policy has changed since the last finished sweep, ${run.runId}. ${startOne}`);
  }
  if (run.checkpoint.hostName !== hostName) {
    throw nothing(`The last finished sweep, ${run.runId}, was made with another host name of the hub. ${startOne}`);
  }
  // An earlier version of the app may have worked on a part of the run, without adding its outcomes to the hashes.
  const pairs = Object.values(covered ?? {}).reduce((sum, one) => sum + one.pairs, 0);
  if (!covered || pairs !== coveragePairs(run.counts).covered) {
    throw nothing(
      `An earlier version of the app made the last finished sweep, ${run.runId}, and stored no hashes. ${startOne}`,
    );
  }
  return {
    modules: policy.map((spec) => moduleLine(spec, covered, run.checkpoint.failures)),
    policy: { fingerprint, source, etag: etag ?? null, specs: policy.map((spec) => ({ ...spec })) },
  };
}

function moduleLine({ moduleId, ensure }: ModuleSpec, covered: Covered, failures: Record<string, number>) {
  const found = Object.hasOwn(covered, moduleId) ? covered[moduleId] : undefined;
  const failed = Object.hasOwn(failures, moduleId) ? (failures[moduleId] ?? 0) : 0;
  return { moduleId, ensure, covered: found?.pairs ?? 0, hash: found?.sum ?? '0'.repeat(64), failed };
}
