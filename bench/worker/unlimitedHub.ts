import type { HubConfig } from '../../shared/config/config.ts';
import { hubConfig } from './withFleetHub.ts';

/** A rate that no benchmark reaches. */
const unlimited = 1e9;

/** Returns the settings of a hub whose limits never delay a call. */
export function unlimitedHub(connectionString: string): HubConfig {
  return {
    ...hubConfig(connectionString, 'S3', 10),
    limits: {
      registryOpsPerMinute: unlimited,
      queriesPerMinute: unlimited,
      twinReadsPerSecond: unlimited,
      twinWritesPerSecond: unlimited,
    },
  };
}
