import { MisconfiguredError } from '../app.ts';
import type { HubConfig } from '../config/config.ts';
import { adviceFor } from '../hub/adviceFor.ts';
import { type HubError, isHubError } from '../hub/hubError.ts';
import { LimitedError } from '../intake/tryNow.ts';
import { Problem } from './problem.ts';

type ConfiguredHubs = readonly Pick<HubConfig, 'name' | 'auth'>[];

/** The hub's own words in a throttle answer are "Wait 10 seconds and try again". */
const defaultRetryAfterSeconds = 10;

/**
 * The one place that turns an error into an HTTP answer. An error that nobody expected tells nothing of itself. `hubs` are
 * the configured ones: how the app reaches a hub decides what it tells of a refusal.
 */
export function problemOf(error: unknown, hubs: ConfiguredHubs = []): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof MisconfiguredError) {
    const errors = error.problems.map(({ setting, message }) => ({ field: setting, message }));
    return new Problem(503, 'misconfigured', 'The settings need mending', 'See errors.', { errors });
  }
  if (isHubError(error)) return problemOfHubError(error, hubs);
  return new Problem(500, 'internal', 'Something went wrong', 'The log of this invocation says more.');
}

function problemOfHubError(error: HubError, hubs: ConfiguredHubs): Problem {
  const retry = { retryAfterSeconds: retryAfterSeconds(error) };
  switch (error.kind) {
    case 'deviceNotFound':
      return new Problem(
        404,
        'unknown-device',
        'There is no such device',
        `Hub ${error.hub} has no device of this id.`,
      );
    case 'limited':
      return new Problem(503, 'limited', 'Held back', 'This app holds itself back to spare the hub; try again.', retry);
    case 'throttled':
      return new Problem(503, 'throttled', 'The hub is throttling', error.message, retry);
    case 'unavailable':
      return new Problem(503, 'hub-unavailable', 'The hub gave no good answer', error.message, retry);
    case 'unauthorized':
    case 'forbidden':
      return new Problem(502, 'hub-refuses-us', 'The hub refuses this app', `${error.message}${adviceOf(error, hubs)}`);
    case 'identityCap':
    case 'dailyQuota':
      return new Problem(503, 'hub-quota', 'A quota of the hub is used up', `${error.message}${adviceOf(error, hubs)}`);
    default:
      return new Problem(502, 'hub-refused', 'The hub refused the call', error.message);
  }
}

function adviceOf(error: HubError, hubs: ConfiguredHubs): string {
  // Only an app with an identity asks for tokens.
  const auth =
    error.code === 'NoToken' ? { kind: 'entra' as const } : hubs.find(({ name }) => name === error.hub)?.auth;
  const advice = auth && adviceFor(error, auth);
  return advice === undefined ? '' : `. ${advice}`;
}

/** Whole seconds, at least one: `Retry-After: 0` would ask for a stampede. */
function retryAfterSeconds(error: HubError): number {
  if (error instanceof LimitedError) return Math.max(1, Math.ceil(error.retryAfterMs / 1000));
  return defaultRetryAfterSeconds;
}
