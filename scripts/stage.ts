import { rm } from 'node:fs/promises';
import { makePackage } from './package/makePackage.ts';
import { unpack } from './package/unpack.ts';

// What azd deploys: the deployment package, unpacked. Its package.json asks for nothing, so nothing is installed or built there.
await rm('dist-azd', { recursive: true, force: true });
await unpack((await makePackage()).zip, 'dist-azd');
