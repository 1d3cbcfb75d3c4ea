import type { BicepReader } from './bicepFile.ts';
import { bodyOf, plainValue, under } from './bicepValue.ts';

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
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
};

export interface Grant {
  /** By its id, which is what Azure goes by. */
  role: string | undefined;
  /** What the template calls it. */
  writtenAs: string;
  /** The resource that it is assigned on, by its name in the file. */
  on: string;
}

/** The role assignments of a file. Every one of them goes over a list of roles, with name and id. */
export function grantsOf(read: BicepReader, path: string): Grant[] {
  const file = read(path);
  return file
    .list('resource')
    .filter(({ of }) => of?.startsWith('Microsoft.Authorization/roleAssignments@'))
    .flatMap(({ name, value }) => {
      const list = /^\[\s*for role in (\w+):/.exec(value?.text ?? '')?.[1];
      if (list === undefined) throw new Error(`${path}: ${name} is not assigned over a list of roles`);
      const assigned = under(bodyOf(value), 'properties', 'roleDefinitionId') as { text: string };
      if (assigned.text !== "subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)") {
        throw new Error(`${path}: ${name} assigns ${assigned.text}`);
      }
      const { value: roles } = file.find('var', list);
      if (!roles) throw new Error(`${path} has no ${list}`);
      const on = (under(bodyOf(value), 'scope') as { text: string }).text;
      return (plainValue(roles) as { name: string; id: string }[]).map((role) => ({
        role: builtInRoles[role.id],
        writtenAs: role.name,
        on,
      }));
    });
}
