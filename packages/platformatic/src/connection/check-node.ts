import { VeloError } from '@velo/retry-core';

/** As `engines` of @platformatic/kafka has it: the first minor of each line; later lines have all. */
const NEEDED = [
  { major: 22, minor: 22 },
  { major: 24, minor: 6 },
] as const;
const NEWEST = 24;

/**
 * npm installs the client on any Node, and on an older one it fails at its first compressed batch, amid a request.
 *
 * @param version such as `20.20.2`
 * @throws {VeloError} `VELO_NOT_SUPPORTED`
 */
export function checkNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > NEWEST || NEEDED.some((line) => major === line.major && minor >= line.minor)) return;
  throw new VeloError(
    'VELO_NOT_SUPPORTED',
    `@platformatic/kafka needs Node 22.22, 24.6 or newer, and this is ${version}. Nothing has connected. Run a newer Node, or take @velo/kafkajs, whose client runs on Node 20.`,
  );
}
