/**
 * The order of the test files: first those that run for long, so that no worker of jest is left alone with one of them at the
 * end. By folder, since the durations that jest stores are missing on a new machine.
 */
const slowest = [
  /\/(e2e|chaos|package)\//,
  /\/local\/host\/.*(?:hostQueues|hostProcess|hostAdmin|hostHttp)|\/docs\/answers|\/shared\/storage\/(?:storageOutage|azurite)/,
  /\/shared\/worker\/|\/azureRegistryConnections|\/local\/emulator\/(?:cli|jobs)\//,
];

const rankOf = ({ path }) => {
  const rank = slowest.findIndex((pattern) => pattern.test(path.replaceAll('\\', '/')));
  return rank < 0 ? slowest.length : rank;
};

export default class SlowestFirst {
  sort(tests) {
    const ranked = [...tests].map((test) => ({ test, rank: rankOf(test) }));
    return ranked
      .sort((one, other) => one.rank - other.rank || (one.test.path < other.test.path ? -1 : 1))
      .map(({ test }) => test);
  }

  shard(tests, { shardIndex, shardCount }) {
    return this.sort(tests).filter((_test, index) => index % shardCount === shardIndex - 1);
  }

  /** For `--onlyFailures`, which would need stored results. */
  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}
