// What users paste: the code blocks of all READMEs and of docs/. Each imports only packages that its page tells to install, names
// that these really have, as built, and it compiles as it stands. Links of packages' READMEs are absolute: others break where
// a registry shows the page.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { readmes } from './steps/readme-blocks.mjs';
import { ROOT } from './steps/run-command.mjs';

/** What the reader of a block has already. */
const READERS_OWN = `
declare const url: string;
declare const error: unknown;
declare const velo: import('@velo/kafkajs').Velo;
declare const consumer: import('@velo/kafkajs').VeloConsumer;
declare const handler: (order: any) => Promise<void>;
declare function insertAll(rows: readonly unknown[]): Promise<{ index: number; error: unknown }[]>;
declare function charge(order: any, options: { readonly signal: AbortSignal }): Promise<void>;
`;

const faults = [];
const fault = (page, line, what) => faults.push(`${page}:${line}: ${what}`);

/** Where a block is held to lie: beside a package that its page tells to install; its lines are the page's. */
const files = new Map([
  [
    join(ROOT, 'packages/kafkajs/readers-own.d.mts'),
    { text: `export {};\ndeclare global {${READERS_OWN.replaceAll('declare ', '')}}` },
  ],
]);
for (const { page, blocks, installed, folder } of readmes()) {
  for (const { language, code, above } of blocks) {
    if (language !== 'ts') continue;
    const path = join(ROOT, folder ?? '.', `${page.replaceAll(/\W/g, '-')}-${above + 1}.mts`);
    files.set(path, { page, installed, text: `${'\n'.repeat(above)}${code}\nexport {};` });
  }
}

const options = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  strict: true,
  skipLibCheck: true,
  types: ['node'],
  noEmit: true,
};
const host = ts.createCompilerHost(options);
const { fileExists, readFile, getSourceFile } = host;
host.getCurrentDirectory = () => ROOT;
host.fileExists = (path) => files.has(path) || fileExists(path);
host.readFile = (path) => files.get(path)?.text ?? readFile(path);
host.getSourceFile = (path, version, ...rest) =>
  files.has(path)
    ? ts.createSourceFile(path, files.get(path).text, version)
    : getSourceFile(path, version, ...rest);
const program = ts.createProgram([...files.keys()], options, host);
const checker = program.getTypeChecker();

for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program)) {
  const { page } = files.get(file?.fileName) ?? {};
  const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
  fault(page ?? file?.fileName, line, ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const nameOfPackage = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Names that are values in the types must be there when the program runs, in both builds. */
function missingAtRunTime(folder, specifier, names) {
  const program = `import { createRequire } from 'node:module';
    const builds = [await import('${specifier}'), createRequire(process.cwd() + '/x')('${specifier}')];
    console.log(JSON.stringify(${JSON.stringify(names)}.filter((name) => builds.some((build) => !(name in build)))));`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: folder, encoding: 'utf8' }),
  );
}

for (const [path, { page, installed }] of files) {
  if (page === undefined) continue;
  const source = program.getSourceFile(path);
  for (const statement of source.statements.filter(ts.isImportDeclaration)) {
    const specifier = statement.moduleSpecifier.text;
    const line = source.getLineAndCharacterOfPosition(statement.getStart(source)).line + 1;
    if (specifier.startsWith('node:')) continue;
    if (!installed.has(nameOfPackage(specifier))) {
      fault(
        page,
        line,
        `imports ${specifier}, which this page does not tell to install (${[...installed].join(', ')})`,
      );
      continue;
    }
    const named = statement.importClause?.namedBindings;
    const names = (named !== undefined && ts.isNamedImports(named) ? named.elements : [])
      .filter(({ name }) => {
        const symbol = checker.getSymbolAtLocation(name);
        return symbol !== undefined && checker.getAliasedSymbol(symbol).flags & ts.SymbolFlags.Value;
      })
      .map(({ name, propertyName }) => (propertyName ?? name).text);
    for (const name of missingAtRunTime(dirname(path), specifier, names))
      fault(page, line, `${specifier} has no ${name} when it runs, only in its types`);
  }
}

const lineAt = (text, index) => text.slice(0, index).split('\n').length;

for (const { page, text } of readmes()) {
  for (const { 1: target, index } of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(target)) continue;
    if (page.startsWith('packages/') && !target.startsWith('#'))
      fault(page, lineAt(text, index), `the link to ${target} breaks where a registry shows this page`);
    const place = join(ROOT, dirname(page), target.split('#')[0]);
    if (!existsSync(place)) fault(page, lineAt(text, index), `there is no ${target}`);
  }
}

for (const each of faults) console.error(each);
process.exitCode = faults.length === 0 ? 0 : 1;
