import { app } from '@azure/functions';
import { appHost } from '../../shared/app.ts';

// The process ends as soon as this hook does, so it waits for the checkpoints.
app.hook.appTerminate(() => appHost().stop());
