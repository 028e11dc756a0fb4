import { parseProperties } from './java-properties.js';
import { readBounded } from './read-bounded.js';
import { wrongSetting } from './wrong-setting.js';

const LARGEST = 1024 * 1024;

/**
 * A `client.properties`, as Kafka's own tools read it: in ISO 8859-1, other letters as `\uXXXX`.
 *
 * @param setting that names the file, such as `--config`
 */
export async function readPropertiesFile(
  path: string,
  setting: string,
): Promise<ReadonlyMap<string, string>> {
  const bytes = await readBounded(path, LARGEST, setting);
  return readPropertiesText(bytes.toString('latin1'), `${setting} (${JSON.stringify(path)})`);
}

export function readPropertiesText(text: string, setting: string): ReadonlyMap<string, string> {
  const parsed = parseProperties(text);
  if ('properties' in parsed) return parsed.properties;
  throw wrongSetting(setting, `line ${parsed.line}: ${parsed.reason}`, 'Mend that line.');
}
