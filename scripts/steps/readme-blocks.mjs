import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicPackages } from './public-packages.mjs';
import { ROOT } from './run-command.mjs';

/** A fenced block; a dash of a list may stand before it. */
const BLOCK = /^```(\w*)\n(.*?)^```$/gms;

/** What is told to be installed: `npm install @velo/kafkajs kafkajs`. */
const INSTALL = /^npm install (?!-)(.+)$/gm;

const manifestOf = (folder) => JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));

/** Pages for users: those of the packages, and those that stand for all of them. */
function pages() {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return [
    'README.md',
    ...publicPackages().map((folder) => `${folder}/README.md`),
    ...docs.map((name) => `docs/${name}`),
  ];
}

const blocksOf = (text) =>
  [...text.matchAll(BLOCK)].map(({ 1: language, 2: code, index }) => ({
    language,
    code,
    /** Lines of the page above the block's first one. */
    above: text.slice(0, index).split('\n').length,
  }));

/**
 * All pages, with what each tells to install, which packages come with that (their declared peers), and its blocks.
 * Pages under `docs` stand beside the root's README.
 */
export function readmes() {
  const manifests = new Map(
    publicPackages().map((folder) => [manifestOf(folder).name, { folder, ...manifestOf(folder) }]),
  );
  const told = (text) =>
    blocksOf(text)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ code }) => [...code.matchAll(INSTALL)])
      .flatMap(([, names]) => names.split('#')[0].trim().split(/\s+/));
  const ofRoot = told(readFileSync(join(ROOT, 'README.md'), 'utf8'));
  return pages().map((page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const installed = page.startsWith('docs/') ? ofRoot : told(text);
    const own = installed.find((name) => manifests.has(name));
    return {
      page,
      text,
      blocks: blocksOf(text),
      installed: new Set([...installed, ...Object.keys(manifests.get(own)?.peerDependencies ?? {})]),
      /** Of the package that users of this page have. */
      folder: manifests.get(own)?.folder,
    };
  });
}
