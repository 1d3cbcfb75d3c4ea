/** The fields of a device that selection and creation need, and no others: every field costs message quota. */
export interface DeviceInfo {
  deviceId: string;
  status: 'enabled' | 'disabled';
  authenticationType: 'sas' | 'selfSigned' | 'certificateAuthority' | 'none';
  /** `capabilities.iotEdge`; a device without it is not an Edge device. */
  edge: boolean;
  /** Undefined if they were not read, because the policy does not use tags; `{}` if the device has none. */
  tags?: Record<string, unknown>;
}
