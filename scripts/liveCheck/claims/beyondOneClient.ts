import { asExpected, type Claim, different, noOption, notSettled } from '../claim.ts';

export const throttledWithoutRetryAfter: Claim = {
  id: 'throttled-without-retry-after',
  claim: 'a 429',
  source: 'seen once, by others',
  expected: 'has no `Retry-After`',
  otherwise: 'waits 10 s or more, whatever the header says',
  async probe(device) {
    const [first] = device.calls.throttles;
    if (!first)
      return notSettled('no call was refused with 429, and to provoke one would slow other clients of the hub');
    const retryAfter = device.calls.throttles.find(({ headers }) => headers['retry-after'] !== undefined);
    return retryAfter
      ? different('429 with Retry-After', noOption('wire/refusals.ts'))
      : asExpected('429 without Retry-After');
  },
};

export const routedModuleDeletion: Claim = {
  id: 'routed-module-deletion',
  claim: 'the event of message routing for a deleted module',
  source: "Microsoft's pages, which differ",
  expected: 'deleteDeviceIdentity with a module id, or deleteModuleIdentity',
  otherwise: 'makes the module again at the next sweep',
  probe: async () =>
    notSettled(
      'needs a route of lifecycle events; az iot hub monitor-events --properties all shows them on the built-in endpoint',
    ),
};

export const eventsOfImports: Claim = {
  id: 'events-of-imports',
  claim: 'DeviceCreated events of devices that DPS or a bulk import makes',
  source: 'unproven',
  expected: 'one for every device',
  otherwise: 'the sweep does not need them',
  probe: async () => notSettled('needs an Event Grid subscription, and DPS or a blob container'),
};
