import type { HttpRequest } from '@azure/functions';
import Negotiator from 'negotiator';
import { Problem } from './problem.ts';

/** Returns the offered media type that the header `Accept` prefers; without it, the first. Throws `Problem` 406. */
export function acceptedType<Type extends string>(request: HttpRequest, offered: readonly [Type, ...Type[]]): Type {
  const accept = request.headers.get('accept');
  if (accept === null || accept.trim() === '') return offered[0];
  const type = new Negotiator({ headers: { accept } }).mediaType([...offered]);
  const found = offered.find((one) => one === type);
  if (found !== undefined) return found;
  const detail = `This call answers ${offered.join(' and ')}; send one of them in Accept, or no Accept.`;
  throw new Problem(406, 'not-acceptable', 'No such format', detail);
}
