/** What `keeper --help` prints. */
export const helpText = `Module keeper on the command line: keeper COMMAND [options]

Of a running app (KEEPER_URL: its address; KEEPER_KEY: a host key of the function app, if it needs one)
  status [--min-coverage PERCENT]     is every device covered, and what stands in the way
  hubs                                the state of each hub
  sweep [HUB…] [--dry-run] [--wait]   start a sweep of these hubs, or of all
  plan [HUB…] [--all] [--exit-code]   make a dry run, and show what a sweep would change, by module and reason and by name
                                      (20 devices of each hub; --all: every one). --exit-code: 1 if something is to change
  failures [HUB [RUN]]                what failed or is blocked, and what to do; without RUN, in the newest real run
  why DEVICE [--hub HUB]              does a device have its modules, and why not
  cancel HUB [RUN]                    cancel a run; without RUN, the live one
  undo HUB RUN [--wait]               create again what a run has removed

Offline
  check FILE [--as KIND]              test a local.settings.json, a list of hubs or a policy with the checks of the app
                                      (KIND: settings, hubs, deployedHubs, policy; usually the content tells)
  size [--tier T --units N --devices N] [--budget-percent N]
                                      time, messages and cost of sweeps; without options the table of the operations guide

Every command
  --output table|json|csv             (table)
  --help

Exit code: 0 yes; 1 no, or it failed; 2 the command line, a file or KEEPER_URL is wrong; 3 the app cannot be reached or cannot serve
now; 130 Ctrl+C while waiting. docs/cli.md says more.
`;
