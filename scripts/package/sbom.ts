import type { BundledPackage } from './bundledPackages.ts';
import type { Sbom, SbomComponent } from './npmSbom.ts';

/** `packages` of package-lock.json, by folder; `dev` marks packages that only development needs. */
export type LockedPackages = Record<string, { version?: string; dev?: boolean }>;

/** The bundle contains a package that the lockfile does not list as a run-time dependency. */
export class UnexpectedPackageError extends Error {
  constructor(folders: readonly string[]) {
    super(`In the bundle, but not a run-time dependency of the app: ${folders.join(', ')}. Run npm ci.`);
    this.name = 'UnexpectedPackageError';
  }
}

/**
 * The software bill of materials of the package: npm's own, reduced to the packages in the bundle, without fields that
 * differ between runs. Throws `UnexpectedPackageError` if a bundled package is not a run-time dependency.
 */
export function sbomOf(bundled: readonly BundledPackage[], npm: Sbom, locked: LockedPackages, name: string): Sbom {
  const known = new Set(npm.components.map(refOf));
  const unexpected = bundled.filter(
    (one) => locked[one.folder]?.version !== one.version || locked[one.folder]?.dev || !known.has(refOf(one)),
  );
  if (unexpected.length > 0) throw new UnexpectedPackageError(unexpected.map(({ folder }) => folder));

  const refs = new Set(bundled.map(refOf));
  const { serialNumber: _random, metadata, components, dependencies, ...rest } = npm;
  const { timestamp: _now, tools: _npmsVersion, ...lasting } = metadata;
  const self = metadata.component['bom-ref'];
  const kept = (ref: string) => ref === self || refs.has(ref);
  return {
    ...rest,
    // npm writes the name of the folder instead of the project's.
    metadata: { ...lasting, component: { ...metadata.component, name } },
    components: unique(components.filter((component) => refs.has(refOf(component)))).sort(byRef),
    dependencies: dependencies
      .filter(({ ref }) => kept(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(kept).sort() }))
      .sort((left, right) => (left.ref < right.ref ? -1 : 1)),
  };
}

const refOf = ({ name, version }: { name: string; version: string }): string => `${name}@${version}`;

const byRef = (left: SbomComponent, right: SbomComponent): number => (refOf(left) < refOf(right) ? -1 : 1);

/** The same package in two folders is one component. */
function unique(components: readonly SbomComponent[]): SbomComponent[] {
  return [...new Map(components.map((component) => [refOf(component), component])).values()];
}
