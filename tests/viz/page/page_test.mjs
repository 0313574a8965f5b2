// Drives a replay page in Chromium as a person would: node page_test.mjs PAGE.html TRACE.json
//
// The page is of a small start with the notes of lesson.md. Exit codes: 0 everything held,
// 1 something did not, 77 the npm packages or Chromium are missing.
import {readFileSync} from 'node:fs';
import {axe, pageUrl} from './browser.mjs';
import {browser, claimsAbout, end, equal, press} from './claims.mjs';

const url = pageUrl(process.argv[2]);
const claim = claimsAbout(url);
const status = page => page.locator('#where').textContent();
const step = async page => Number((await status(page)).split(' ')[0]);
const goTo = (page, name) => page.locator('#chapters button', {hasText: name}).click();

await claim('arrows go a step on and back', async page => {
  await press(page, 'ArrowRight', 'ArrowRight', 'ArrowLeft');
  equal(await step(page), 2);
});
await claim('Home and End reach the first and the last step', async page => {
  await press(page, 'End');
  const [at, , of] = (await status(page)).split(' ');
  equal(at, of);
  await press(page, 'Home');
  equal(await step(page), 1);
});
await claim('down goes into a step, up back out to its cause', async page => {
  await page.locator('#find').fill('name:select_machine');
  await press(page, 'Enter');
  const outer = await step(page);
  await press(page, 'ArrowDown');
  equal(await step(page), outer + 1);
  await press(page, 'ArrowUp');
  equal(await step(page), outer);
});
await claim('n goes over what a step encloses, p comes back', async page => {
  await page.locator('#find').fill('name:select_machine');
  await press(page, 'Enter');
  const before = await step(page);
  await press(page, 'n');
  if (await step(page) < before + 5) throw new Error('it went into the step');
  await press(page, 'p');
  equal(await step(page), before);
});
await claim('shift and down goes backwards into the step before', async page => {
  await goTo(page, 'machine.selected');
  const before = await step(page);
  await press(page, 'Shift+ArrowDown');
  equal(await step(page), before - 1);
});
await claim('a chapter is reached by its button and by brackets', async page => {
  await goTo(page, 'machine.created');
  const created = await step(page);
  await press(page, '[', ']');
  equal(await step(page), created);
});
await claim('the address names the step, and the step follows the address', async page => {
  await goTo(page, 'machine.selected');
  const at = await step(page), hash = await page.evaluate(() => location.hash);
  const again = await browser.newPage();
  await again.goto(url + hash);
  equal(Number((await again.locator('#where').textContent()).split(' ')[0]), at);
  await again.close();
});
await claim('filters are joined: all of them must fit', async page => {
  await page.locator('#find').fill('name:type_initialize cat:qom');
  await press(page, 'Enter');
  const both = parseInt(await page.locator('#hits').textContent());
  await page.locator('#find').fill('name:type_initialize cat:kvm');
  await press(page, 'Enter');
  equal(parseInt(await page.locator('#hits').textContent()), 0);
  if (both < 50) throw new Error(`only ${both} classes were made`);
});
await claim('a field is found by its value', async page => {
  await page.locator('#find').fill('name:phase name=options');
  await press(page, 'Enter');
  equal(await page.locator('#hits').textContent(), '1 matches');
});
await claim('b and B go from match to match', async page => {
  await page.locator('#find').fill('name:phase');
  await press(page, 'Enter');
  const first = await step(page);
  await press(page, 'b', 'B');
  equal(await step(page), first);
});
await claim('types change their state with the step, not their place', async page => {
  await goTo(page, 'modules.done');
  const box = page.locator('#types .type', {hasText: /^device$/});
  equal(await box.getAttribute('class'), 'type', 'on paper');
  const places = () => page.locator('#types').evaluate(list => list.innerText.replace(/[×○]\d+/g, ''));
  const before = await places();
  await goTo(page, 'machine.selected');
  equal(await box.getAttribute('class'), 'type klass', 'with a class');
  equal((await places()).replace(/\s/g, ''), before.replace(/\s/g, ''), 'the order');
});
await claim('the machine is in the object tree from its creation on', async page => {
  const machine = page.locator('#objects span', {hasText: /^machine$/});
  await goTo(page, 'options.done');
  equal(await machine.isVisible(), false);
  await goTo(page, 'machine.ready');
  equal(await machine.isVisible(), true);
});
await claim('the stack leads from the outermost step to this one', async page => {
  await page.locator('#find').fill('name:object_class_foreach');
  await press(page, 'Enter');
  const stack = await page.locator('#stack li').allTextContents();
  equal(stack.length >= 3, true, 'three levels');
  equal(/^phase machine-class/.test(stack[0]), true, stack[0]);
});
await claim('a note stands at its step, its answer is hidden until revealed', async page => {
  await goTo(page, 'machine.selected');
  equal(await page.locator('#note strong').textContent(), 'Who was chosen?');
  const answer = page.locator('#note details p');
  equal(await answer.isVisible(), false, 'before');
  await press(page, 'r');
  equal(await answer.isVisible(), true, 'after');
});
await claim('presenter mode has larger letters and keeps its place in the address', async page => {
  const size = () => page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
  const before = await size();
  await press(page, 'P');
  equal(await size() > before + 4, true, 'larger');
  equal(await page.evaluate(() => location.hash.includes('presenter=1')), true);
});
await claim('L changes the language and back', async page => {
  const before = await page.locator('#next').textContent();
  await press(page, 'L');
  if (await page.locator('#next').textContent() === before) throw new Error('nothing changed');
  await press(page, 'L');
  equal(await page.locator('#next').textContent(), before);
});
await claim('? lists the keys', async page => {
  await press(page, '?');
  equal(await page.locator('#keys').isVisible(), true);
  await press(page, 'Escape');
  equal(await page.locator('#keys').isVisible(), false);
});
await claim('each step is what the trace recorded, to the byte', async page => {
  const lines = readFileSync(process.argv[3], 'utf8').split('\n').filter(line => /"ph":"[XBi]"/.test(line));
  const raw = await page.evaluate(() => Array.from({length: steps.count}, (_, i) => steps.raw(i)));
  equal(raw.length, lines.length, 'how many');
  for (let i = 0; i < raw.length; i++) equal(raw[i], lines[i].replace(/,$/, ''), `step ${i}`);
});
await claim('the bar goes to any step', async page => {
  await page.locator('#scrub').fill('700');
  equal(await step(page), 701);
});
await claim('the list scrolls without the step, and a row is gone to by a click', async page => {
  await page.locator('#steps').evaluate(list => { list.scrollTop = 500 * 22; });
  await page.waitForFunction(() => document.querySelector('#step505:not([hidden])'));
  equal(await step(page), 1);
  await page.locator('#step505').click();
  equal(await step(page), 506);
});
await claim('only the steps in view are in the page', async page => {
  const count = await page.locator('.step').count();
  if (count === 0 || count > 120) throw new Error(`${count} rows`);
});
await claim('a page made of hostile text runs none of it', async page => {
  equal(await page.evaluate(() => window.hacked === undefined), true);
});
await claim('printed, the step stands without its controls', async page => {
  await page.emulateMedia({media: 'print'});
  equal(await page.locator('nav').first().isVisible(), false);
  equal(await page.locator('#event').isVisible(), true);
});
for (const colorScheme of ['light', 'dark'])
  await claim(`axe finds no fault, ${colorScheme}`, async page => {
    await goTo(page, 'machine.selected');
    await page.evaluate(axe);
    const result = await page.evaluate(() => window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice']}));
    const found = result.violations.map(v => `${v.id} (${v.nodes.length}: ${v.nodes[0].target})`);
    if (found.length) throw new Error(found.join('; '));
  }, {page: {colorScheme, bypassCSP: true}});

await end();
