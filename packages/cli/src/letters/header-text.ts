import { cell, shown } from '../terminal/escape.js';

/** Headers of Spring Kafka that are numbers in bytes; those of dead letters have `dlt-` in their names. */
const NUMBERS =
  /^(?:kafka_(?:dlt-)?original-(?:partition|offset|timestamp)|retry_topic-(?:attempts|backoff-timestamp|original-timestamp))$/;

/** Of a value, in characters. */
const LONGEST = 400;

/** A header's value for people, whichever profile wrote it. */
export function headerText(name: string, value: Buffer | null): string {
  if (value !== null && NUMBERS.test(name) && value.length >= 1 && value.length <= 8)
    return String(BigInt.asIntN(value.length * 8, BigInt(`0x${value.toString('hex')}`)));
  return cell(shown(value === null ? null : value.subarray(0, LONGEST * 4)), LONGEST);
}
