import { bundle } from './bundle.ts';
import { stageFiles } from './stageFiles.ts';

await bundle();
await stageFiles('.', 'dist-azd');
