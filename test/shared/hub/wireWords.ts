export const agent = 'DefenderIotMicroAgent';
/** The API version of `azure-iothub` 1.16.6. */
export const version = '?api-version=2021-04-12';
/** Device ids with characters that are reserved in URLs, and their encoded form. */
export const unusualIds: [id: string, encoded: string][] = [
  ['50%_#1?', '50%25_%231%3F'],
  ["a'b", "a'b"],
  ['x*(y)!$@=;,:.+', 'x*(y)!%24%40%3D%3B%2C%3A.%2B'],
];
