export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  globalSetup: '<rootDir>/test/support/buildForTests.ts',
  globalTeardown: '<rootDir>/test/support/removeTestBuild.ts',
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' } }] },
  // The sources import each other with their real extension, as Node's own type stripping needs it.
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
  testSequencer: '<rootDir>/test/support/slowestFirst.js',
  // One more than the cores that CI has: the end-to-end tests wait more than they work.
  maxWorkers: 3,
  // A process with the garbage of many test files collects it again and again: files took up to five times as long.
  workerIdleMemoryLimit: '200MB',
  // For hangs only: property and end-to-end tests take as long as a busy machine needs.
  testTimeout: 600_000,
  reporters: ['default', '<rootDir>/test/support/countReporter.js'],
};
