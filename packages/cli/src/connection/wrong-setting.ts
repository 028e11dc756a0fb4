import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';

/** A setting of the connection that cannot be used. Its value is told by the caller, where it is no secret. */
export function wrongSetting(
  name: string,
  problem: string,
  remedy: string,
  options?: ErrorOptions,
): CliError {
  return new CliError(
    EXIT.usage,
    `${name} cannot be used: ${problem}. Nothing was connected to. ${remedy}`,
    options,
  );
}
