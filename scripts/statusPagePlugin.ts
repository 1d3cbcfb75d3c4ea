import { readFile } from 'node:fs/promises';
import { build, type Plugin } from 'esbuild';

/** Makes the module `virtual:status-page` of the sources in `page/`, so that the bundle has them in a chunk of their own. */
export const statusPagePlugin: Plugin = {
  name: 'status-page',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^virtual:status-page$/ }, () => ({ path: 'status-page', namespace: 'status-page' }));
    onLoad({ filter: /.*/, namespace: 'status-page' }, async () => ({ contents: await statusPageModule() }));
  },
};

async function statusPageModule(): Promise<string> {
  const [html, style, script] = await Promise.all([
    readFile('page/page.html', 'utf8'),
    bundled('page/page.css'),
    bundled('page/main.ts'),
  ]);
  // Functions as replacements: in a string, `$&` would have a meaning.
  const page = html.replace('/* page.css */', () => style).replace('/* main.ts */', () => script);
  return Object.entries({ html: page, style, script })
    .map(([name, text]) => `export const ${name} = ${JSON.stringify(text)};`)
    .join('\n');
}

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    ...{ entryPoints: [entry], bundle: true, minify: true, write: false },
    ...{ target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'], charset: 'utf8', legalComments: 'none' },
  });
  const text = outputFiles[0]?.text.trim() ?? '';
  // An end tag would end the element of the page that contains this text.
  if (/<\/(?:script|style)/i.test(text)) throw new Error(`${entry} has an end tag in it`);
  return text;
}
