import fc from 'fast-check';
import { isDeviceId } from '../../../shared/deviceKey.ts';

const alphabet = "ABCXYZabcxyz0189-:.+%_#*?!(),=@;$'";
const awkward = ["a'b", '50%_#1?', 'x*(y)!$@=;,:.+', '%2F', '...', '__proto__', '%00', "''", '$', '#', '?'];

/** Ids of the whole legal alphabet and every legal length, awkward ones often. */
export const legalId: fc.Arbitrary<string> = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: 128, size: 'max' }),
    },
    { weight: 1, arbitrary: fc.constantFrom(...alphabet).map((char) => char.repeat(128)) },
    { weight: 1, arbitrary: fc.constantFrom(...awkward) },
  )
  .filter(isDeviceId);
