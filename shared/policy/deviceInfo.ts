/** What selection and creation need to know of a device, and nothing more (every field costs message quota). */
export interface DeviceInfo {
  deviceId: string;
  status: 'enabled' | 'disabled';
  authenticationType: 'sas' | 'selfSigned' | 'certificateAuthority' | 'none';
  /** `capabilities.iotEdge`; undefined there means not Edge. */
  edge: boolean;
  /** Only read when the policy looks at tags; a device without tags then has `{}`, undefined means not read. */
  tags?: Record<string, unknown>;
}
