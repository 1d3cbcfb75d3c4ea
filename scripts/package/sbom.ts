import { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { PackageURL } from 'packageurl-js';
import parseSpdx from 'spdx-expression-parse';
import type { BundledPackage } from './bundledPackages.ts';
import { dependencyFolders, type LockedPackages } from './lockedPackages.ts';

/** The bundle contains a package that the lockfile does not list as a run-time dependency. */
export class UnexpectedPackageError extends Error {
  constructor(folders: readonly string[]) {
    super(`In the bundle, but not a run-time dependency of the app: ${folders.join(', ')}. Run npm ci.`);
    this.name = 'UnexpectedPackageError';
  }
}

/** What the bill of materials is made from. */
export interface SbomSources {
  bundled: readonly BundledPackage[];
  locked: LockedPackages;
  /** The time of the sources; undefined if unknown: the text then contains no time. */
  madeAt: Date | undefined;
}

/** The hash in CycloneDX's spelling. npm's registry has this hash for every package. */
const { 'SHA-512': sha512 } = Enums.HashAlgorithm;

/**
 * The bill of materials of the package, as CycloneDX 1.6: the app and the packages with code in its bundle, from the lockfile and
 * their package.json files. `npm sbom` is not used, since npm 10 and npm 11 list different packages. Equal sources give equal texts.
 * Throws `UnexpectedPackageError` if a bundled package is not a run-time dependency.
 */
export async function sbomOf({ bundled, locked, madeAt }: SbomSources): Promise<string> {
  const unexpected = bundled.filter(
    ({ folder, version }) => locked[folder]?.version !== version || locked[folder]?.dev === true,
  );
  if (unexpected.length > 0) throw new UnexpectedPackageError(unexpected.map(({ folder }) => folder));

  const app = await componentIn('.', Enums.ComponentType.Application);
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: app }) });
  if (madeAt) bom.metadata.timestamp = madeAt;
  bom.metadata.tools.components.add(await componentIn(toolFolder, Enums.ComponentType.Library));
  const author = await authorOf('.');
  if (author) bom.metadata.authors.add(new Models.OrganizationalContact({ name: author }));
  const components = await componentsOf(bundled, locked);
  for (const component of new Set(components.values())) bom.components.add(component);
  linkDependencies([['', app], ...components], components, locked);
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

const toolFolder = 'node_modules/@cyclonedx/cyclonedx-library';

/** By folder; a package in two folders is one component. */
async function componentsOf(
  bundled: readonly BundledPackage[],
  locked: LockedPackages,
): Promise<Map<string, Models.Component>> {
  const byRef = new Map<string, Models.Component>();
  const byFolder = new Map<string, Models.Component>();
  for (const { name, version, folder } of bundled) {
    const ref = `${name}@${version}`;
    const component = byRef.get(ref) ?? (await componentIn(folder, Enums.ComponentType.Library));
    byRef.set(ref, component);
    byFolder.set(folder, component);
    const { integrity = '' } = locked[folder] ?? {};
    const [, hash] = /^sha512-(\S+)$/.exec(integrity) ?? [];
    if (hash) component.hashes.set(sha512, Buffer.from(hash, 'base64').toString('hex'));
  }
  return byFolder;
}

/** Adds the dependencies between the app and the packages in the bundle; ignores dependencies on other packages. */
function linkDependencies(
  all: Iterable<[string, Models.Component]>,
  components: ReadonlyMap<string, Models.Component>,
  locked: LockedPackages,
): void {
  for (const [folder, { dependencies }] of all) {
    for (const needed of dependencyFolders(locked, folder)) {
      const component = components.get(needed);
      if (component) dependencies.add(component.bomRef);
    }
  }
}

const builder = new Contrib.FromNodePackageJson.Builders.ComponentBuilder(
  new Contrib.FromNodePackageJson.Factories.ExternalReferenceFactory(),
  new Contrib.License.Factories.LicenseFactory(parseSpdx),
);

async function componentIn(folder: string, type: Enums.ComponentType): Promise<Models.Component> {
  const manifest = await manifestOf(folder);
  const component = builder.makeComponent(manifest, type);
  if (!component) throw new TypeError(`${folder}/package.json has no name.`);
  const { group, name, version } = component;
  component.purl = new PackageURL('npm', group, name, version).toString();
  component.bomRef.value = `${manifest.name}@${version}`;
  return component;
}

async function authorOf(folder: string): Promise<string | undefined> {
  const { author } = await manifestOf(folder);
  return typeof author === 'string' ? author : author?.name;
}

/** The members that are used here; `ComponentBuilder` reads more. */
interface Manifest {
  name: string;
  author?: string | { name?: string };
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}
