import { fileURLToPath } from 'node:url';

/** This file stands as deep as the bundle that it becomes part of. */
export const JAVA_SOURCES = fileURLToPath(new URL('../java', import.meta.url));
