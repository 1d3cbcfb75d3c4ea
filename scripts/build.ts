import { bundle, bundleCli } from './bundle.ts';

await bundle();
await bundleCli();
