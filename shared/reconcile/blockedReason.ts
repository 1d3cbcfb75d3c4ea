import type { HubErrorKind } from '../hub/hubError.ts';

/** The refusals that will not change until somebody changes the device or the hub, as the report names them. */
export function blockedReason(kind: HubErrorKind): string | undefined {
  switch (kind) {
    case 'deviceDisabled':
      return 'disabled';
    case 'tooManyModules':
      return 'tooManyModules';
    case 'tierWithoutModules':
      return 'tierWithoutModules';
    default:
      return undefined;
  }
}
