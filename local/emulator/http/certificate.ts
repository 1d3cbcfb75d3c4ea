import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import selfsigned from 'selfsigned';

/** A self-signed certificate with its key. */
export interface ServerCertificate {
  /** PEM. */
  key: string;
  /** PEM; self-signed, so clients must trust this certificate itself. */
  certificate: string;
  /** Path of the certificate for clients, in its own folder below the system's temporary folder. */
  caFile: string;
  /** Removes the file and its folder. The exit of the process does this too, unless the process is killed. */
  remove(): Promise<void>;
}

const validDays = 30;

/**
 * Makes a certificate for localhost, 127.0.0.1, ::1 and `hostNames`, valid for 30 days. Each certificate has its own
 * subject, so that one client can trust several: OpenSSL finds an issuer by its subject, and may take the wrong one of two
 * with the same subject.
 */
export async function makeCertificate(hostNames: readonly string[] = []): Promise<ServerCertificate> {
  const commonName = `emulator ${randomUUID()}`;
  const notBefore = new Date(Date.now() - 3_600_000); // tolerates clocks that are up to an hour behind
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
          ...['localhost', ...hostNames].map((value) => ({ type: 2 as const, value })),
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  // Synchronous, so that the process cannot exit between the creation of the folder and the registration of its removal.
  const folder = mkdtempSync(join(tmpdir(), 'iothub-emulator-'));
  const removeAtExit = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, pems.cert, { mode: 0o600 });
  return {
    key: pems.private,
    certificate: pems.cert,
    caFile,
    remove: async () => {
      await rm(folder, { recursive: true, force: true });
      process.removeListener('exit', removeAtExit);
    },
  };
}
