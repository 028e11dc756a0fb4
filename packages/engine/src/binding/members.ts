import type { GroupMember } from './binding.js';
import { closed } from './client-errors.js';

/** A member that tells when it has ended. */
export interface EndingMember extends GroupMember {
  /** Told once it has left. */
  onStopped: () => void;
}

/** The members of one client, from the beginning of their join to their end: whoever closes the client stops them all. */
export class Members<M extends EndingMember> {
  readonly #joins = new Set<Promise<M>>();
  #isClosed = false;

  /** @throws {VeloError} `VELO_CLOSED` once it is closed, and whatever `begin` rejects with */
  async join(begin: () => Promise<M>): Promise<M> {
    if (this.#isClosed) throw closed();
    const joining = begin();
    this.#joins.add(joining);
    const forget = () => this.#joins.delete(joining);
    const member = await joining.catch((error: unknown) => {
      forget();
      throw error;
    });
    // One that has crashed would be kept, with its sockets, for as long as the client is.
    member.onStopped = forget;
    if (!this.#isClosed) return member;
    await member.stop();
    throw closed();
  }

  /** Resolves when all have left, those that were about to join among them. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(
      [...this.#joins].map((joining) => joining.then((member) => member.stop()).catch(() => {})),
    );
  }
}
