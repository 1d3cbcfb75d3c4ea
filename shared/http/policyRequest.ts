import type { HttpRequest } from '@azure/functions';
import type { WrittenPolicy } from '../config/parsePolicy.ts';
import { maxPolicyBytes, parsePolicyText, policyPath } from '../policyStore/standing.ts';
import { Problem } from './problem.ts';
import { checkContentType } from './requestParts.ts';

/** Returns the policy in the body. Throws `Problem`: 400 with one error for each problem of the policy, 413 or 415. */
export async function policyOf(request: HttpRequest): Promise<WrittenPolicy> {
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > maxPolicyBytes) {
    throw new Problem(413, 'body-too-large', 'The body is too large', `At most ${maxPolicyBytes} bytes are accepted.`);
  }
  if (bytes.byteLength > 0) checkContentType(request.headers.get('content-type'));
  const read = parsePolicyText(Buffer.from(bytes).toString('utf8'));
  if (read.ok) return read.value;
  const errors = read.problems.map(({ setting, message }) => {
    const field = setting.slice(policyPath.length).replace(/^\./, '');
    return { field: field === '' ? 'body' : field, message };
  });
  throw new Problem(400, 'bad-policy', 'The policy is invalid', 'See errors. Nothing was changed.', { errors });
}

/**
 * Returns the ETag that `policy.json` must have for the write; undefined if `policy.json` must not exist. Throws `Problem`: 428
 * if the request has no precondition, 400 for any other than `If-None-Match: *` or one ETag in `If-Match`.
 */
export function expectedEtag(request: HttpRequest): string | undefined {
  const match = request.headers.get('if-match')?.trim();
  const noneMatch = request.headers.get('if-none-match')?.trim();
  if (match === undefined && noneMatch === undefined) {
    throw new Problem(
      428,
      'precondition-required',
      'The request does not say which policy it replaces',
      'Send If-Match with the ETag of GET /api/policy, or If-None-Match: * if there is no policy.json yet, so that no write replaces a version that its sender has not read.',
    );
  }
  if (match === undefined && noneMatch === '*') return undefined;
  if (noneMatch === undefined && match !== undefined && /^"[^"]+"$/.test(match)) return match;
  throw new Problem(
    400,
    'bad-precondition',
    'The precondition is invalid',
    'Send either If-Match with one ETag in quotes, as GET /api/policy returns it, or If-None-Match: *.',
  );
}

/** Returns the problem for a `policy.json` that is not the version that the request expects. */
export function policyChanged(): Problem {
  return new Problem(
    412,
    'policy-changed',
    'The policy was changed',
    'policy.json is not the one that the request replaces. Read it again with GET /api/policy.',
  );
}
