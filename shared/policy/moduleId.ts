import { isDeviceId } from '../deviceKey.ts';

/** The module identity that Defender for IoT's micro agent connects as. */
export const defaultModuleId = 'DefenderIotMicroAgent';

/**
 * What is wrong with `id` as the id of a module that a user may name, and what to write instead; undefined when it is
 * legal. Module ids have the alphabet and length of device ids ("Understand the identity registry in your IoT hub");
 * ids that start with `$` belong to the system modules of IoT Edge, and the hub refuses them.
 */
export function moduleIdProblem(id: string): string | undefined {
  if (id.startsWith('$')) return 'modules whose id starts with $ belong to IoT Edge; name another module';
  if (isDeviceId(id)) return undefined;
  return "write 1 to 128 ASCII letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ ' (and not just . or ..)";
}
