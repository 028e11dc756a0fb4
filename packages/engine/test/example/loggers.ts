import type pino from 'pino';
import type winston from 'winston';
import { structuredLogger } from '../../src/index.js';

/** Each line of velo's as one of pino's, with its fields. */
export function ofPino(log: pino.Logger) {
  return structuredLogger(({ level, message, fields }) => log[level](fields, message));
}

/** The same for winston. */
export function ofWinston(log: winston.Logger) {
  return structuredLogger(({ level, message, fields }) => log.log(level, message, fields));
}
