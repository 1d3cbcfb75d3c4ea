import { type Emulator, type EmulatorOptions, startEmulator } from '../../../local/emulator/emulator.ts';
import { HubClient } from './hubClient.ts';

/** Runs a test against an emulator, by default without throttles and without index delay. */
export async function withEmulator(
  options: Partial<EmulatorOptions>,
  work: (client: HubClient, emulator: Emulator) => Promise<void>,
): Promise<void> {
  const emulator = await startEmulator({ name: 'contoso', throttling: false, queryDelayMs: 0, ...options });
  const client = new HubClient(emulator);
  try {
    await work(client, emulator);
  } finally {
    client.close();
    await emulator.close();
  }
}
