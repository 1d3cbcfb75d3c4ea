import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { startSweepNow } from '../shared/assistant/planSweep.ts';
import { toolHandler, toolTrigger } from '../shared/assistant/toolHandler.ts';

/** Answers the tool `start_sweep` of assistants. Registered only if `ASSISTANT_TOOLS` is `start`. */
export const startSweepTool = toolHandler(startSweepNow);

if (appHost().configResult.assistantTools === 'start') {
  app.mcpTool('startSweepTool', { ...toolTrigger(startSweepNow), handler: startSweepTool });
}
