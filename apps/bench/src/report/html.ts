import { escapeHtml } from './format.js';
import { REPORT_STYLE } from './style.js';
import { isText, type ReportTable } from './table.js';

/** A part of a report: a table, plots, or both. */
export interface ReportSection {
  readonly title: string;
  readonly note?: string;
  /** SVG documents. */
  readonly plots?: readonly string[];
  readonly table?: ReportTable;
}

export interface HtmlReport {
  readonly title: string;
  readonly subtitle: string;
  /** Names of the colours of the style sheet, with what they stand for. */
  readonly legend?: readonly (readonly [color: string, meaning: string])[];
  readonly sections: readonly ReportSection[];
  readonly footer: string;
}

/** One HTML document that needs nothing else. */
export function htmlReport({ title, subtitle, legend = [], sections, footer }: HtmlReport): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="soft">${escapeHtml(subtitle)}</p>
${legend.length > 0 ? `<div class="legend">${legend.map(legendItem).join('')}</div>` : ''}
</header>
${sections.map(sectionHtml).join('\n')}
<footer class="soft"><p>${escapeHtml(footer)}</p></footer>
</main>
</body>
</html>
`;
}

function legendItem([color, meaning]: readonly [color: string, meaning: string]): string {
  return `<span><i style="background:var(--${color})"></i>${escapeHtml(meaning)}</span>`;
}

function sectionHtml({ title, note, plots = [], table }: ReportSection): string {
  const figures = plots.map((plot) => `<div class="plot">${plot}</div>`).join('\n');
  const numbers = table === undefined ? '' : `<div class="wide">${tableHtml(table)}</div>`;
  return `<section>
<h2>${escapeHtml(title)}</h2>
${note === undefined ? '' : `<p class="soft">${escapeHtml(note)}</p>`}
${plots.length > 0 ? `<div class="wide"><div class="plots">${figures}</div></div>` : ''}
${plots.length > 0 && numbers !== '' ? `<details><summary class="soft">in numbers</summary>${numbers}</details>` : numbers}
</section>`;
}

function tableHtml(table: ReportTable): string {
  const cells = (tag: 'th' | 'td', row: readonly string[]) =>
    row
      .map(
        (cell, column) =>
          `<${tag}${isText(table, column) ? '' : ' class="number"'}>${escapeHtml(cell)}</${tag}>`,
      )
      .join('');
  return `<table>
<thead><tr>${cells('th', table.head)}</tr></thead>
<tbody>
${table.rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}
</tbody>
</table>`;
}
