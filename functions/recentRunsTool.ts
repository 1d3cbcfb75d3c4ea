import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { recentRuns } from '../shared/assistant/recentRuns.ts';
import { toolHandler, toolTrigger } from '../shared/assistant/toolHandler.ts';

/** Answers the tool `recent_runs` of assistants. Registered only if `ASSISTANT_TOOLS` is set. */
export const recentRunsTool = toolHandler(recentRuns);

if (appHost().configResult.assistantTools) {
  app.mcpTool('recentRunsTool', { ...toolTrigger(recentRuns), handler: recentRunsTool });
}
