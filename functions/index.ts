// The entry of the bundle: each of these modules registers its function when it is loaded.
import './cancelSweep.ts';
import './deviceCreated.ts';
import './ensureModules.ts';
import './getFailures.ts';
import './getModules.ts';
import './getSweep.ts';
import './health.ts';
import './hubWork.ts';
import './hubWorkFailed.ts';
import './listSweeps.ts';
import './nightlySweep.ts';
import './startSweep.ts';
import './twinChanged.ts';
import './hooks/telemetry.ts';
import './hooks/terminate.ts';
import './watchHubs.ts';
