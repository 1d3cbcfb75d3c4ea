/** What programs need to find their files and the machine's language, on Linux, macOS and Windows. */
const inheritedNames = [
  ...['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL'],
  ...['SystemRoot', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'TEMP', 'TMP', 'PATHEXT'],
];

/**
 * The environment of a child process: nothing of the calling shell but what programs need to run. A proxy
 * (`HTTP_PROXY`), `NODE_OPTIONS`, or a variable that resembles a setting of the app (`HUB`) would change what it does.
 */
export function childEnvironment(): Record<string, string> {
  return Object.fromEntries(
    inheritedNames.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
