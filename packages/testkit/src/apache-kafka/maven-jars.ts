import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** One download for all clones on a machine. */
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'velo');

/** What Maven fetches, with all that it needs at run time. */
export interface MavenJars {
  /** Of the folder, and what a message calls it: name and version. */
  readonly name: string;
  /** `group:artifact:version`; the first that asks for something settles its version. */
  readonly artifacts: readonly string[];
}

const folderOf = ({ name }: MavenJars): string => join(CACHE, name);

export function jarsArePresent(jars: MavenJars): boolean {
  return existsSync(folderOf(jars));
}

/** Of this process: two at once could spoil Maven's own cache. */
let lastDownload: Promise<void> = Promise.resolve();

/** The class path of the jars; fetches them with Maven at the first call on a machine. */
export async function mavenClassPath(jars: MavenJars): Promise<string> {
  const done = lastDownload.then(() => downloadIfAbsent(jars));
  lastDownload = done.catch(() => {});
  await done;
  return join(folderOf(jars), '*');
}

async function downloadIfAbsent(jars: MavenJars): Promise<void> {
  if (jarsArePresent(jars)) return;
  console.warn(`fetching ${jars.name} with Maven, once on this machine`);
  await download(jars);
}

async function download(jars: MavenJars): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, 'download-'));
  try {
    await writeFile(join(folder, 'pom.xml'), pom(jars));
    const target = join(folder, 'jars');
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${target}`];
    await promisify(execFile)('mvn', ['-q', '-B', '-f', join(folder, 'pom.xml'), ...goal]);
    await rename(target, folderOf(jars)).catch((error) => {
      if (!jarsArePresent(jars)) throw error; // else another process was quicker
    });
  } catch (error) {
    const output = (error as { stdout?: string }).stdout?.trim();
    throw new Error(`Maven could not fetch ${jars.name}${output ? `:\n${output}` : ''}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function pom({ artifacts }: MavenJars): string {
  const dependencies = artifacts.map((artifact) => {
    const [group, name, version] = artifact.split(':');
    return `    <dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>velo</groupId><artifactId>jars</artifactId><version>1</version>
  <dependencies>
${dependencies.join('\n')}
  </dependencies>
</project>
`;
}
