import { describe } from '@jest/globals';
import { hubUnderTest } from './hubUnderTest.ts';
import { checkTwinPut } from './putTwinChecks.ts';

const hub = hubUnderTest();

describe('PUT /twins/{id}', () => {
  checkTwinPut(hub, 'device');
});
