import { app } from '@azure/functions';

// The smallest Functions app: shows the time of Node, the worker and the library alone.
app.timer('emptyTimer', { schedule: '0 0 2 * * *', handler: () => undefined });
