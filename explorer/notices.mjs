/** The licences of every package whose code is in the bundle. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const RULE = '-'.repeat(80);

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;

export function notices(root, inputs) {
  const folders = new Set(inputs.map(packageFolder).filter(Boolean));
  const byText = new Map();
  for (const folder of [...folders].sort()) {
    const { title, text } = entry(path.join(root, folder));
    byText.set(text, [...(byText.get(text) ?? []), title]);
  }
  const entries = [...byText].map(([text, titles]) => `${RULE}\n${titles.sort().join('\n')}\n\n${text}\n`);
  const head = 'The explorer bundle (explorer.js, explorer.css) contains code of these packages.\n';
  return [head, ...entries.sort()].join('\n');
}

function packageFolder(file) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.replaceAll('\\', '/'))?.[1];
}

function entry(folder) {
  const about = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder)
    .filter((name) => /^(licen[cs]e|copying)/i.test(name))
    .sort()[0];
  const text = file ? readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim() : standard(about);
  return { title: `${about.name} ${about.version} (${about.license})`, text };
}

/** The text a package refers to by name but does not ship. */
function standard({ name, license, author, contributors }) {
  if (license !== 'MIT') throw new Error(`${name} (${license}) ships no licence text.`);
  const people = [author, ...(contributors ?? [])].map((who) => who?.name ?? who).filter(Boolean);
  const holder = name.startsWith('@graphiql/') ? 'GraphQL Contributors' : people.join(', ') || `the authors of ${name}`;
  return `MIT License\n\nCopyright (c) ${holder}\n\n${MIT}`;
}
