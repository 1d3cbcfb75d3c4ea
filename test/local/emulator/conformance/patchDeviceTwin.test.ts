import { describe } from '@jest/globals';
import { hubUnderTest } from './hubUnderTest.ts';
import { checkTwinPatch } from './patchTwinChecks.ts';

const hub = hubUnderTest();

describe('PATCH /twins/{id}', () => {
  checkTwinPatch(hub, 'device');
});
