import { createHash, createHmac } from 'node:crypto';
import { DeviceRow, type KeyPair, type ModuleRow } from './identityRow.ts';

/** The keys of a SAS identity: those of its caller, or generated ones, derived from `secret` (32 bytes). */
export function keysOf(row: DeviceRow | ModuleRow, secret: Buffer): KeyPair {
  if (row.authentication.keys) return row.authentication.keys;
  const name = row instanceof DeviceRow ? row.deviceId : `${row.device.deviceId}/${row.moduleId}`;
  // createdMicros is unique, so an identity that is deleted and created again gets other keys.
  const derive = (which: string) =>
    createHmac('sha256', secret).update(`${name}\n${row.createdMicros}\n${row.keySerial}\n${which}`).digest('base64');
  return { primaryKey: derive('primary'), secondaryKey: derive('secondary') };
}

/** A hash by which tests detect changed keys without storing the keys: SHA-256, hex. */
export function keyHashOf(row: DeviceRow | ModuleRow, secret: Buffer): string {
  const keys = keysOf(row, secret);
  return createHash('sha256').update(`${keys.primaryKey}\n${keys.secondaryKey}`).digest('hex');
}
