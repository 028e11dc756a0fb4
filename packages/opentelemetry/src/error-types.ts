import { classifyKafkaError, isKafkaClientError, isVeloError, readText } from '@velo/retry-core';
import { OTHER } from './conventions.js';

/** More kinds of errors are not told apart: each is a time series of its own. */
const MOST_TYPES = 100;
/** As names of classes and codes are; anything else may hold what is of one record. */
const NAME = /^[A-Za-z_$][\w$.]{0,63}$/;

/**
 * The `error.type` of anything that was thrown: Kafka's name of the error (`NOT_LEADER_OR_FOLLOWER`), velo's code
 * (`VELO_HANDLER_TIMEOUT`), the code of an error of Node's (`ECONNREFUSED`), else the error's class.
 */
export class ErrorTypes {
  readonly #known = new Set<string>();

  of(error: unknown): string {
    const type = typeOf(error);
    if (this.#known.has(type)) return type;
    if (this.#known.size >= MOST_TYPES) return OTHER;
    this.#known.add(type);
    return type;
  }
}

function typeOf(error: unknown): string {
  const name = ofKafka(error) ?? ofVelo(error) ?? (readText(error, 'code') || readText(error, 'name'));
  return NAME.test(name) ? name : OTHER;
}

function ofKafka(error: unknown): string | undefined {
  return isKafkaClientError(error) ? classifyKafkaError(error).name : undefined;
}

function ofVelo(error: unknown): string | undefined {
  return isVeloError(error) ? error.code : undefined;
}
