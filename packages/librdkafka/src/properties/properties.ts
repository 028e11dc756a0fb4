/** librdkafka's properties by name, the clients' callbacks among them. */
export type Properties = Record<string, unknown>;
