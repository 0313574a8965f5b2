// Drives the page of two boots in Chromium as a person would: node diff_test.mjs PAGE.html
//
// The boots are pc under KVM and under the software CPU. Exit codes: 0 everything held, 1
// something did not, 77 the npm packages or Chromium are missing.
import {axe, pageUrl} from './browser.mjs';
import {browser, claimsAbout, end, equal, press} from './claims.mjs';

const url = pageUrl(process.argv[2]);
const claim = claimsAbout(url);
const where = page => page.locator('#where').textContent();
const place = async page => Number((await where(page)).split(' ')[0]);
const total = async page => Number(/of (\d+)/.exec(await where(page))[1]);
const selected = page => page.locator('[role=option][aria-selected=true]');

await claim('it opens at the first divergence', async page => {
  equal(/same/.test(await where(page)), false, 'the step being the same');
  equal(await selected(page).count(), 1, 'rows selected');
});
await claim('n and p go from difference to difference', async page => {
  const first = await place(page);
  await press(page, 'n');
  const second = await place(page);
  if (second <= first) throw new Error(`${second} is not behind ${first}`);
  await press(page, 'p');
  equal(await place(page), first);
});
await claim('arrows, Home and End move along both boots', async page => {
  await press(page, 'Home');
  equal(await place(page), 1);
  await press(page, 'ArrowDown', 'ArrowDown', 'ArrowUp');
  equal(await place(page), 2);
  await press(page, 'End');
  equal(await place(page), await total(page));
});
await claim('a step and its partner stand in one row', async page => {
  await page.locator('#find').fill('qemu_add_opts drive');
  const row = selected(page);
  equal(await row.locator('.a').textContent(), await row.locator('.b').textContent());
});
await claim('what only one side has stands against a gap', async page => {
  await page.locator('#find').fill('kvm_open');
  const row = selected(page);
  if (!/kvm_open/.test(await row.locator('.a').textContent())) throw new Error('not in A');
  equal(await row.locator('.b').textContent(), '', 'B');
  equal(await row.locator('.sign').textContent(), '\u2212', 'the sign');
});
await claim('the slider is the axis of both', async page => {
  await page.locator('#slider').fill('100');
  equal(await place(page), 101);
});
await claim('a replacement tells what was and what is', async page => {
  await page.locator('#groups button', {hasText: 'kvm-accel'}).first().click();
  const text = await page.locator('#detail').textContent();
  if (!/kvm-accel/.test(text) || !/tcg-accel/.test(text)) throw new Error(text);
});
await claim('groups name the argument that caused them', async page => {
  const text = await page.locator('#groups').textContent();
  if (!text.includes('-machine accel=tcg')) throw new Error(text.slice(0, 300));
});
await claim('only differences leaves out what is the same', async page => {
  const all = await total(page);
  await press(page, 'd');
  if (await total(page) >= all / 2) throw new Error(`${await total(page)} of ${all}`);
  await press(page, 'd');
  equal(await total(page), all);
});
await claim('the address names the row', async page => {
  await press(page, 'End');
  const at = await place(page), hash = await page.evaluate(() => location.hash);
  const again = await browser.newPage();
  await again.goto(url + hash);
  equal(await place(again), at);
  await again.close();
});
await claim('a phase is reached by its name', async page => {
  await page.locator('#phases').selectOption({label: 'accelerator'});
  if (!/phase accelerator/.test(await where(page))) throw new Error(await where(page));
});
await claim('? shows the keys, Escape hides them', async page => {
  await press(page, '?');
  equal(await page.locator('#help').isVisible(), true);
  await press(page, 'Escape');
  equal(await page.locator('#help').isVisible(), false);
});
await claim('a list of thousands draws only a window of it', async page => {
  const drawn = await page.locator('[role=option]').count();
  if (drawn > 120) throw new Error(`${drawn} rows`);
});
for (const colorScheme of ['light', 'dark']) {
  await claim(`axe finds nothing, ${colorScheme}`, async page => {
    await page.evaluate(axe);
    const found = await page.evaluate(() => axe.run());
    equal(found.violations.map(v => `${v.id}: ${v.nodes[0].html.slice(0, 120)}`).join('; '), '',
          'what axe says');
  }, {page: {colorScheme}});
}
await claim('it fits a narrow window', async page => {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  equal(wide, false, 'scrolling sideways');
}, {page: {viewport: {width: 420, height: 800}}});

await end();
