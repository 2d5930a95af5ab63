"""The style of the page, inlined so that the file needs nothing beside it: light and dark, narrow, wide and printed."""

STYLE = """\
:root{color-scheme:light dark;
--paper:light-dark(#ffffff,#15191e);--raised:light-dark(#f4f6f8,#1e242b);--ink:light-dark(#1a1f24,#e8ecf0);
--quiet:light-dark(#56616d,#a3afbb);--line:light-dark(#d5dbe1,#3a444f);--first:light-dark(#1b4f8a,#8ab8f0);
--second:light-dark(#b4451f,#f0a07f);--third:light-dark(#0f6b50,#6fd0ae);--good:light-dark(#0f6b50,#6fd0ae);
--bad:light-dark(#a32020,#ff9d94);--open:light-dark(#7a5200,#eac06a)}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
overflow-wrap:anywhere}
.page{max-inline-size:72rem;margin-inline:auto;padding:1rem}
h1{font-size:1.6rem;line-height:1.25;margin-block:.5rem}
h2{font-size:1.25rem;margin-block:2.5rem .75rem;padding-block-start:.75rem;border-block-start:1px solid var(--line)}
h3{font-size:1rem;margin-block:0 .5rem}
p,li{max-inline-size:44rem}
a{color:var(--first)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--first);outline-offset:2px}
.skip{position:absolute;inset-block-start:-4rem}
.skip:focus{position:static}
.about{color:var(--quiet)}
.verdict{border:2px solid var(--line);border-radius:.5rem;padding:1rem;background:var(--raised)}
.verdict h2{margin-block:0 .25rem;padding:0;border:0;font-size:1.3rem}
.verdict table{margin-block-start:.75rem}
.contents{columns:15rem;padding-inline-start:1.2rem}
.contents li{padding-block:.2rem;break-inside:avoid}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(22rem,100%),1fr));gap:1rem;align-items:start}
figure{margin:0;padding:.75rem;border:1px solid var(--line);border-radius:.5rem;min-inline-size:0;break-inside:avoid}
.charts:has(>figure:only-child){grid-template-columns:1fr}
@media (min-width:56rem){figure:only-child{display:grid;grid-template-columns:24rem 1fr;
grid-template-rows:auto auto 1fr;column-gap:2rem;align-items:start}
figure:only-child>h3{grid-column:1/-1}
figure:only-child>svg{grid-row:2/span 2}figure:only-child>figcaption{margin-block-start:0}}
figure svg{display:block;inline-size:100%;max-inline-size:24rem;block-size:auto}
figure svg text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,sans-serif!important}
figcaption{margin-block:.5rem;font-size:.9375rem}
summary{cursor:pointer;padding-block:.25rem;color:var(--first)}
.scroll{overflow-x:auto;max-inline-size:100%}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;overflow-wrap:normal}
caption{text-align:start;font-weight:600;padding-block:.5rem}
th,td{padding:.3rem .6rem;border-block-end:1px solid var(--line);text-align:start;vertical-align:top}
td{min-inline-size:4rem;max-inline-size:26rem}
thead th{white-space:nowrap;border-block-end-width:2px}
tbody th{font-weight:500;min-inline-size:9rem;overflow-wrap:anywhere}
.yes,.no,.unclear{font-weight:650;white-space:nowrap}
.yes{color:var(--good)}.no{color:var(--bad)}.unclear{color:var(--open)}
pre{background:var(--raised);border:1px solid var(--line);border-radius:.5rem;padding:.75rem;overflow-x:auto;
font-size:.8125rem;white-space:pre-wrap}
@media (max-width:40rem){figure{border:0;padding:0;border-block-start:1px solid var(--line);padding-block-start:.75rem}
.verdict table,.verdict tbody,.verdict tr,.verdict th,.verdict td{display:block;border:0;
padding-inline:0;max-inline-size:none}.verdict thead{position:absolute;clip-path:inset(50%)}.verdict caption{display:block}
.verdict tr{border-block-end:1px solid var(--line);padding-block:.5rem}.verdict th,.verdict td{padding-block:.1rem}}
@media print{:root{color-scheme:light}.contents,.skip{display:none}.page{padding:0}.scroll{overflow:visible}
details::details-content{content-visibility:visible;block-size:auto;display:block}h2{break-after:avoid}}
"""
