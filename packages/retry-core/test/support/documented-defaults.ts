import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Nodes whose names make an option's path. */
type Named = ts.Node & { readonly name?: ts.Node };

/** What docstrings say after `@default`, by option: `ConsumerConfig.startFrom`, `VeloConsumer.stop.options.timeout`. */
export function documentedDefaults(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join(folder, file), 'utf8');
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true), '', found);
  }
  return found;
}

function visit(node: ts.Node, above: string, found: Map<string, string>): void {
  const { name } = node as Named;
  const path = name === undefined ? above : `${above}${above && '.'}${name.getText()}`;
  for (const doc of ts.getJSDocCommentsAndTags(node)) {
    for (const { tagName, comment } of ts.isJSDoc(doc) && doc.parent === node ? (doc.tags ?? []) : [])
      if (tagName.text === 'default') found.set(path, ts.getTextOfJSDocComment(comment) ?? '');
  }
  ts.forEachChild(node, (child) => visit(child, path, found));
}

/** How docstrings write a value. */
export const written = {
  count: (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 3 }),
  literal: (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value)),
  bytes: (value: number): string => `${value / 2 ** 20} MiB`,
  time(ms: number): string {
    if (ms < 1_000) return `${ms} ms`;
    return ms < 60_000 ? `${ms / 1_000} s` : `${ms / 60_000} minutes`;
  },
  /** Of an exponential strategy without jitter. */
  waits(strategy: { delay(retryIndex: number): number }): string {
    const [first, second, longest] = [strategy.delay(0), strategy.delay(1), strategy.delay(1_000)];
    return `exponential, ${written.time(first)} x ${second / first}, at most ${written.time(longest)}`;
  },
} as const;
