/** A topic's setting that says how its records are kept. Brokers know it up to Kafka 3. */
const FORMAT = 'message.format.version';
/** `0.10.2-IV0` and older. */
const OLD_FORMAT = /^0\.(?:8|9|10)\b/;
/** UNKNOWN_SERVER_ERROR, what brokers answer where a topic's format has no headers (MemoryRecordsBuilder throws). */
const UNKNOWN = -1;

/**
 * Whether a broker has refused records for their headers, which the topic's format does not have. Other faults have the same
 * code, so the format is asked for.
 *
 * @param code that the broker has answered to records with headers
 * @param ask a setting of the topic, by its name
 * @returns false, too, where nobody may ask
 */
export async function isOfOldFormat(
  code: number | undefined,
  ask: (setting: string) => Promise<string | null | undefined>,
): Promise<boolean> {
  if (code !== UNKNOWN) return false;
  const format = await ask(FORMAT).catch(() => undefined);
  return OLD_FORMAT.test(format ?? '');
}
