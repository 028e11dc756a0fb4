import { fileURLToPath } from 'node:url';

/** What runs in processes of its own, so it is built. This file stands as deep as the bundle that it becomes part of. */
export const MEMBER_PROGRAM = fileURLToPath(new URL('../dist/member.js', import.meta.url));
export const READER_PROGRAM = fileURLToPath(new URL('../dist/reader.js', import.meta.url));
/** Loaded before a member. */
export const CLOCK = new URL('../dist/clock.js', import.meta.url).href;
