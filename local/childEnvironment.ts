/** The variables by which programs find their files and the user's language, on Linux, macOS and Windows. */
const inheritedNames = [
  ...['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL'],
  ...['SystemRoot', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'TEMP', 'TMP', 'PATHEXT'],
];

/**
 * The environment of a child process: of this process's environment only `inheritedNames`. A proxy (`HTTP_PROXY`),
 * `NODE_OPTIONS`, or a variable with the name of one of the app's settings (`HUBS`) would change what the child does.
 */
export function childEnvironment(): Record<string, string> {
  return Object.fromEntries(
    inheritedNames.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
