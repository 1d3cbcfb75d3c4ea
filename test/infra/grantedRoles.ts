import { type Phase, predicted, type World } from './evaluated.ts';

/** Microsoft: "Azure built-in roles". Those that a keeper could be given. */
const builtInRoles: Record<string, string> = {
  '4fc6c259-987e-4a07-842e-c321cc9d413f': 'IoT Hub Data Contributor',
  '4ea46cd5-c1b2-4a8e-910b-273211f9ce47': 'IoT Hub Registry Contributor',
  '494bdba2-168f-4f31-a0a1-191d2f7c028c': 'IoT Hub Twin Contributor',
  'b447c946-2db7-41ec-983d-d8bf3b1c77e3': 'IoT Hub Data Reader',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88': 'Storage Queue Data Contributor',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  'a638d3c7-ab3a-418d-83e6-5f17a39d4fde': 'Azure Event Hubs Data Receiver',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
};

/** The role assignments of a deployment; `on` is the last type and name of what they are assigned on. */
export function grantsOf(world: World, phase: Phase) {
  return predicted(world, phase)
    .filter(({ type }) => type === 'Microsoft.Authorization/roleAssignments')
    .map(({ id, properties }) => ({
      role: builtInRoles[properties.roleDefinitionId.split('/').at(-1)],
      writtenAs: properties.description as string,
      on: /(\w+\/[\w-]+)(?:\/providers\/Microsoft\.Authorization\/|', 'Microsoft\.Authorization)/.exec(id)?.[1],
      properties,
    }));
}
