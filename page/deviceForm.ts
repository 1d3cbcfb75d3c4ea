import type { DeviceModules, DeviceOutcomes } from '../shared/api/deviceSchemas.ts';
import { type Api, ApiError } from './api.ts';
import { confirmed } from './confirmed.ts';
import { deviceModules, deviceOutcomes } from './deviceView.ts';
import { byId, h, morph } from './dom.ts';

/** The choice of the form for a device whose hub is not known. */
const everyHub = '';
/** How many requests to the app run at the same time. */
const maxCalls = 6;

/** The form that looks one device up, and ensures its modules. */
export class DeviceForm {
  readonly #api: Api;
  /** Increases with each request, so that a late answer to an earlier request is not shown. */
  #request = 0;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Shows the hubs that the user can choose; the current choice is kept. */
  showHubNames(names: readonly string[]): void {
    const chosen = byId<HTMLSelectElement>('deviceHub');
    const before = chosen.value;
    const wasEmpty = chosen.options.length === 0;
    const choices = names.length > 1 ? [everyHub, ...names] : names;
    morph(
      chosen,
      choices.map((name) => h('option', { value: name }, name === everyHub ? 'Every hub' : name)),
    );
    if (!wasEmpty && choices.includes(before)) chosen.value = before;
  }

  /** Shows what the device has, on the chosen hub or on every hub that has it. Throws `ApiError`. */
  async lookUp(): Promise<void> {
    const { hub, deviceId } = chosen();
    await this.show('Looking it up…', async () => {
      if (hub !== everyHub) return [deviceModules(await this.#api.json<DeviceModules>('GET', pathOf(hub, deviceId)))];
      return this.onEveryHub(deviceId);
    });
  }

  /** Ensures the modules of the device on the chosen hub, if the user confirms it. Throws `ApiError`. */
  async ensure(): Promise<void> {
    if (!byId<HTMLFormElement>('deviceForm').reportValidity()) return;
    const { hub, deviceId } = chosen();
    if (hub === everyHub) {
      byId('device').replaceChildren(
        h('p', {}, 'Choose the hub of the device first; Look up says which hubs have it.'),
      );
      byId('deviceHub').focus();
      return;
    }
    const text = `The modules and twins of the device ${deviceId} on ${hub} are changed now as the policy says. Nothing is removed.`;
    if (!(await confirmed('Ensure the modules of this device?', text, 'Ensure now'))) return;
    await this.show('Working on it…', async () => [
      deviceOutcomes(await this.#api.json<DeviceOutcomes>('PUT', pathOf(hub, deviceId))),
    ]);
  }

  private async show(meanwhile: string, answer: () => Promise<HTMLElement[]>): Promise<void> {
    const own = ++this.#request;
    byId('device').replaceChildren(h('p', { class: 'muted' }, meanwhile));
    let content: HTMLElement[] = [];
    try {
      content = await answer();
    } finally {
      if (own === this.#request) byId('device').replaceChildren(...content);
    }
  }

  private async onEveryHub(deviceId: string): Promise<HTMLElement[]> {
    const hubs = [...byId<HTMLSelectElement>('deviceHub').options]
      .map(({ value }) => value)
      .filter((name) => name !== everyHub);
    const found: DeviceModules[] = [];
    const notAsked: string[] = [];
    const left = hubs.values();
    const askNext = async () => {
      for (const hub of left) {
        try {
          found.push(await this.#api.json<DeviceModules>('GET', pathOf(hub, deviceId)));
        } catch (error) {
          if (!(error instanceof ApiError) || error.status === 401 || error.status === 400) throw error;
          if (error.type !== 'unknown-device') notAsked.push(`${hub} could not be asked: ${error.message}`);
        }
      }
    };
    await Promise.all(Array.from({ length: maxCalls }, askNext));
    const asked = notAsked.length === 0 ? `None of the ${hubs.length} hubs has` : 'No hub that could be asked has';
    return [
      ...found.toSorted((one, other) => one.hub.localeCompare(other.hub)).map(deviceModules),
      ...(found.length === 0 ? [h('p', {}, `${asked} the device ${deviceId}. Ids are case-sensitive.`)] : []),
      ...notAsked.toSorted().map((text) => h('p', { class: 'notice' }, text)),
    ];
  }
}

function chosen(): { hub: string; deviceId: string } {
  return { hub: byId<HTMLSelectElement>('deviceHub').value, deviceId: byId<HTMLInputElement>('deviceId').value.trim() };
}

const pathOf = (hub: string, deviceId: string) =>
  `/hubs/${encodeURIComponent(hub)}/devices/${encodeURIComponent(deviceId)}/modules`;
