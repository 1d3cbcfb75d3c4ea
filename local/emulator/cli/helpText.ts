/** What `--help` prints. */
export const helpText = `IoT Hub emulator: npm run emulator -- [options]

The hub
  --port N                    port on 127.0.0.1 (8443; 0: any free port)
  --name NAME                 short name of the hub (contoso)
  --tier F1|B1|B2|B3|S1|S2|S3 (S1)
  --units N                   (1)
  --devices N                 number of devices at the start (0)
  --max-identities N          maximum of devices and modules together (1000000)

Limits
  --no-throttling             delay or refuse no request because of throttles or the message quota
  --messages-per-day N        daily message quota (by tier and units; unlimited with --no-throttling)

Time
  --time-scale N              speed of the hub's time: throttles, delays, index, jobs, quota (1)
  --query-delay-ms N          delay of the query index (3000)
  --ghost-ms N                how long queries return a deleted identity (as --query-delay-ms)
  --readable-after-ms N       time until a new identity can be read by id (0)
  --job-enqueued-ms N         how long an import or export waits before it runs (1500)
  --job-running-ms N          minimum run time of an import or export (1500)

Other
  --max-page-rows N           largest query page (1000)
  --any-page-size             accept a continuation token with another page size than the page before
  --seed N                    seed of the random numbers for seeded devices and fault rules
  --entra                     print the endpoint that issues tokens of Entra ID to managed identities
  --entra-roles LIST          the same, with the roles of the identity, separated by commas (IoT Hub Data Contributor)
  --help

When it is ready it prints one line of JSON: {"ready":true,"hostName":…,"connectionString":…,"ca":…}, with --entra also
"identityEndpoint" and "identityHeader". Its keys are valid for this emulator only. Ctrl+C ends it.
`;
