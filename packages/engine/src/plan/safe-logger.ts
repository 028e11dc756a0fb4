import { callSafely } from '@velo/retry-core';
import type { Logger } from './config.js';

/** Where warnings and errors go when nothing else is said, and when a logger fails. */
export const consoleLogger: Logger = {
  info: () => {},
  warn: (message) => console.warn(message),
  error: (message) => console.error(message),
};

/** A logger that neither throws nor rejects, whatever it is: what `logger` fails to take goes to the console. */
export function safeLogger(logger: Logger): Logger {
  const by = (level: keyof Logger) => (message: string) =>
    callSafely(
      () => logger[level](message),
      () => consoleLogger[level](message),
    );
  return { info: by('info'), warn: by('warn'), error: by('error') };
}
