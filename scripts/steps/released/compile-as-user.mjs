import ts from 'typescript';

const { CommonJS, ESNext, Node16, NodeNext } = ts.ModuleKind;

/** How users' compilers look for packages, and the endings that each is tried with: ESM and CommonJS differ in types too. */
export const RESOLUTIONS = [
  { name: 'node10', module: CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10, endings: ['ts'] },
  {
    name: 'node16',
    module: Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    endings: ['mts', 'cts'],
  },
  {
    name: 'nodenext',
    module: NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    endings: ['mts', 'cts'],
  },
  { name: 'bundler', module: ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, endings: ['ts'] },
];

/** What nobody here has written; to check it anew each time takes four fifths of a compilation. */
const isOthers = (program, file) =>
  program.isSourceFileDefaultLibrary(file) ||
  /\/node_modules\/(@types\/node|undici-types)\//.test(file.fileName);

function diagnostics(program) {
  const files = program.getSourceFiles().filter((file) => !isOthers(program, file));
  return [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...files.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
      ...(file.isDeclarationFile ? [] : program.getDeclarationDiagnostics(file)),
    ]),
  ];
}

/**
 * Compiles files as a user would, declarations included, with the packages' own types and the client's checked as well
 * (`skipLibCheck: false`). Writes into `outDir` if there is one. Gives what the compiler says.
 */
export function compile(files, { module, moduleResolution }, outDir) {
  const program = ts.createProgram(files, {
    module,
    moduleResolution,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    declaration: true,
    skipLibCheck: false,
    esModuleInterop: true,
    ignoreDeprecations: '6.0',
    types: ['node'],
    outDir,
    noEmit: outDir === undefined,
  });
  const found = diagnostics(program);
  if (outDir !== undefined) program.emit();
  return found.map(
    ({ file, messageText }) =>
      `${file?.fileName.split('/').slice(-3).join('/') ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
}
