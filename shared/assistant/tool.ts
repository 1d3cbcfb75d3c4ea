import type { App } from '../app.ts';
import type { Log } from '../telemetry/log.ts';

/** What a tool works with. */
export type ToolServices = App & { log: Log };

/** A tool of an assistant. Every argument is text. */
export interface Tool<Arg extends string = never> {
  /** What an assistant calls it. */
  name: string;
  description: string;
  args: Record<Arg, { description: string; required?: true }>;
  /** The answer, a few KB of JSON at most. Throws `BadArgumentsError`, and everything that `problemFor` knows. */
  answer(services: ToolServices, args: Partial<Record<Arg, string>>): Promise<object>;
}

/** The assistant must change the arguments; the message says how, and quotes no value. */
export class BadArgumentsError extends Error {}

/** The argument that most tools have. */
export const hubArg = { description: 'Name of a hub, such as contoso. Without it: all hubs.' };

/** The largest number of entries of a list in one answer. */
export const maxEntries = 50;

/** The first entries, and how many more there are. */
export function firstOf<T>(all: readonly T[], max = maxEntries): { shown: T[]; notShown?: number } {
  return { shown: all.slice(0, max), ...(all.length > max ? { notShown: all.length - max } : {}) };
}
