import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Writes the files of a report into a folder; gives their paths as seen from here. */
export async function writeReports(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const paths = Object.keys(files).map((name) => join(folder, name));
  await Promise.all(Object.values(files).map((text, index) => writeFile(paths[index] as string, text)));
  return paths.map((path) => relative(process.cwd(), path));
}
