import { TimeLimitError, withTimeout } from '../abort.ts';
import type { Clock } from '../clock.ts';
import type { WrittenPolicy } from '../config/parsePolicy.ts';
import { originFields, type PolicyInForce } from '../policy/policyInForce.ts';
import { type ChangingTexts, type Documents, type ReadText, StaleDocumentError } from '../storage/documents.ts';
import { storageErrorFields, storageStatus } from '../storage/storageStatus.ts';
import type { Log } from '../telemetry/log.ts';
import { transportFailure } from '../transportFailure.ts';
import { keepLastValid, readLastValid } from './lastValid.ts';
import { NoPolicyError, type PolicyReader } from './policyReader.ts';
import {
  defaultInForce,
  inForceAs,
  maxPolicyBytes,
  type PolicyStanding,
  parsePolicyText,
  policyPath,
  type WrittenInForce,
} from './standing.ts';

/** How long `current` returns a policy without another read of storage. */
const freshMs = 60_000;
/** The same limit as for the hub document, which `admitDevice` reads at the same time. */
const readLimitMs = 3_000;

/** What a `PolicyStore` needs. */
export interface PolicyStoreDeps {
  /** Undefined if no setting names a policy. */
  setting: WrittenPolicy | undefined;
  documents: Documents & ChangingTexts;
  clock: Clock;
}

/**
 * Knows the policy in force: that of the settings, else of `policy.json`, else the default. While `policy.json` is invalid, the
 * policy before it stays in force, also in processes that start later (`lastValid.ts`).
 */
export class PolicyStore implements PolicyReader {
  private readonly bySetting: PolicyStanding | undefined;
  private readonly documents: Documents & ChangingTexts;
  private readonly clock: Clock;
  private known: PolicyStanding | undefined;
  private askedAtMs = Number.NEGATIVE_INFINITY;
  private reading: Promise<PolicyStanding> | undefined;
  /** The number of the last read that began. */
  private begun = 0;
  /** The number of the read that found `known`. A read that began earlier but ends later must not replace it. */
  private knownBy = 0;
  /** The ETag of the `policy.json` that this process has stored as the last valid one; `none` for the default. */
  private kept: string | undefined;

  constructor({ setting, documents, clock }: PolicyStoreDeps) {
    this.bySetting = setting && { inForce: inForceAs(setting, 'setting'), problems: [], etag: undefined };
    this.documents = documents;
    this.clock = clock;
  }

  async current(log: Log): Promise<PolicyInForce> {
    return inForceOf(await this.standing(log));
  }

  async fresh(log: Log): Promise<PolicyInForce> {
    return inForceOf(await this.freshStanding(log));
  }

  /** As `current`, but returns the problems of `policy.json`; never throws `NoPolicyError`. */
  async standing(log: Log): Promise<PolicyStanding> {
    if (this.bySetting) return this.bySetting;
    if (this.known && this.clock.elapsedMs() - this.askedAtMs < freshMs) return this.known;
    this.reading ??= this.readAndKeep(log).finally(() => {
      this.reading = undefined;
    });
    const limit = { limitMs: readLimitMs, what: `Reading ${policyPath}`, clock: this.clock };
    return this.orKnown(
      withTimeout(limit, () => this.reading ?? this.readAndKeep(log)),
      log,
    );
  }

  /** As `fresh`, but returns the problems of `policy.json`; never throws `NoPolicyError`. */
  async freshStanding(log: Log): Promise<PolicyStanding> {
    return this.orKnown(this.standingNow(log), log);
  }

  /** As `freshStanding`, but throws what storage throws also if a policy is known, for a caller that has just changed `policy.json`. */
  async standingNow(log: Log): Promise<PolicyStanding> {
    return this.bySetting ?? this.readAndKeep(log);
  }

  /** Stores each valid policy before it is applied, so that it can stay in force if the next `policy.json` is invalid. */
  private async readAndKeep(log: Log): Promise<PolicyStanding> {
    const standing = await this.read(log);
    await this.keep(standing, log);
    return standing;
  }

  /** The ETag of `policy.json`, also if a setting names the policy; undefined if there is no blob. Throws what storage throws. */
  storedEtag(): Promise<string | undefined> {
    return this.documents.readEtag(policyPath);
  }

  /**
   * Writes a policy to `policy.json`: replaces the version with this `etag`, or creates the blob if `etag` is undefined. Throws
   * `StaleDocumentError` if the blob has another version, unless it already holds this policy; and what storage throws.
   */
  async write({ written }: WrittenPolicy, etag: string | undefined): Promise<void> {
    try {
      await this.documents.write(policyPath, written, etag);
    } catch (error) {
      if (!(error instanceof StaleDocumentError) || !(await this.isStored(written))) throw error;
    }
  }

  /** Whether `policy.json` already holds this policy: after a lost response, a retry of the write conflicts with its first try. */
  private async isStored(written: unknown): Promise<boolean> {
    const stored = await this.documents.readTextUnless(policyPath, undefined, maxPolicyBytes);
    return typeof stored === 'object' && stored.text === JSON.stringify(written);
  }

  private async read(log: Log): Promise<PolicyStanding> {
    this.askedAtMs = this.clock.elapsedMs();
    this.begun += 1;
    const turn = this.begun;
    const before = this.known;
    const text = await this.documents.readTextUnless(policyPath, before?.etag, maxPolicyBytes);
    const standing = await this.standingOf(text, before);
    if (turn > this.knownBy) {
      this.knownBy = turn;
      this.known = standing;
      logChange(before, standing, log);
    }
    return standing;
  }

  private async standingOf(
    read: ReadText | 'unchanged' | undefined,
    before: PolicyStanding | undefined,
  ): Promise<PolicyStanding> {
    const readAt = new Date(this.clock.now()).toISOString();
    if (read === undefined) return { inForce: defaultInForce(), problems: [], etag: undefined, readAt };
    if (read === 'unchanged') {
      if (!before) throw new TypeError('Storage returned "unchanged", but policy.json was never read before.');
      return { ...before, readAt };
    }
    const { text, etag } = read;
    const parsed = parsePolicyText(text);
    if (parsed.ok) return { inForce: inForceAs(parsed.value, 'blob', etag), problems: [], etag, readAt };
    const inForce = (await readLastValid(this.documents)) ?? before?.inForce;
    return { inForce, problems: parsed.problems, etag, readAt };
  }

  /** If storage fails, returns the policy that was read before. Throws what storage throws if there is none. */
  private async orKnown(reading: Promise<PolicyStanding>, log: Log): Promise<PolicyStanding> {
    try {
      return await reading;
    } catch (error) {
      const { known } = this;
      if (known?.inForce === undefined || !isOfStorage(error)) throw error;
      const { readAt } = known;
      log.warn('policy.json could not be read; the policy stays in force', { readAt, ...storageErrorFields(error) });
      return known;
    }
  }

  private async keep(standing: PolicyStanding, log: Log): Promise<void> {
    const { inForce, problems, etag = 'none' } = standing;
    if (!inForce || problems.length > 0 || this.kept === etag) return;
    try {
      await keepLastValid(this.documents, inForce, standing);
      this.kept = etag;
    } catch (error) {
      if (!(error instanceof StaleDocumentError) && !isOfStorage(error)) throw error;
      log.warn('The last valid policy could not be kept', storageErrorFields(error)); // the next slice tries again
    }
  }
}

/** Whether storage responded with an error, did not respond in time, or did not respond at all. */
function isOfStorage(error: unknown): boolean {
  const failed = storageStatus(error) !== undefined || transportFailure(error) !== undefined;
  return failed || error instanceof TimeLimitError;
}

/** Logs the problems of `policy.json`, one line each. */
export function logPolicyProblems({ inForce, problems }: PolicyStanding, log: Log): void {
  for (const { setting, message } of problems) {
    if (inForce) log.error('policy.json is invalid; the policy before it stays in force', { setting, message });
    else log.error('policy.json is invalid, and no earlier policy is known: nothing is created', { setting, message });
  }
}

function logChange(before: PolicyStanding | undefined, now: PolicyStanding, log: Log): void {
  if (now.problems.length > 0 && now.etag !== before?.etag) logPolicyProblems(now, log);
  const { inForce } = now;
  if (inForce && !isSame(inForce, before?.inForce)) log.info('Policy in force', originFields(inForce));
}

function isSame(one: WrittenInForce, other: WrittenInForce | undefined): boolean {
  return one.source === other?.source && one.etag === other.etag && one.fingerprint === other.fingerprint;
}

function inForceOf({ inForce, problems }: PolicyStanding): PolicyInForce {
  if (!inForce) throw new NoPolicyError(problems);
  return inForce;
}
