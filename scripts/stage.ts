import { rm } from 'node:fs/promises';
import { makePackage } from './package/makePackage.ts';
import { unpack } from './package/unpack.ts';

// What azd deploys: the unpacked deployment package. Its package.json has no dependencies and no scripts, so azd
// installs and builds nothing.
await rm('dist-azd', { recursive: true, force: true });
await unpack((await makePackage()).zip, 'dist-azd');
