import { app } from '@azure/functions';
import type { StartedUndo } from '../shared/api/runSchemas.ts';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { Problem } from '../shared/http/problem.ts';
import { addressOf, hubOf, runOf } from '../shared/http/requestParts.ts';
import { removedParts } from '../shared/run/removedModules.ts';
import { isLive } from '../shared/run/run.ts';
import { startUndo } from '../shared/run/runStore.ts';

/**
 * Starts a run that creates again the modules that another run has removed, with their twins. Responds 409 if the hub is
 * paused, if the other run has not ended or has removed nothing, or while another run of the hub is live.
 */
export const undoSweep = httpHandler(async (request, log) => {
  const services = await appHost().app();
  const run = await runOf(services, request);
  const { hub, runId } = run;
  if (hubOf(services, hub).hub.paused) {
    throw new Problem(409, 'paused', 'The hub is paused', 'Remove `paused` from its settings first.');
  }
  if (isLive(run)) {
    throw new Problem(409, 'hub-busy', 'The run is not done', 'Wait for its end, or cancel it; then undo it.');
  }
  // Look at the stored parts, not at the run document: a cancelled run may have removed modules after its last checkpoint.
  if ((await removedParts(services.documents, run)).length === 0) {
    throw new Problem(
      409,
      'nothing-to-undo',
      'The run has removed nothing',
      'Only a run that removed modules can be undone.',
    );
  }
  const { run: undo, alreadyRunning } = await startUndo(services, hub, runId);
  log.info('Undo started', { hub, runId: undo.runId, undoes: runId, alreadyRunning });
  await services.wakeUps.send(hub, 0);
  const url = `${addressOf(request).replace(/\/[^/]+\/undo$/i, '')}/${undo.runId}`;
  const note =
    'The modules get new keys: a device that uses the key of its module needs the new one. If the policy still removes the module and needs no dry run (removal.dryRun "off"), change it first, or the next sweep removes the modules again.';
  return answer<StartedUndo>(
    { hub, runId: undo.runId, url, alreadyRunning, undoes: runId, note },
    { status: 202, headers: { location: url } },
  );
});

app.http('undoSweep', {
  methods: ['POST'],
  route: 'sweeps/{hub}/{runId}/undo',
  authLevel: 'function',
  handler: undoSweep,
});
