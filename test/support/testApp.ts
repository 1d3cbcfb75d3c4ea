/** The bundle of the app that `buildForTests` wrote. */
export function testApp(): string {
  const { TEST_APP: file } = process.env;
  if (file === undefined) throw new Error('TEST_APP is not set; jest sets it in its global setup.');
  return file;
}
