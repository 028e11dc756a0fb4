import type { ErrorCategory } from '@velo/retry-core';
import type { KafkaHeaders } from '../binding/record.js';
import type { DeadLetterReason } from '../failures/decide.js';

export type TierHeaders = 'velo' | 'spring';
export type DeadLetterHeaders = TierHeaders | 'connect' | 'kip1191';

/** What an error leaves in headers: bounded, and stripped of what looks like secrets. */
export interface ErrorFacts {
  /** The error's class. */
  readonly name: string;
  /** The class of its cause. */
  readonly cause: string | undefined;
  readonly message: string;
  readonly stack: string | undefined;
  /** Kafka's, only if the error comes from a client. */
  readonly code: number | undefined;
  readonly category: ErrorCategory;
  readonly stage: 'decode' | 'handler';
}

/** What the headers of a copy are to say. */
export interface CopyFacts {
  /** The first one: where the record comes from. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** ms since 1970; -1 if unknown. */
  readonly timestamp: number;
  /** When the copy is made, ms since 1970. */
  readonly at: number;
  readonly group: string;
  /** Attempts so far, in all topics. */
  readonly attempts: number;
  /** Of a tier's copy only: when it is to be handled, ms since 1970. */
  readonly due: number | undefined;
  /** Of a dead letter only. */
  readonly reason: DeadLetterReason | undefined;
  /** The last one. */
  readonly error: ErrorFacts;
}

/** What headers claim; a claim that is missing or broken is `undefined`. Texts are bounded, numbers in range. */
export interface HeaderClaims {
  readonly topic: string | undefined;
  readonly partition: number | undefined;
  readonly offset: string | undefined;
  readonly timestamp?: number | undefined;
  readonly group: string | undefined;
  readonly attempts?: number | undefined;
  readonly due?: number | undefined;
}

/** The names of a profile's headers that tell of the error; a profile may have no header for something. */
export interface ErrorHeaders {
  readonly message: string;
  readonly name?: string;
  readonly cause?: string;
  readonly stack?: string;
}

/** Whose header names and formats are written and read. */
export interface HeaderProfile {
  readonly name: DeadLetterHeaders;
  /** Values are not text: only clients with `capabilities.binaryHeaders` can carry them. */
  readonly binary: boolean;
  /** Whether a header is one of the profile's own: a copy replaces it, so that nothing piles up. */
  owns(name: string): boolean;
  /** Each header; those without a value are left out. */
  write(copy: CopyFacts): readonly (readonly [name: string, value: Buffer | string | number | undefined])[];
  /** Never throws. */
  read(headers: KafkaHeaders): HeaderClaims;
  /** Where dead letters with these headers tell of the error. */
  errorHeaders(headers: KafkaHeaders): ErrorHeaders;
}

/** More attempts than any configuration allows: what is above is broken. */
export const MAX_ATTEMPTS = 1_000_000;
