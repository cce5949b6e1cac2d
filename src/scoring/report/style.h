#pragma once
// How the report looks. Private to src/scoring.

#include <string_view>

namespace thalweg::scoring {

/// Two hues that everybody can tell apart: blue for accepting, orange for rejecting and for what is wrong.
inline constexpr std::string_view kReportStyle = R"css(
:root { --paper: #fdfdfc; --ink: #1d2024; --soft: #5a626c; --rule: #dde0e3; --faint: #eef0f2; --accept: #235f96;
  --accept-soft: #b9d0e4; --reject: #b4481a; --reject-soft: #efcdb9; --wash-right: #e9f0f6; --wash-wrong: #fbece3; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181b; --ink: #e7e8ea; --soft: #a3abb5; --rule: #363b42;
  --faint: #24282d; --accept: #7fb2dd; --accept-soft: #31506b; --reject: #f0996d; --reject-soft: #63402d; --wash-right: #1d2a35;
  --wash-wrong: #38261d; } }
@media print { :root { --paper: #fff; --ink: #000; --soft: #444; --rule: #bbb; --faint: #e6e6e6; --accept: #235f96;
  --accept-soft: #b9d0e4; --reject: #b4481a; --reject-soft: #efcdb9; --wash-right: #e9f0f6; --wash-wrong: #fbece3; } }
* { box-sizing: border-box; }
html { color-scheme: light dark; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
main { max-width: 56rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
h1 { font-size: 1.55rem; line-height: 1.25; font-weight: 600; letter-spacing: -.01em; margin: 0 0 .35rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; font-weight: 600; margin: 0 0 .3rem; }
h3 { font-size: .87rem; font-weight: 600; margin: 1.3rem 0 .3rem; }
section { border-top: 1px solid var(--rule); margin-top: 2.6rem; padding-top: 1.1rem; }
p { margin: .35rem 0; max-width: 44rem; }
.soft, .note, figcaption, caption { color: var(--soft); }
.note, figcaption, caption, details { font-size: .87rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.6rem, 1fr)); gap: 1.4rem 1.6rem; margin: 2rem 0 0; padding: 0; }
.figures div { margin: 0; }
.figures dt { font-size: .8rem; color: var(--soft); }
.figures dd { margin: 0; }
.figures .big { font-size: 1.75rem; line-height: 1.25; font-weight: 500; letter-spacing: -.02em; }
.figures .small { font-size: .8rem; line-height: 1.4; color: var(--soft); }
.warnings { border-left: 3px solid var(--reject); margin: 1.8rem 0 0; padding: .1rem 0 .1rem 1rem; list-style: none; }
.warnings li { margin: .25rem 0; }
figure { margin: 1.2rem 0 0; break-inside: avoid; }
figcaption { margin-top: .35rem; max-width: 44rem; }
svg { display: block; max-width: 100%; height: auto; overflow: visible; }
svg text { font-size: 11.5px; fill: var(--ink); }
svg .tick { fill: var(--soft); font-size: 11px; }
svg .label { font-size: 12px; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
svg .accept-text { fill: var(--accept); } svg .reject-text { fill: var(--reject); }
.accept { fill: var(--accept); } .accept-soft { fill: var(--accept-soft); }
.reject { fill: var(--reject); } .reject-soft { fill: var(--reject-soft); }
.grid { stroke: var(--faint); } .axis { stroke: var(--ink); } .track { stroke: var(--rule); stroke-width: 2; }
.frame { fill: none; stroke: var(--rule); } .diagonal { stroke: var(--rule); stroke-dasharray: 3 3; }
.threshold { stroke: var(--reject); stroke-dasharray: 4 3; } .mark { stroke: var(--reject); stroke-width: 2; }
.interval { stroke: var(--accept); stroke-width: 3; opacity: .5; } .whisker { stroke: var(--accept); opacity: .45; }
.chosen { stroke: var(--accept); } .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.accept-line { stroke: var(--accept); } .ink-line { stroke: var(--ink); }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: .7rem 0 .1rem; padding: 0; list-style: none; font-size: .87rem; }
.key i { display: inline-block; width: .8em; height: .8em; margin-right: .45em; vertical-align: -.06em; }
.key .accept { background: var(--accept); } .key .accept-soft { background: var(--accept-soft); }
.key .reject { background: var(--reject); } .key .reject-soft { background: var(--reject-soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .7rem 0 0; font-size: .9rem; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { text-align: right; padding: .28rem 0 .28rem 1.1rem; border-bottom: 1px solid var(--faint); vertical-align: baseline; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
thead th { font-weight: 500; font-size: .8rem; color: var(--soft); border-bottom: 1px solid var(--rule); white-space: nowrap; }
tbody th { font-weight: 400; }
tfoot th, tfoot td { border-top: 1px solid var(--rule); border-bottom: 0; font-weight: 600; }
tr { break-inside: avoid; }
td.plot { width: 190px; } td.plot svg { margin: .25rem 0 0 auto; }
td.text, th.text { text-align: left; overflow-wrap: anywhere; } .wide td, .wide th { overflow-wrap: normal; }
.dense th, .dense td { padding-left: .8rem; font-size: .85rem; } .dense th:first-child { padding-left: 0; }
.confusion { width: auto; min-width: 24rem; } .confusion td { min-width: 7.5rem; padding: .6rem .9rem; border: 2px solid var(--paper); }
.confusion .right { background: var(--wash-right); } .confusion .wrong { background: var(--wash-wrong); }
.confusion b { font-size: 1.2rem; font-weight: 500; } .confusion thead th { border: 0; }
.confusion th, .confusion tbody th { border-bottom: 0; padding-right: 1rem; } .confusion td span { display: block; font-size: .8rem; color: var(--soft); }
.multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.6rem, 1fr)); gap: 1.3rem 1.2rem; margin-top: 1rem; }
.multiples figure { margin: 0; } .multiples figcaption { font-size: .78rem; } .multiples h3 { margin: 0 0 .2rem; overflow-wrap: anywhere; }
.mistakes { list-style: none; margin: .8rem 0 0; padding: 0; }
.mistakes li { border-bottom: 1px solid var(--faint); padding: .65rem 0; break-inside: avoid; }
.mistakes .said { margin: 0; overflow-wrap: anywhere; white-space: pre-line; }
.mistakes .why { margin: .15rem 0 0; font-size: .85rem; color: var(--soft); overflow-wrap: anywhere; max-width: none; }
.mistakes .kind { color: var(--reject); } .cut { color: var(--soft); }
details { margin-top: .6rem; } summary { cursor: pointer; color: var(--soft); }
code { font: .84rem/1.4 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; color: var(--soft); overflow-wrap: anywhere; }
@media (max-width: 34rem) { main { padding: 1.5rem 1rem 2.5rem; } .confusion { min-width: 0; } .confusion td { min-width: 0; padding: .5rem; } }
@media print { main { padding: 0; max-width: none; } details:not([open]) { display: none; } section { margin-top: 1.6rem; }
  body { font-size: 10.5pt; } @page { margin: 16mm; } }
)css";

}  // namespace thalweg::scoring
