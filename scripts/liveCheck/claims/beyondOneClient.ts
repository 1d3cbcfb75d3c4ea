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

export const eventsOfImports: Claim = {
  id: 'events-of-imports',
  claim: 'DeviceCreated events of devices that DPS or a bulk import makes',
  source: 'unproven',
  expected: 'one for every device',
  otherwise: 'the sweep does not need them',
  probe: async () => notSettled('needs an Event Grid subscription, and DPS or a blob container'),
};
