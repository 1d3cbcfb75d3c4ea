import { app } from '@azure/functions';
import { appHost } from '../../shared/app.ts';

// The process ends when this hook ends, so the hook waits for the checkpoints. The host does not always run it (not on SIGTERM,
// nor after a crash): nothing relies on it, it only saves what leases, checkpoints and guards would bring back later.
app.hook.appTerminate(() => appHost().stop());
