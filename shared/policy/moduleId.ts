import { isDeviceId } from '../deviceKey.ts';

/** The module identity of the Defender for IoT micro agent. */
export const defaultModuleId = 'DefenderIotMicroAgent';

/**
 * Checks a module id that a user wrote. Returns what to write instead, or undefined if it is valid. Module ids have the
 * alphabet and length of device ids ("Understand the identity registry in your IoT hub"). Ids that start with `$` belong
 * to the system modules of IoT Edge, and the hub refuses them.
 */
export function moduleIdProblem(id: string): string | undefined {
  if (id.startsWith('$')) return 'modules whose id starts with $ belong to IoT Edge; write the id of another module';
  if (id === '__proto__') return 'this id has a special meaning in JavaScript; write the id of another module';
  if (isDeviceId(id)) return undefined;
  return "write 1 to 128 ASCII letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ ' (and not just . or ..)";
}
