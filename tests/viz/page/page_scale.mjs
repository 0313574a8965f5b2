// Measures a replay page in Chromium: node page_scale.mjs PAGE.html
//
// load: from asking for the file to the first step on the screen, least of five. seek: a
// jump to a random step until all panes hold it, and the same with the browser's layout.
import {launch, pageUrl} from './browser.mjs';

const browser = await launch();
const url = pageUrl(process.argv[2]);
const loads = [];
let report;
for (let round = 0; round < 5; round++) {
  const page = await browser.newPage({viewport: {width: 1300, height: 850}});
  const begin = performance.now();
  await page.goto(url);
  const wall = performance.now() - begin;
  loads.push([wall, Number(await page.evaluate(() => document.documentElement.dataset.ready))]);
  report = await page.evaluate(() => {
    // A generator with a seed: each round seeks the same steps.
    let seed = 12345;
    const random = n => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
    const measure = (times, body) => {
      const took = [];
      for (let i = 0; i < times; i++) { const begin = performance.now(); body(); took.push(performance.now() - begin); }
      took.sort((a, b) => a - b);
      return {median: took[times >> 1], p99: took[Math.floor(times * .99)], max: took[times - 1]};
    };
    const count = steps.count;
    const begin = performance.now();
    search('serial');
    const found = performance.now() - begin;
    search('');
    return {count, seek: measure(2000, () => go(random(count), true)),
            next: measure(2000, () => go((now + 1) % count, true)),
            laid: measure(300, () => { go(random(count), true); document.body.offsetHeight; }),
            search: found, heap: performance.memory?.usedJSHeapSize};
  });
  await page.close();
}
await browser.close();
const least = k => Math.min(...loads.map(l => l[k])).toFixed(0);
const ms = m => `${m.median.toFixed(2)} ms (99 %: ${m.p99.toFixed(2)}, most ${m.max.toFixed(1)})`;
console.log(`${report.count} steps: load ${least(0)} ms, of them until ready ${least(1)} ms; ` +
    `seek ${ms(report.seek)}; with layout ${ms(report.laid)}; next step ${ms(report.next)}; ` +
    `search ${report.search.toFixed(0)} ms; heap ${(report.heap / 1e6).toFixed(0)} MB`);
