/** What `--help` prints. */
export const helpText = `IoT Hub emulator: npm run emulator -- [options]

The hub
  --port N                    port on 127.0.0.1 (8443; 0 takes any free one)
  --name NAME                 short name of the hub (contoso)
  --tier F1|B1|B2|B3|S1|S2|S3 (S1)
  --units N                   (1)
  --devices N                 devices that are there at the start (0)
  --max-identities N          devices and modules together (1000000)

What it holds back
  --no-throttling             hold nothing back, refuse nothing for what it costs
  --messages-per-day N        daily message quota (by tier and units; without end with --no-throttling)

Time
  --time-scale N              the hub's time goes N times as fast: throttles, delays, index, jobs, quota (1)
  --query-delay-ms N          how late queries see a change (3000)
  --ghost-ms N                how long queries still show what is deleted (as --query-delay-ms)
  --readable-after-ms N       when a new identity can be read by id (0)
  --job-enqueued-ms N         how long an import or export waits before it runs (1500)
  --job-running-ms N          how long it runs at least (1500)

Other
  --max-page-rows N           largest query page (1000)
  --seed N                    where random numbers begin, for seeded devices and fault rules
  --entra                     tell where tokens of Entra ID are to be had, as a managed identity gets them
  --entra-roles LIST          the same; the identity's roles, with commas between them (IoT Hub Data Contributor)
  --help

When it is ready it prints one line of JSON: {"ready":true,"hostName":…,"connectionString":…,"ca":…}, with --entra also
"identityEndpoint" and "identityHeader". What is in it opens this emulator only. Ctrl+C ends it.
`;
