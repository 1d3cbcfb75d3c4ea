/** The fields of a device that selection and creation need. No others are read, because each one costs message quota. */
export interface DeviceInfo {
  deviceId: string;
  status: 'enabled' | 'disabled';
  authenticationType: 'sas' | 'selfSigned' | 'certificateAuthority' | 'none';
  /** Whether it is an IoT Edge device: `capabilities.iotEdge`, false if the hub does not return it. */
  edge: boolean;
  /** The tags of the device twin, `{}` if it has none; undefined if they were not read, because the policy does not use tags. */
  tags?: Record<string, unknown>;
}
