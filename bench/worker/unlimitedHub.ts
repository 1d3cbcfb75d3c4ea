import type { HubConfig } from '../../shared/config/config.ts';
import { hubConfig } from './withFleetHub.ts';

/** Operations a minute, or a second, that nobody comes near. */
const farTooMany = 1e9;

/** A hub whose limits hold nobody back. */
export function unlimitedHub(connectionString: string): HubConfig {
  return {
    ...hubConfig(connectionString, 'S3', 10),
    limits: {
      registryOpsPerMinute: farTooMany,
      queriesPerMinute: farTooMany,
      twinReadsPerSecond: farTooMany,
      twinWritesPerSecond: farTooMany,
    },
  };
}
