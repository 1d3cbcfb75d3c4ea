import type { KeeperApi } from '../../../cli/api/keeperApi.ts';

/** An API that answers each call (`GET /api/hubs`) with the value, or by the function, that stands under its name. */
export function stubApi(answers: Record<string, unknown>): KeeperApi & { calls: string[] } {
  const calls: string[] = [];
  const call: KeeperApi['call'] = async (method, path, { body } = {}) => {
    const name = `${method} ${path}`;
    calls.push(body === undefined ? name : `${name} ${JSON.stringify(body)}`);
    const answer = answers[name];
    if (answer === undefined) throw new Error(`The test has no answer to ${name}.`);
    const value: unknown = typeof answer === 'function' ? answer() : answer;
    if (value instanceof Error) throw value;
    return typeof value === 'string'
      ? { text: value, contentType: 'application/x-ndjson' }
      : { text: JSON.stringify(value), contentType: 'application/json' };
  };
  return { calls, call, json: async (...of) => JSON.parse((await call(of[0], of[1], { body: of[2] })).text) };
}
