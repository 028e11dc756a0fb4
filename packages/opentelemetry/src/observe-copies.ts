import type { Attributes } from '@opentelemetry/api';
import type { CopyObserver } from '@velo/engine';
import * as names from './conventions.js';
import type { Telemetry } from './telemetry.js';

/** @param of attributes that all of them have */
export function observeCopies(of: Attributes, { spans, instruments }: Telemetry): Required<CopyObserver> {
  return {
    copy: (copy) => {
      const { span, headers } = spans.copy(copy);
      return {
        headers,
        ended: (end) => {
          spans.written(span, end);
          instruments.copies.add(1, {
            ...of,
            [names.DESTINATION_NAME]: copy.topic,
            [names.COPY_KIND]: copy.kind,
            [names.OUTCOME]: end.outcome,
          });
        },
      };
    },
  };
}
