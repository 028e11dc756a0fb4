import type { Admin, Kafka } from 'kafkajs';

/** Asks a cluster. After a failure the next question goes through a new client, which knows nothing stale. */
export class Questions {
  readonly #kafka: Kafka;
  #admin: Admin | undefined;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      if (this.#admin === undefined) {
        const admin = this.#kafka.admin();
        await admin.connect();
        this.#admin = admin;
      }
      return await question(this.#admin);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    await admin?.disconnect().catch(() => {});
  }
}
