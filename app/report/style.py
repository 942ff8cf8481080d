"""How the page of a report looks: light or dark, wide or narrow, on screen or on paper."""

STYLE = """
:root{color-scheme:light dark;--ink:#1b2733;--muted:#55636f;--line:#d5dce2;--ground:#fff;--soft:#f4f6f8;--link:#005a92}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--muted:#a9b6c2;--line:#3a4753;--ground:#12191f;--soft:#1b242c;
--link:#7cc4f0}}
*{box-sizing:border-box}html{scroll-padding-top:1rem}
body{margin:0;font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--ground)}
main{max-width:86rem;margin:auto;padding:1.5rem 1rem 4rem}a{color:var(--link)}
h1{font-size:1.7rem;line-height:1.25;margin:.2rem 0 .6rem;text-wrap:balance}
h2{font-size:1.35rem;line-height:1.3;margin:0 0 .4rem}h3{font-size:.95rem;line-height:1.35;margin:0}
article>section{margin-top:3rem}p,li{max-width:46rem}p{margin:.5rem 0}
.quiet,.grid p{color:var(--muted);font-size:.88rem;line-height:1.45}
nav{font-size:.9rem;line-height:1.4}nav h2{font-size:1rem}nav ol{list-style:none;margin:0;padding:0}
nav li{margin:.35rem 0}nav li li{display:inline-block;margin:0}
nav li li a{display:inline-block;min-width:1.5rem;padding:.15rem .25rem;text-align:center;text-decoration:none}
nav li li a:hover{background:var(--soft)}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:1.6rem 1.4rem;margin-top:1rem}
.grid>section{display:flex;flex-direction:column}.grid p{margin:.2rem 0 .5rem}
.picture{display:block;width:100%;max-width:44rem;height:auto;margin-top:auto;background:#fff;padding:.3rem;
border:1px solid var(--line);border-radius:6px}
.wide{overflow-x:auto;margin:.8rem 0}table{border-collapse:collapse;min-width:57rem;font-size:.86rem;line-height:1.4}
th,td{text-align:left;vertical-align:top;padding:.3rem .7rem;border-bottom:1px solid var(--line)}
th{color:var(--muted);font-weight:600;border-bottom-width:2px}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
pre{white-space:pre-wrap;overflow-wrap:anywhere;
padding:.8rem 1rem;background:var(--soft);border-radius:6px;font-size:.84rem;line-height:1.5}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.3rem 1.2rem}dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
@media(max-width:63.99rem){nav{max-height:45vh;overflow:auto;padding:.8rem 1rem;border:1px solid var(--line);
border-radius:6px;margin:1.5rem 0 0}dl{grid-template-columns:minmax(0,1fr)}dd{margin-bottom:.5rem}}
@media(min-width:64rem){main{display:grid;grid-template-columns:15rem minmax(0,1fr);grid-template-rows:auto 1fr;
gap:0 2.5rem}
nav{grid-area:1/1/span 2/1;position:sticky;
top:0;align-self:start;max-height:100vh;overflow:auto;padding:.5rem .5rem 1rem 0}
header,article{grid-column:2}}
@media print{:root{color-scheme:light;--ink:#1b2733;--muted:#55636f;--line:#d5dce2;--ground:#fff;--soft:#f4f6f8;
--link:#005a92}body{font-size:10pt}main{display:block;padding:0}nav{position:static;max-height:none;overflow:visible;border:0;columns:2}
.grid{grid-template-columns:1fr 1fr}.grid>section,tr,pre{break-inside:avoid}h1,h2,h3{break-after:avoid}
.wide{overflow:visible}table{font-size:7.5pt;min-width:0}th,td{padding:.15rem .35rem}}
"""
