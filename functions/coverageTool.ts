import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { coverage } from '../shared/assistant/coverage.ts';
import { toolHandler, toolTrigger } from '../shared/assistant/toolHandler.ts';

/** Answers the tool `coverage` of assistants. Registered only if `ASSISTANT_TOOLS` is set. */
export const coverageTool = toolHandler(coverage);

if (appHost().configResult.assistantTools) {
  app.mcpTool('coverageTool', { ...toolTrigger(coverage), handler: coverageTool });
}
