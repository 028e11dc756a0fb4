/** A queue of one event for each client, the earliest first; of equal times the smaller client first. */
export class EventQueue {
  private heap: Int32Array;
  private times: Float64Array;
  private size = 0;

  /** @param clients room to begin with; it grows */
  constructor(clients: number) {
    this.heap = new Int32Array(clients);
    this.times = new Float64Array(clients);
  }

  /** The time of the next event. */
  get next(): number {
    return this.size === 0 ? Infinity : (this.times[this.heap[0] as number] as number);
  }

  get length(): number {
    return this.size;
  }

  /** @param client has no event in the queue */
  push(client: number, time: number): void {
    if (client >= this.times.length) this.grow(client);
    this.times[client] = time;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.heap[parent] as number;
      if (!this.isBefore(client, above)) break;
      this.heap[at] = above;
      at = parent;
    }
    this.heap[at] = client;
  }

  /** The client whose event is next. */
  pop(): { readonly client: number; readonly time: number } | undefined {
    if (this.size === 0) return undefined;
    const client = this.heap[0] as number;
    const last = this.heap[--this.size] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && this.isBefore(this.heap[child + 1] as number, this.heap[child] as number))
        child++;
      if (!this.isBefore(this.heap[child] as number, last)) break;
      this.heap[at] = this.heap[child] as number;
      at = child;
    }
    this.heap[at] = last;
    return { client, time: this.times[client] as number };
  }

  private grow(client: number): void {
    const [heap, times] = [this.heap, this.times];
    this.heap = new Int32Array(2 * client + 1);
    this.times = new Float64Array(2 * client + 1);
    this.heap.set(heap);
    this.times.set(times);
  }

  private isBefore(a: number, b: number): boolean {
    const [first, second] = [this.times[a] as number, this.times[b] as number];
    return first < second || (first === second && a < b);
  }
}
