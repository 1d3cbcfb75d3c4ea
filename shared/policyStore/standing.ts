import type { ConfigProblem } from '../config/config.ts';
import { parsePolicy, type WrittenPolicy } from '../config/parsePolicy.ts';
import { defaultModuleId } from '../policy/moduleId.ts';
import { defaultSpec } from '../policy/moduleSpec.ts';
import { type PolicyInForce, type PolicySource, policyInForce } from '../policy/policyInForce.ts';

/** Name of the blob with the policy in the app's container. */
export const policyPath = 'policy.json';

/** The largest size in bytes. A policy of 50 modules with the largest twins that a hub accepts is smaller. */
export const maxPolicyBytes = 2 * 1024 * 1024;

/** The policy in force with all defaults, and the JSON value from which it was parsed, without defaults. */
export type WrittenInForce = PolicyInForce & Pick<WrittenPolicy, 'written'>;

/** The policy in force, and the state of `policy.json`. */
export interface PolicyStanding {
  /** Undefined: `policy.json` is invalid, and there is no earlier valid policy. */
  inForce: WrittenInForce | undefined;
  /** The problems of `policy.json`. Empty if it is valid or missing, or not read because a setting names the policy. */
  problems: readonly ConfigProblem[];
  /** ETag of `policy.json` when it was read. Undefined if there is no blob, or if a setting names the policy. */
  etag: string | undefined;
  /** When `policy.json` was read last; ISO 8601, UTC. Undefined if a setting names the policy. */
  readAt?: string;
}

/** Returns a parsed policy as the policy in force, with its fingerprint. */
export function inForceAs({ policy, written }: WrittenPolicy, source: PolicySource, etag?: string): WrittenInForce {
  return { ...policyInForce(policy, source, etag), written };
}

/** The policy in force without a setting and without `policy.json`: the micro agent on every device except IoT Edge devices. */
export function defaultInForce(): WrittenInForce {
  const written = [{ moduleId: defaultModuleId }];
  return inForceAs({ policy: [defaultSpec(defaultModuleId)], written }, 'default');
}

/** Parses the text of `policy.json` with the rules of `POLICY`. `setting` of each problem begins with `policy.json`. */
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

/** Joins the problems into one text, which a run that waits for a valid policy shows. */
export function problemsText(problems: readonly ConfigProblem[]): string {
  return problems.map(({ setting, message }) => `${setting}: ${message}`).join('; ');
}
