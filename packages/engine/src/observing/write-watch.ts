import { callSafely } from '@velo/retry-core';
import type { OutgoingHeader, OutgoingRecord } from '../binding/binding.js';
import type { CopyObserver, ObservedCopy, ObservedSend, ProducerObserver, WriteEnd } from './observer.js';
import type { Watching } from './watching.js';

/** What the headers of observers add to a copy at the most, in bytes: see `MAX_COPY_GROWTH`. */
export const MAX_OBSERVER_HEADERS = 400;

type Headers = readonly OutgoingHeader[];

/** A copy or a send on its way, watched. */
export interface WriteUnderWatch {
  ended(outcome: WriteEnd['outcome'], error?: unknown): void;
}

export interface CopyUnderWatch extends WriteUnderWatch {
  /** Those of the copy, and those of observers in place of what had their names. */
  headers(own: Headers): Headers;
}

export interface SendUnderWatch extends WriteUnderWatch {
  headers(record: OutgoingRecord): Headers;
}

export type CopyWatch = (copy: ObservedCopy) => CopyUnderWatch;
export type SendWatch = (send: ObservedSend) => SendUnderWatch;

export function watchCopies(observers: readonly Required<CopyObserver>[], watching: Watching): CopyWatch {
  return (copy) => {
    const since = watching.now();
    const watched = observers.flatMap((observer) => watching.ask(() => observer.copy(copy)) ?? []);
    const added = watched.flatMap(({ headers }) => listed(() => headers, watching));
    const bounded = upTo(added, MAX_OBSERVER_HEADERS);
    return {
      headers: (own) => inPlaceOf(own, bounded),
      ended: (outcome, error) => tellEnd(watched, { outcome, error }, copy, since, watching),
    };
  };
}

export function watchSends(
  observers: readonly Required<Pick<ProducerObserver, 'send'>>[],
  watching: Watching,
): SendWatch {
  return (send) => {
    const since = watching.now();
    const watched = observers.flatMap((observer) => watching.ask(() => observer.send(send)) ?? []);
    return {
      headers: (record) =>
        inPlaceOf(
          record.headers,
          watched.flatMap((one) => listed(() => one.headers?.(record), watching)),
        ),
      ended: (outcome, error) => tellEnd(watched, { outcome, error }, send, since, watching),
    };
  };
}

function tellEnd<T>(
  watched: readonly { ended?(end: WriteEnd, of: T): void }[],
  end: Omit<WriteEnd, 'duration'>,
  of: T,
  since: number,
  watching: Watching,
): void {
  const duration = watching.now() - since;
  for (const one of watched) callSafely(() => one.ended?.({ ...end, duration }, of), watching.report);
}

/** Those that can be sent: what an observer gives is not believed to be what its type says. */
function listed(give: () => Iterable<OutgoingHeader> | undefined, watching: Watching): Headers {
  const given = watching.ask(give);
  return watching.ask(() => given && [...given].filter(isHeader)) ?? [];
}

function isHeader(header: unknown): header is OutgoingHeader {
  if (!Array.isArray(header) || typeof header[0] !== 'string') return false;
  const value: unknown = header[1];
  return typeof value === 'string' || value === null || Buffer.isBuffer(value);
}

/** Those of the first that fit, `limit` in bytes. */
function upTo(headers: Headers, limit: number): Headers {
  let bytes = 0;
  return headers.filter(([name, value]) => {
    const size = Buffer.byteLength(name) + (value === null ? 0 : Buffer.byteLength(value));
    if (bytes + size > limit) return false;
    bytes += size;
    return true;
  });
}

function inPlaceOf(own: Headers, added: Headers): Headers {
  if (added.length === 0) return own;
  const names = new Set(added.map(([name]) => name));
  return [...own.filter(([name]) => !names.has(name)), ...added];
}
