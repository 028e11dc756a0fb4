/** What a shell, a container's start or a pipeline is told. Every command keeps to this one table. */
export const EXIT = {
  /** What was asked for is so, or is done. */
  done: 0,
  /** It is not, or not all of it; later it may be: timed out, brokers away, records refused, something to mend. */
  failed: 1,
  /** The command line, the environment or a file cannot be understood; nothing was begun. */
  usage: 2,
  /** Waiting and trying again will not help: the login, a certificate or a right is refused. */
  hopeless: 3,
  /** SIGINT: it has ended after what it was doing. */
  interrupted: 130,
  /** SIGTERM: the same. */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
