/**
 * The only class of `azure-iothub` that the app uses. The index of the package also loads AMQP, jobs and digital twins: five
 * times as much code. The class is exported from here because an `import()` of a CommonJS package returns different values in
 * Node, in the bundle and in the tests; an `import()` of this file returns the same.
 */
export { Registry } from 'azure-iothub/dist/registry.js';
