import { callSafely } from '@velo/retry-core';
import type { LogEntry, LogFields, Logger } from './config.js';

/** A logger as velo uses it. */
export interface FieldLogger extends Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same, whose lines have these fields, too. */
  with(fields: LogFields): FieldLogger;
}

/** Where warnings and errors go when nothing else is said, and when a logger fails. */
export const consoleLogger: Logger = {
  info: () => {},
  warn: (message) => console.warn(message),
  error: (message) => console.error(message),
};

/**
 * A logger for programs: each line with its level and with what it is about.
 *
 * @param write what it throws is not heeded: that line goes to the console
 */
export function structuredLogger(write: (entry: LogEntry) => void): Logger {
  const by = (level: LogEntry['level']) => (message: string) => write({ level, message, fields: {} });
  return { info: by('info'), warn: by('warn'), error: by('error'), entry: write };
}

/** A logger that neither throws nor rejects, whatever it is: what `logger` fails to take goes to the console. */
export function safeLogger(logger: Logger, always: LogFields = {}): FieldLogger {
  const by = (level: LogEntry['level']) => (message: string, fields?: LogFields) =>
    callSafely(
      () =>
        typeof logger.entry === 'function'
          ? logger.entry({ level, message, fields: { ...always, ...fields } })
          : logger[level](message),
      () => consoleLogger[level](message),
    );
  return {
    info: by('info'),
    warn: by('warn'),
    error: by('error'),
    with: (fields) => safeLogger(logger, { ...always, ...fields }),
  };
}
