import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENCE = /^(licen[cs]e|notice|copying)/i;
const RULE = `\n${'-'.repeat(80)}\n\n`;

/**
 * Writes licenses.txt beside the built page: of every package that has become part of it, its licence and notices.
 *
 * @returns {import('vite').Plugin}
 */
export function licenses() {
  return {
    name: 'licenses',
    apply: 'build',
    generateBundle(_options, bundle) {
      const folders = new Set();
      for (const output of Object.values(bundle)) {
        for (const id of output.type === 'chunk' ? output.moduleIds : []) {
          const folder = PACKAGE.exec(id)?.[1];
          if (folder) folders.add(folder.replace(/^\0+/, ''));
        }
      }
      const head = "What of other people's work is part of this page, and under which licences.\n";
      const source = [head, ...[...folders].sort().map(described)].join(RULE);
      this.emitFile({ type: 'asset', fileName: 'licenses.txt', source });
    },
  };
}

/** @param {string} folder */
function described(folder) {
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf-8'));
  const files = readdirSync(folder).filter((name) => LICENCE.test(name));
  const texts = files.sort().map((name) => readFileSync(join(folder, name), 'utf-8').trim());
  return [`${about.name} ${about.version} (${about.license})`, ...texts].join('\n\n') + '\n';
}
