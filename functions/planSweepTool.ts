import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { planSweep } from '../shared/assistant/planSweep.ts';
import { toolHandler, toolTrigger } from '../shared/assistant/toolHandler.ts';

/** Answers the tool `plan_sweep` of assistants. Registered only if `ASSISTANT_TOOLS` is set. */
export const planSweepTool = toolHandler(planSweep);

if (appHost().configResult.assistantTools) {
  app.mcpTool('planSweepTool', { ...toolTrigger(planSweep), handler: planSweepTool });
}
