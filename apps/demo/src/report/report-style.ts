/** The report's style sheet: system fonts, light and dark, nothing from outside. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --page: #fbfbfa; --card: #ffffff; --ink: #1c1e21; --soft: #62676f; --line: #e3e4e6;
  --produced: #9aa3ad; --handled: #2f7fd6; --retried: #e08a1e; --deadLettered: #cc3d4a;
  --produced-text: #5d6670; --handled-text: #1f66b3; --retried-text: #9a5a06; --deadLettered-text: #b02a37;
  --outage: rgba(120, 90, 160, 0.13); --outage-bar: #a58cc4; --good: #1c7c47;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --card: #1d2024; --ink: #e8e9eb; --soft: #9aa0a8; --line: #31353b;
    --produced: #6f7884; --handled: #5aa2ec; --retried: #eba64a; --deadLettered: #ee6b76;
    --produced-text: #a4acb6; --handled-text: #7ab5f2; --retried-text: #f0b562; --deadLettered-text: #f4858f;
    --outage: rgba(170, 140, 220, 0.17); --outage-bar: #7d68a3; --good: #5cc78a;
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
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 0.75rem; margin: 1.5rem 0; }
@media (max-width: 40rem) { .tiles { grid-template-columns: repeat(2, 1fr); } }
.tile, section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tile { padding: 0.9rem 1.1rem; }
.tile b { display: block; font-size: 1.9rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile.handled b { color: var(--handled-text); }
.tile.dead b { color: var(--deadLettered-text); }
.tile.good b { color: var(--good); }
.tile.bad b { color: var(--deadLettered-text); }
section { padding: 1.1rem 1.25rem 1.25rem; margin-top: 0.9rem; }
.columns { columns: 2 26rem; column-gap: 0.9rem; }
.columns section { display: inline-block; width: 100%; }
.wide { overflow-x: auto; }
.plot { margin-top: 0.75rem; min-width: 40rem; }
.plot svg { display: block; width: 100%; height: auto; }
table { width: 100%; margin-top: 0.6rem; border-collapse: collapse; font-size: 0.925rem; }
th { text-align: left; font-weight: 500; color: var(--soft); white-space: normal; }
th, td { padding: 0.3rem 0.9rem 0.3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.indented { padding-left: 1.25rem; color: var(--soft); }
.long { overflow-wrap: anywhere; color: var(--soft); font-size: 0.85rem; }
.fault { border-color: var(--deadLettered); }
footer { margin-top: 1.5rem; font-size: 0.85rem; }
`;
