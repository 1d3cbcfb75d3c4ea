export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' } }] },
  // The sources import each other with their real extension, as Node's own type stripping needs it.
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/test/support/countReporter.js'],
};
