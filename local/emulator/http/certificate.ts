import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import selfsigned from 'selfsigned';

export interface ServerCertificate {
  /** PEM. */
  key: string;
  /** PEM; it signs itself, so clients trust this very file. */
  certificate: string;
  /** Where clients find it; in a folder of its own under the temporary directory. */
  caFile: string;
  /** Removes that folder. */
  remove(): Promise<void>;
}

const validDays = 30;

/**
 * A fresh certificate for localhost, 127.0.0.1 and ::1, valid for 30 days. Whoever trusts several needs them under
 * different names.
 */
export async function makeCertificate(commonName = 'localhost'): Promise<ServerCertificate> {
  const notBefore = new Date(Date.now() - 3_600_000); // an hour back, for clocks that disagree
  const pems = await selfsigned.generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: notBefore,
    notAfterDate: new Date(notBefore.getTime() + validDays * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  const folder = await mkdtemp(join(tmpdir(), 'iothub-emulator-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, pems.cert, { mode: 0o600 });
  return {
    key: pems.private,
    certificate: pems.cert,
    caFile,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
