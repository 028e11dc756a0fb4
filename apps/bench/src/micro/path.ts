/** What a case stands for; the report sorts by it. */
export type CaseKind =
  /** What velo ships. */
  | 'velo'
  /** The version that the specification's guide calls "before". */
  | 'before'
  /** What one would write in JavaScript without thinking of speed. */
  | 'obvious'
  /** Another way to be fast, tried and measured. */
  | 'tried'
  /** A package that does the same job. */
  | 'peer'
  /** The specification's Rust. */
  | 'rust';

export type Input = string | number;

export interface Case {
  readonly name: string;
  readonly kind: CaseKind;
  /** Called with each input in turn; a promise is awaited before the next call. */
  readonly call: (input: never) => unknown;
  /** After all: throws if the calls did not do what they should, so that nothing can be left out by the engine. */
  readonly verify?: () => void;
}

/** One hot path: the same inputs for every case. Each path is timed in a process of its own. */
export interface Path {
  readonly id: string;
  readonly title: string;
  /** Made when the path is run, so that no input is a constant of the program. */
  readonly inputs: () => readonly Input[];
  readonly cases: (inputs: readonly Input[]) => readonly Case[];
  /**
   * What one call works through, where it is more than one thing: times and bytes are those of one, and times those of the
   * processor, since such a call is long. @default 1, by the clock on the wall
   */
  readonly units?: number;
  /** What the Rust program calls this path. */
  readonly rust?: string;
  /** What the Rust program is given; the same inputs if left out. */
  readonly rustInputs?: () => readonly Input[];
}
