import { app } from '@azure/functions';

// The least that a Functions app can be: what Node, the worker and the library cost by themselves.
app.timer('emptyTimer', { schedule: '0 0 2 * * *', handler: () => undefined });
