import type { Policy } from './moduleSpec.ts';
import { tagRoot } from './tagPath.ts';

/** The top-level tags that selection looks at, each once, sorted: all that a query has to project of the tags. */
export function tagRoots(policy: Policy): string[] {
  const paths = policy.flatMap(({ select: { tags = {}, exemptTag } }) => [
    ...Object.keys(tags),
    ...(exemptTag === undefined ? [] : [exemptTag]),
  ]);
  return [...new Set(paths.map(tagRoot))].sort();
}
