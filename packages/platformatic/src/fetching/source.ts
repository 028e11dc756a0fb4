import { partitionKey, type TopicPartition } from '@velo/engine';

/** A partition that is fetched, for one assignment. */
export class Source implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  /** From where to fetch; undefined: not known yet. */
  position: number | undefined;
  paused = false;
  /** Its position is out of range, and nobody has said where to go on. */
  astray = false;
  /** Something was fetched of it from its position. */
  tried = false;
  /** It is in a request that is under way. */
  busy = false;
  /** Grows with each seek: an answer from before is not its own. */
  version = 0;
  /** Not before that, by `performance.now()`. */
  notBefore = 0;

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic;
    this.partition = partition;
    this.key = partitionKey(topic, partition);
  }

  isReady(now: number): boolean {
    return this.position !== undefined && !this.paused && !this.astray && !this.busy && now >= this.notBefore;
  }

  moveTo(position: number): void {
    this.position = position;
    this.astray = false;
    this.tried = true;
    this.version++;
  }
}
