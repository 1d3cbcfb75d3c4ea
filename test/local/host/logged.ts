import { eventually } from './fixture.ts';

/** Resolves when the host has logged the text: its log is read from another process, so it may come after an answer. */
export async function logged(host: { logs(): string }, text: string): Promise<void> {
  await eventually(() => (host.logs().includes(text) ? true : undefined));
}
