import type { Report, Settings } from './settings.ts';

/** What the tools of assistants may do: `read` changes no module of a hub; `start` may start sweeps too. */
const assistantModes = ['read', 'start'] as const;
export type AssistantMode = (typeof assistantModes)[number];

/** Reads `ASSISTANT_TOOLS`. Undefined if it is not set, or after it reported a problem: there are then no tools. */
export function readAssistantTools({ ASSISTANT_TOOLS: text }: Settings, report: Report): AssistantMode | undefined {
  if (text === undefined) return undefined;
  const mode = assistantModes.find((one) => one === text.toLowerCase());
  if (mode === undefined) {
    report(
      'ASSISTANT_TOOLS',
      'write read, for tools that change no hub, or start, for the tool that starts a sweep as well; or leave it out',
    );
  }
  return mode;
}
