import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { toolHandler, toolTrigger } from '../shared/assistant/toolHandler.ts';
import { whyMissing } from '../shared/assistant/whyMissing.ts';

/** Answers the tool `why_is_this_device_missing` of assistants. Registered only if `ASSISTANT_TOOLS` is set. */
export const whyMissingTool = toolHandler(whyMissing);

if (appHost().configResult.assistantTools) {
  app.mcpTool('whyMissingTool', { ...toolTrigger(whyMissing), handler: whyMissingTool });
}
