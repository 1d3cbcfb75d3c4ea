/** `packages` of package-lock.json, by folder; the project itself is ''. */
export type LockedPackages = Record<string, LockedPackage>;

interface LockedPackage {
  version?: string;
  /** Only development needs it. */
  dev?: boolean;
  /** Hash of the archive in the registry: algorithm, dash, base64. */
  integrity?: string;
  /** Address of the archive in the registry. */
  resolved?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/**
 * The folders of the packages that the package in `folder` depends on, found as Node finds them: in its own `node_modules`, then in
 * those of the folders above. A dependency that is not installed (another platform's, an optional peer) is left out.
 */
export function dependencyFolders(locked: LockedPackages, folder: string): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = locked[folder] ?? {};
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  return names.flatMap((name) => folderOf(locked, folder, name) ?? []);
}

function folderOf(locked: LockedPackages, from: string, name: string): string | undefined {
  for (let above = from; ; above = above.slice(0, Math.max(0, above.lastIndexOf('/node_modules/')))) {
    const folder = above === '' ? `node_modules/${name}` : `${above}/node_modules/${name}`;
    if (locked[folder] !== undefined) return folder;
    if (above === '') return undefined;
  }
}
