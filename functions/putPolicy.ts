import { app } from '@azure/functions';
import { policyQuery } from '../shared/api/queries.ts';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { expectedEtag, policyChanged, policyOf } from '../shared/http/policyRequest.ts';
import { policyView } from '../shared/http/policyView.ts';
import { queryOf } from '../shared/http/requestRules.ts';
import { policyFingerprint } from '../shared/policy/policyFingerprint.ts';
import { StaleDocumentError } from '../shared/storage/documents.ts';

/**
 * Writes `policy.json`, if it still has the version that the request replaces, and responds as `getPolicy`. The next slice of
 * each hub applies the policy; events and requests do so within a minute in every process. With `dryRun=true` the policy is
 * only checked.
 */
export const putPolicy = httpHandler(
  async (request, log) => {
    const { policies } = await appHost().app();
    const policy = await policyOf(request);
    if (queryOf(request, policyQuery).dryRun === 'true') {
      return answer({ valid: true, fingerprint: policyFingerprint(policy.policy) });
    }
    const expected = expectedEtag(request);
    try {
      await policies.write(policy, expected);
    } catch (error) {
      throw error instanceof StaleDocumentError ? policyChanged() : error;
    }
    log.info('policy.json written', { policy: policyFingerprint(policy.policy), modules: policy.policy.length });
    // An older policy would be a wrong answer. If this fails, the same request succeeds again, because the policy is stored.
    const standing = await policies.standingNow(log);
    const etag = standing.etag ?? (await policies.storedEtag());
    return answer(policyView(standing, etag), {
      status: expected === undefined ? 201 : 200,
      headers: etag === undefined ? {} : { etag },
    });
  },
  { query: policyQuery, body: true },
);

app.http('putPolicy', { methods: ['PUT'], route: 'policy', authLevel: 'function', handler: putPolicy });
