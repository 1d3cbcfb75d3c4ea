/**
 * The only class of `azure-iothub` that the app uses. Not imported from the package's index, which also loads AMQP, jobs and
 * digital twins: five times as much code. It has its own file because Node, the bundle and the tests disagree on what an
 * `import()` of a CommonJS package returns, and agree on this module.
 */
export { Registry } from 'azure-iothub/dist/registry.js';
