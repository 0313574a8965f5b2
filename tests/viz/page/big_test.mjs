// A page of hundreds of thousands of steps, and one that was cut: node big_test.mjs PAGE CUT TOTAL
//
// PAGE holds all TOTAL steps of a trace, CUT its first 1000. What it costs is measured by
// tests/bench/page_scale.py; here it must only work.
import {launch, pageUrl} from './browser.mjs';

const browser = await launch();
const total = Number(process.argv[4]), faults = [];
let claims = 0;
async function claim(what, file, body) {
  const page = await browser.newPage({viewport: {width: 1300, height: 850}});
  page.on('pageerror', error => faults.push(`${what}: ${error.message}`));
  await page.goto(pageUrl(file));
  try { await body(page); ++claims; } catch (error) { faults.push(`${what}: ${error.message.split('\n')[0]}`); }
  await page.close();
}
const equal = (got, want, what = '') => { if (got !== want) throw new Error(`${what} is ${got}, not ${want}`); };
const at = async page => (await page.locator('#where').textContent()).split(' ');

await claim('all steps are in the page, and the last is reached', process.argv[2], async page => {
  await page.keyboard.press('End');
  const [now, , of] = await at(page);
  equal(Number(of), total, 'steps');
  equal(now, of, 'the last');
  if (await page.locator('.step').count() > 150) throw new Error('too many rows');
  equal(await page.locator('#banner').isVisible(), false, 'the banner');
});
await claim('a link to a step far inside leads there', process.argv[2], async page => {
  await page.evaluate(seq => { location.hash = 'step=' + seq; }, Math.floor(total / 2));
  await page.waitForFunction(seq => document.getElementById('raw').textContent.includes(`"seq":${seq},`), Math.floor(total / 2));
  equal(await page.locator('.step[aria-selected=true]:not([hidden])').count(), 1, 'chosen rows');
});
await claim('the state is the same whichever way a step is reached', process.argv[2], async page => {
  const panes = () => page.evaluate(() => ['types', 'objects', 'engine', 'console', 'stack', 'event'].map(id => {
    const said = [];  // what can be seen: an attribute of no effect makes no difference
    const look = node => {
      if (node.hidden) return;
      if (node.nodeType === Node.TEXT_NODE) { said.push(node.data); return; }
      said.push(node.tagName, node.className, node.style.opacity || 1);
      node.childNodes.forEach(look);
    };
    look(document.getElementById(id));
    return said.join('|');
  }).join('\n'));
  for (const part of [.3, .7, .99]) {
    const step = Math.floor(total * part);
    await page.evaluate(i => { go(0, true); go(i, true); }, step);
    const fromStart = await panes();
    await page.evaluate(i => { go(steps.count - 1, true); go(i - 50, true); go(i, true); }, step);
    equal(await panes() === fromStart, true, `the same at ${step}`);
  }
});
await claim('scrolled to the middle the list shows the middle', process.argv[2], async page => {
  await page.locator('#steps').evaluate(list => { list.scrollTop = list.scrollHeight / 2; });
  await page.waitForFunction(() => {
    const first = [...document.querySelectorAll('.step:not([hidden])')].map(n => Number(n.id.slice(4)));
    return Math.min(...first) > steps.count * .45 && Math.max(...first) < steps.count * .55;
  });
});
await claim('a search counts in all of them', process.argv[2], async page => {
  await page.locator('#find').fill('name:vcpu_run');
  await page.keyboard.press('Enter');
  const found = parseInt(await page.locator('#hits').textContent());
  const counted = await page.evaluate(() => { let n = 0; for (let i = 0; i < steps.count; i++) n += steps.kindOf(i).name === 'vcpu_run'; return n; });
  equal(found, counted, 'matches');
  if (found < 1000) throw new Error(`only ${found} runs of the vCPU`);
});
await claim('a page that was cut says so, and what to do', process.argv[3], async page => {
  const banner = page.locator('#banner');
  equal(await banner.isVisible(), true, 'the banner');
  const text = await banner.textContent();
  for (const wanted of ['1000', String(total), '--only', '--steps', '--max-events'])
    if (!text.includes(wanted)) throw new Error(`no ${wanted} in: ${text}`);
  await page.keyboard.press('L');
  if (!(await banner.textContent()).includes('--only')) throw new Error('not in the other language');
});

await browser.close();
for (const fault of faults) console.error('FAULT', fault);
console.log(`${total} steps: ${claims} claims held, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
