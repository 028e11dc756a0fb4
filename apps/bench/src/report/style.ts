/** The report's style sheet: system fonts, light and dark, nothing from outside. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --page: #fbfbfa; --card: #ffffff; --ink: #1c1e21; --soft: #62676f; --line: #e3e4e6;
  --velo: #2f7fd6; --before: #b9a27c; --obvious: #9aa3ad; --tried: #8fb08c; --peer: #c18bb0; --rust: #d9783a;
  --good: #1c7c47; --bad: #b02a37;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --card: #1d2024; --ink: #e8e9eb; --soft: #9aa0a8; --line: #31353b;
    --velo: #5aa2ec; --before: #a08a63; --obvious: #6f7884; --tried: #6f946c; --peer: #a5708f; --rust: #e08a4f;
    --good: #5cc78a; --bad: #f4858f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 2.5rem 1.25rem 4rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main { max-width: 64rem; margin: 0 auto; }
h1 { margin: 0; font-size: 1.6rem; letter-spacing: -0.01em; }
h2 { margin: 0; font-size: 1.05rem; }
p { margin: 0.35rem 0 0; }
.soft { color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem; margin-top: 0.9rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.4rem 1.2rem; margin-top: 0.8rem; font-size: 0.9rem; }
.legend i { display: inline-block; width: 0.8rem; height: 0.8rem; border-radius: 3px; margin-right: 0.4rem; }
.wide { overflow-x: auto; }
.plot { margin-top: 0.75rem; min-width: 40rem; }
.plot svg { display: block; width: 100%; height: auto; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 0.5rem; }
.plots .plot:not(:only-child) { min-width: 0; }
details { margin-top: 0.6rem; }
table { width: 100%; margin-top: 0.6rem; border-collapse: collapse; font-size: 0.925rem; }
th { text-align: left; font-weight: 500; color: var(--soft); }
th, td { padding: 0.25rem 0.9rem 0.25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
footer { margin-top: 1.5rem; font-size: 0.85rem; }
`;
