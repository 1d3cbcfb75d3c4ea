import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';

// The host leaves a worker 5 s after this announcement: time for a checkpoint.
app.hook.appTerminate(() => appHost().stop());
