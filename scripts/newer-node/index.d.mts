/** What @platformatic/kafka needs. */
export const NEWER: readonly (readonly [major: number, minor: number])[];

/** Whether a version, such as `20.20.2`, is one of those, or of a later line. */
export function isNewer(version: string): boolean;

/**
 * The path of a Node that a process with this client of Kafka's can run on: the running one, but for @platformatic/kafka.
 *
 * @throws {Error} where there is none
 */
export function nodeForClient(client: string): string;

/** The path of a Node that is new enough: the running one, or one from the registry; undefined where there is none. */
export function newerNode(): string | undefined;
