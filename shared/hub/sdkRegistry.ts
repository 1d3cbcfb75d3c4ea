/**
 * The only class of `azure-iothub` that the keeper uses, and not by the package's index: that loads AMQP, and what jobs and
 * digital twins need, which is five times as much code. In a file of its own, so that `import()` of it means the same to
 * Node, to the bundle and to the tests; they disagree on what an `import()` of a CommonJS package answers.
 */
export { Registry } from 'azure-iothub/dist/registry.js';
