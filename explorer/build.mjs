/** Builds src/ into hub/web/static/explorer (or the folder named as the first argument).
 *
 * The bundle is committed, because those who install the hub have no Node. The same lock file
 * gives the same bytes; tests/web/test_explorer.py rebuilds and compares.
 */
import { build } from 'esbuild';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { notices } from './notices.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, '../hub/web/static/explorer'));
const require = createRequire(path.join(here, 'package.json'));

/** GraphiQL's own phrases go through src/jsx-runtime.ts, which knows Chinese. */
const standIns = {
  name: 'stand-ins',
  setup({ onResolve }) {
    onResolve({ filter: /^framer-motion$/ }, () => ({ path: path.join(here, 'src/tabs-without-motion.tsx') }));
    onResolve({ filter: /^react\/jsx-runtime$/ }, () => ({ path: path.join(here, 'src/jsx-runtime.ts') }));
    onResolve({ filter: /^react-jsx-runtime-itself$/ }, () => ({ path: require.resolve('react/jsx-runtime') }));
  },
};

/** GraphiQL's stylesheet carries 330 kB of Latin web fonts as data: URLs; the page uses the system's. */
const systemFonts = {
  name: 'system-fonts',
  setup({ onLoad }) {
    onLoad({ filter: /graphiql[\\/]dist[\\/]style\.css$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replace(/@font-face\s*\{[^}]*\}/g, ''),
      loader: 'css',
    }));
  },
};

const { metafile, outputFiles } = await build({
  absWorkingDir: here,
  entryPoints: { explorer: 'src/main.tsx' },
  outdir: out,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2020', 'chrome87', 'firefox78'],
  charset: 'utf8',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning',
  plugins: [standIns, systemFonts],
});

checkPhrases(Object.keys(metafile.inputs));
mkdirSync(out, { recursive: true });
for (const { path: file, contents } of outputFiles) writeFileSync(file, contents);
writeFileSync(path.join(out, 'THIRD-PARTY-NOTICES.txt'), notices(here, Object.keys(metafile.inputs)));
for (const { path: file, contents } of outputFiles) console.log(`${path.basename(file)} ${contents.length}`);

/** A phrase that GraphiQL no longer says would silently stay English: stop instead. */
function checkPhrases(inputs) {
  const sources = inputs
    .filter((file) => /node_modules[\\/](@graphiql|graphiql)[\\/].*\.js$/.test(file))
    .map((file) => readFileSync(path.join(here, file), 'utf8'))
    .join('\n');
  const { whole, prefix } = JSON.parse(readFileSync(path.join(here, 'src/graphiql.zh.json'), 'utf8'));
  const composed = ['Execute query (Ctrl-Enter)', 'Stop query (Ctrl-Enter)'];
  const lost = Object.keys(whole).filter(
    (phrase) => !composed.includes(phrase) && !sources.includes(JSON.stringify(phrase)),
  );
  for (const part of ['"Stop" : "Execute"} query (Ctrl-Enter)', '"Hide" : "Show"}', 'Go back to ${'])
    if (!sources.includes(part)) lost.push(part);
  if (lost.length || Object.keys(prefix).length !== 3) throw new Error(`GraphiQL no longer says: ${lost.join(' | ')}`);
}
