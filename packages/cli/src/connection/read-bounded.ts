import { open } from 'node:fs/promises';
import { foreignMessage } from '@velo/retry-core';
import { wrongSetting } from './wrong-setting.js';

/** A whole file, at most `largest` bytes. @param setting that names it @throws {CliError} where it cannot be read */
export async function readBounded(path: string, largest: number, setting: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const chunks: Buffer[] = [];
      let size = 0;
      // Not by its size: a pipe has none.
      for await (const chunk of file.createReadStream({ autoClose: false })) {
        chunks.push(chunk as Buffer);
        size += (chunk as Buffer).length;
        if (size > largest) break;
      }
      if (size <= largest) return Buffer.concat(chunks);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw wrongSetting(
      setting,
      `${JSON.stringify(path)} cannot be read (${foreignMessage(error)})`,
      'Give a file that this user may read.',
      { cause: error },
    );
  }
  throw wrongSetting(
    setting,
    `${JSON.stringify(path)} is larger than ${largest} bytes`,
    'Give another file.',
  );
}
