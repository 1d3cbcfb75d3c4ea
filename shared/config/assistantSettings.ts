import type { Report, Settings } from './settings.ts';

/** What the tools of assistants may do. `read`: no tool changes a hub. `start`: one tool can also start a sweep. */
const assistantModes = ['read', 'start'] as const;
export type AssistantMode = (typeof assistantModes)[number];

/** Reads `ASSISTANT_TOOLS`. Returns undefined, and the app then has no tools, if the setting is missing or invalid (reported). */
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
