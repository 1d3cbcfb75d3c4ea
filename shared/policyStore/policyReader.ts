import type { ConfigProblem } from '../config/config.ts';
import type { PolicyInForce } from '../policy/policyInForce.ts';
import type { Log } from '../telemetry/log.ts';

/** `policy.json` is invalid, and there is no earlier valid policy to apply in its place. */
export class NoPolicyError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super('policy.json is invalid, and there is no earlier valid policy.');
    this.name = 'NoPolicyError';
    this.problems = problems;
  }
}

/** The only source of the policy in force. */
export interface PolicyReader {
  /**
   * The policy in force, at most a minute old. Throws `NoPolicyError`; and if no policy has been read yet, what storage throws,
   * or `TimeLimitError` after three seconds.
   */
  current(log: Log): Promise<PolicyInForce>;
  /** The policy in force, read anew. Throws `NoPolicyError`; and if no policy has been read yet, what storage throws. */
  fresh(log: Log): Promise<PolicyInForce>;
}
