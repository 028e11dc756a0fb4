/** A table for a terminal, for Markdown and for HTML. */
export interface ReportTable {
  readonly title: string;
  readonly note?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of text; the others are numbers, to the right. @default the first */
  readonly text?: readonly number[];
}

export const isText = ({ text = [0] }: ReportTable, column: number): boolean => text.includes(column);
