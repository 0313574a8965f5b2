// Drives a page made of a trace that means harm (hostile.mjs): node hostile_test.mjs PAGE
// Nothing of it may run, become an element, be asked for, hang the page or make it throw.
import {launch, pageUrl} from './browser.mjs';

const browser = await launch();
const page = await browser.newPage({viewport: {width: 1300, height: 850}});
const faults = [];
page.on('pageerror', error => faults.push('thrown: ' + error.message));
page.on('console', message => { if (message.type() === 'error') faults.push('console: ' + message.text()); });
page.on('dialog', dialog => { faults.push('dialog: ' + dialog.message()); dialog.dismiss(); });
page.on('request', request => { if (!request.url().startsWith('file:')) faults.push('asks for ' + request.url()); });
page.on('popup', () => faults.push('opens a window'));
const patience = 60000;  // of a loaded machine; a page that hangs never comes back
page.setDefaultTimeout(patience);

const begin = performance.now();
await page.goto(pageUrl(process.argv[2]), {timeout: patience});
console.log(`loaded in ${(performance.now() - begin).toFixed(0)} ms`);
const count = await page.evaluate(() => steps.count);

async function nothingEscaped(when) {
  const found = await page.evaluate(() => ({
    hacked: window.hacked,
    scripts: document.querySelectorAll('script').length,
    foreign: [...document.querySelectorAll('img, iframe, svg, object, embed, link, base, form:not([method=dialog])')].length,
    handlers: [...document.querySelectorAll('*')].filter(n => [...n.attributes].some(a => a.name.startsWith('on'))).length,
    title: document.title, polluted: Object.keys(Object.prototype).length || ({}).hacked !== undefined,
    rows: document.querySelectorAll('.step').length,
  }));
  if (found.hacked !== undefined) faults.push(`${when}: script of the trace ran`);
  if (found.scripts !== 5) faults.push(`${when}: ${found.scripts} scripts`);
  if (found.foreign) faults.push(`${when}: ${found.foreign} foreign elements`);
  if (found.handlers) faults.push(`${when}: ${found.handlers} elements with handlers`);
  if (found.polluted) faults.push(`${when}: a name of the trace reached Object.prototype`);
  if (found.rows > 150) faults.push(`${when}: ${found.rows} rows`);
}

await nothingEscaped('loaded');
// Each hostile text is the current step once, in every pane, and then a look here and there.
for (let i = 0; i < count; i += i < 420 ? 1 : 997) await page.evaluate(i => go(i, true), i);
await nothingEscaped('stepped through');
for (const key of ['Home', 'n', 'p', 'ArrowDown', 'ArrowUp', 'Shift+ArrowDown', 'Shift+ArrowUp', ']', '[', 'End', 'r', 'L', 'P', 'b', 'L', 'P'])
  await page.keyboard.press(key);
for (const word of ['script', '__proto__', 'name:<b>', 'text=', '#18446744073709551615', 'constructor', '\u202e', '((', '18446744073709551615', 'dev:serial']) {
  await page.locator('#find').fill(word);
  await page.keyboard.press('Enter');
}
await nothingEscaped('searched');
for (const hash of ['#step=999999999999999999999', '#step=-1', '#filter=%3Cscript%3E', '#step=1&filter=%zz', '#presenter=1&step=' + 'x'.repeat(5000)])
  await page.evaluate(hash => { location.hash = hash; }, hash);
await page.emulateMedia({media: 'print'});
await nothingEscaped('printed');

// What is shown of a step is what the trace says, whatever that is.
const shown = await page.evaluate(() => { go(0, true); return JSON.parse(document.getElementById('raw').textContent).args.text; });
if (shown !== '</script><script>window.hacked=1</script>') faults.push('the first text is shown as ' + shown);
const numbers = await page.evaluate(() => {
  const all = [];
  for (let i = 0; i < 600; i++) if (steps.kindOf(i).name === 'numbers') all.push(steps.raw(i));
  return all;
});
if (!numbers.some(raw => raw.includes('"n":18446744073709551615,"x":"0xffffffffffffffff","i":-9223372036854775808'))) faults.push('large numbers changed');
const slow = await page.evaluate(() => { const begin = performance.now(); for (let i = 0; i < 200; i++) go((i * 7919) % steps.count, true); return (performance.now() - begin) / 200; });
if (slow > 200) faults.push(`a seek takes ${slow} ms`);

await browser.close();
for (const fault of faults) console.error('FAULT', fault);
console.log(`${count} hostile steps, ${slow.toFixed(2)} ms a seek, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
