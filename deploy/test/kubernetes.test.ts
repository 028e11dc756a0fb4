import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deployment, type IDeployment } from 'kubernetes-models/apps/v1';
import { type IPodDisruptionBudget, PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, type IConfigMap } from 'kubernetes-models/v1';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { DEPLOY } from './support/files.js';

const documents = parseAllDocuments(readFileSync(join(DEPLOY, 'kubernetes/consumer.yaml'), 'utf8'), {
  merge: true,
}).map((document) => document.toJS());
const [configMap, deployment, budget] = documents as [IConfigMap, IDeployment, IPodDisruptionBudget];
const pod = deployment.spec?.template.spec;
const container = pod?.containers[0];

/** Objects of Kubernetes held to the types that are made of its own specification: unknown fields are faults, too. */
function faultsOf(
  objects: readonly { readonly type: string; readonly from: string; readonly object: object }[],
): string[] {
  const file = join(DEPLOY, 'test/objects-of-kubernetes.ts');
  const text = objects
    .map(
      ({ type, from, object }, i) =>
        `import type { ${type} as T${i} } from '${from}';\nexport const o${i}: T${i} = ${JSON.stringify(object)};`,
    )
    .join('\n');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    skipLibCheck: true,
    types: [],
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => path === file || fileExists(path);
  host.readFile = (path) => (path === file ? text : readFile(path));
  host.getSourceFile = (path, version, ...rest) =>
    path === file ? ts.createSourceFile(path, text, version) : getSourceFile(path, version, ...rest);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const typed = (object: object, kind: 'ConfigMap' | 'Deployment' | 'PodDisruptionBudget') => {
  const from = { ConfigMap: 'v1', Deployment: 'apps/v1', PodDisruptionBudget: 'policy/v1' }[kind];
  return { type: `I${kind}`, from: `kubernetes-models/${from}`, object };
};

describe('the Kubernetes example', () => {
  it('has the fields that Kubernetes knows, with values that it takes', () => {
    expect(documents.map(({ kind }) => kind)).toEqual(['ConfigMap', 'Deployment', 'PodDisruptionBudget']);
    new ConfigMap(configMap).validate();
    new Deployment(deployment).validate();
    new PodDisruptionBudget(budget).validate();
    expect(
      faultsOf([
        typed(configMap, 'ConfigMap'),
        typed(deployment, 'Deployment'),
        typed(budget, 'PodDisruptionBudget'),
      ]),
    ).toEqual([]);
  });

  it('would not pass with a field that Kubernetes does not know, or a text for a number', () => {
    const misspelt = { ...budget, spec: { ...budget.spec, maxUnavailible: 1 } };
    const text = { ...deployment, spec: { ...deployment.spec, replicas: '3' } };
    const faults = faultsOf([typed(misspelt, 'PodDisruptionBudget'), typed(text, 'Deployment')]);
    expect(faults).toEqual([expect.stringContaining('maxUnavailible'), expect.stringContaining('string')]);
  });

  it('chooses its own pods', () => {
    const labels = deployment.spec?.template.metadata?.labels;
    expect(deployment.spec?.selector.matchLabels).toEqual(labels);
    expect(budget.spec?.selector?.matchLabels).toEqual(labels);
  });

  it('asks for health and metrics at the port that the container has', () => {
    const port = container?.ports?.[0];
    const annotations = deployment.spec?.template.metadata?.annotations;
    expect(annotations?.['prometheus.io/port']).toBe(String(port?.containerPort));
    expect(annotations?.['prometheus.io/path']).toBe('/metrics');
    expect(container?.livenessProbe?.httpGet).toEqual({ path: '/live', port: port?.name });
    expect(container?.readinessProbe?.httpGet).toEqual({ path: '/ready', port: port?.name });
  });

  it('gives velo its 25 s to stop, and some more', () => {
    expect(pod?.terminationGracePeriodSeconds).toBe(30);
  });
});
