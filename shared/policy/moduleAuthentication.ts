import type { DeviceInfo } from './deviceInfo.ts';
import type { ModuleSpec } from './moduleSpec.ts';

/**
 * How the module on this device is to authenticate. `inherit` follows the device: a certificate-authority device gets
 * a certificate-authority module, every other one a SAS module, as the portal makes it. A self-signed module would need
 * thumbprints that nobody has for a module that is not there yet.
 */
export function moduleAuthentication(
  { authentication }: ModuleSpec,
  { authenticationType }: DeviceInfo,
): 'sas' | 'certificateAuthority' {
  if (authentication !== 'inherit') return authentication;
  return authenticationType === 'certificateAuthority' ? 'certificateAuthority' : 'sas';
}
