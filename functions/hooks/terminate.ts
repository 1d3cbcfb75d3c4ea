import { app } from '@azure/functions';
import { appHost } from '../../shared/app.ts';

// The process ends when this hook ends, so the hook waits for the last checkpoints. The host does not always run the hook (not on
// SIGTERM and not after a crash). The app works without it: leases, checkpoints and guards continue the work, only later.
app.hook.appTerminate(() => appHost().stop());
