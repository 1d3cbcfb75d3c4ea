import type { ConfigProblem } from '../config/config.ts';
import { parsePolicy, type WrittenPolicy } from '../config/parsePolicy.ts';
import { defaultModuleId } from '../policy/moduleId.ts';
import { defaultSpec } from '../policy/moduleSpec.ts';
import { type PolicyInForce, type PolicySource, policyInForce } from '../policy/policyInForce.ts';

/** Name of the blob in the app's container. */
export const policyPath = 'policy.json';

/** The largest size in bytes. A policy of 50 modules with the largest twins that a hub accepts is smaller. */
export const maxPolicyBytes = 2 * 1024 * 1024;

/** The policy in force, and the JSON value that was written for it, which has no defaults. */
export type WrittenInForce = PolicyInForce & Pick<WrittenPolicy, 'written'>;

/** What is known of the policy. */
export interface PolicyStanding {
  /** Undefined: `policy.json` is invalid, and there is no earlier valid policy. */
  inForce: WrittenInForce | undefined;
  /** What is wrong with `policy.json`; empty if it is valid or missing, or if a setting wins, so that it is not read. */
  problems: readonly ConfigProblem[];
  /** ETag of `policy.json` as it was read; undefined if there is none, or if a setting wins. */
  etag: string | undefined;
  /** When `policy.json` was read last; ISO 8601, UTC. Undefined if a setting wins. */
  readAt?: string;
}

/** A policy that was written, as the one in force. */
export function inForceAs({ policy, written }: WrittenPolicy, source: PolicySource, etag?: string): WrittenInForce {
  return { ...policyInForce(policy, source, etag), written };
}

/** What counts if neither a setting nor `policy.json` is there: the micro agent on every device but Edge devices. */
export function defaultInForce(): WrittenInForce {
  const written = [{ moduleId: defaultModuleId }];
  return inForceAs({ policy: [defaultSpec(defaultModuleId)], written }, 'default');
}

/** Parses the text of `policy.json` as `POLICY` is parsed. The paths of problems begin with its name. */
export function parsePolicyText(
  text: string,
): { ok: true; value: WrittenPolicy } | { ok: false; problems: ConfigProblem[] } {
  const problem = (path: string, message: string) => ({ setting: `${policyPath}${path}`, message });
  if (Buffer.byteLength(text) > maxPolicyBytes) {
    return { ok: false, problems: [problem('', `has more than ${maxPolicyBytes} bytes; write a shorter policy`)] };
  }
  const json = text.trim(); // removes a byte order mark too
  const read = parsePolicy(json);
  if (read.ok) return { ok: true, value: { policy: read.value, written: JSON.parse(json) } };
  return { ok: false, problems: read.problems.map(({ path, message }) => problem(path, message)) };
}

/** The problems as one text, for a run that waits. */
export function problemsText(problems: readonly ConfigProblem[]): string {
  return problems.map(({ setting, message }) => `${setting}: ${message}`).join('; ');
}
