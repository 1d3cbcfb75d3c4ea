import { parsedJson } from '../parsedJson.ts';
import { type ChangingTexts, type Documents, StaleDocumentError } from '../storage/documents.ts';
import { membersOf } from '../storage/readMembers.ts';
import {
  defaultInForce,
  inForceAs,
  maxPolicyBytes,
  type PolicyStanding,
  parsePolicyText,
  policyPath,
  type WrittenInForce,
} from './standing.ts';

/** The policy that was in force before `policy.json` became invalid, for processes that start after that. */
const lastValidPath = 'policy.lastValid.json';
const version = 1;
/** The largest size in bytes: that of a policy, and some bytes for the members around the policy. */
const maxBytes = maxPolicyBytes + 64 * 1024;
const maxTries = 5;

type Stores = Documents & ChangingTexts;

/**
 * Returns the policy that was in force before `policy.json` became invalid: an earlier `policy.json`, or the default if there
 * was none. Undefined if nothing was stored or it is not understood. Throws what storage throws.
 */
export async function readLastValid(documents: Stores): Promise<WrittenInForce | undefined> {
  return (await readKept(documents)).kept;
}

/**
 * Stores the policy in force as the last valid one. Does nothing if `policy.json` has changed since `of` was read: the process
 * that reads the new version stores it. Throws `StaleDocumentError` after five conflicts with other writers, and what storage
 * throws.
 */
export async function keepLastValid(documents: Stores, inForce: WrittenInForce, of: PolicyStanding): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { kept, etag } = await readKept(documents);
    if (kept && kept.source === inForce.source && kept.etag === inForce.etag) return;
    if ((await documents.readEtag(policyPath)) !== of.etag) return;
    const { source, written } = inForce;
    const document = { version, source, ...(of.etag === undefined ? {} : { etag: of.etag }), policy: written };
    try {
      await documents.write(lastValidPath, document, etag);
      return;
    } catch (error) {
      if (!(error instanceof StaleDocumentError) || attempt >= maxTries) throw error;
    }
  }
}

async function readKept(documents: Stores): Promise<{ kept?: WrittenInForce; etag?: string | undefined }> {
  const read = await documents.readTextUnless(lastValidPath, undefined, maxBytes);
  if (read === undefined || read === 'unchanged') return {};
  // If the document is not understood, the next valid policy replaces it.
  const kept = inForceOf(membersOf(parsedJson(read.text)));
  return { ...(kept ? { kept } : {}), etag: read.etag };
}

function inForceOf({ source, etag, policy }: Record<string, unknown>): WrittenInForce | undefined {
  if (source === 'default') return defaultInForce();
  if (source !== 'blob' || typeof etag !== 'string' || policy === undefined) return undefined;
  const read = parsePolicyText(JSON.stringify(policy));
  return read.ok ? inForceAs(read.value, 'blob', etag) : undefined;
}
