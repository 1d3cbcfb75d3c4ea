import { argumentInvalid } from '../wire/refusals.ts';

/**
 * Versions that released clients of Microsoft send to the service API, and versions that one live hub accepted. Unproven:
 * that a hub still accepts each of them, and that it accepts modules in those before 2018.
 */
const apiVersions: readonly string[] = [
  '2016-02-03',
  '2016-11-14',
  '2017-06-30',
  '2018-06-30',
  '2018-09-01-preview',
  '2019-03-30',
  '2019-03-31',
  '2019-10-01',
  '2020-03-13',
  '2020-05-31-preview',
  '2020-09-30',
  '2021-04-12',
  '2024-03-31',
  '2026-11-01-preview',
];

/** Throws a 400 refusal unless `version` is one of `apiVersions`. */
export function requireApiVersion(version: string | null): void {
  if (version === null || !apiVersions.includes(version)) {
    throw argumentInvalid(`api-version must be one of ${apiVersions.join(', ')}`);
  }
}
