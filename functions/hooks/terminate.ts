import { app } from '@azure/functions';
import { appHost } from '../../shared/app.ts';

// The process ends when this hook ends, so the hook waits for the checkpoints.
app.hook.appTerminate(() => appHost().stop());
