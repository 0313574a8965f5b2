// How the page and the pictures look: node golden_test.mjs PAGE GALLERY GOLDEN_FOLDER
//
// A golden is not an image but what an image of any font has: where the panes lie, and how
// dark the picture is in a grid of cells, each about as large as a word. Another font moves
// letters within a cell; a pane that is gone, overlaps, or lost its colours moves cells.
// GOLDEN_UPDATE=1 writes them anew, and the images beside them in /tmp to look at.
//
// The trace is a file that does not change, so that a new device is no new look.
import {existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import {launch, pageUrl} from './browser.mjs';

const [pageFile, gallery, folder] = process.argv.slice(2);
const update = process.env.GOLDEN_UPDATE === '1';
const most = {cell: 70, mean: 6, box: 24};  // of 255; of 255; pixels
const browser = await launch();
const faults = [];
const scratch = await browser.newPage();
let compared = 0;

// Mean luminance of each cell, by the browser's own scaler.
const grid = (png, columns, rows) => scratch.evaluate(async ([data, columns, rows]) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + data;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width; canvas.height = image.height;
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, image.width, image.height).data;
  const sums = new Float64Array(columns * rows), counts = new Float64Array(columns * rows);
  for (let y = 0; y < image.height; y++)
    for (let x = 0; x < image.width; x++) {
      const at = 4 * (y * image.width + x), cell = Math.floor(y * rows / image.height) * columns + Math.floor(x * columns / image.width);
      sums[cell] += .299 * pixels[at] + .587 * pixels[at + 1] + .114 * pixels[at + 2];
      counts[cell]++;
    }
  return [...sums].map((sum, i) => Math.round(sum / counts[i]));
}, [png.toString('base64'), columns, rows]);

async function look(name, page, boxes) {
  const png = await page.screenshot();
  const {width, height} = page.viewportSize();
  const columns = Math.round(width / 50), rows = Math.round(height / 50);
  const found = {boxes, columns, rows, grid: await grid(png, columns, rows)};
  const file = `${folder}/${name}.json`;
  if (update) {
    writeFileSync(file, JSON.stringify(found) + '\n');
    mkdirSync('/tmp/vitrine-golden', {recursive: true});
    writeFileSync(`/tmp/vitrine-golden/${name}.png`, png);
    return;
  }
  if (!existsSync(file)) { faults.push(`${name}: no golden; GOLDEN_UPDATE=1 makes one`); return; }
  const golden = JSON.parse(readFileSync(file, 'utf8'));
  ++compared;
  if (JSON.stringify(Object.keys(golden.boxes)) !== JSON.stringify(Object.keys(boxes))) faults.push(`${name}: parts ${Object.keys(boxes)}`);
  for (const [part, box] of Object.entries(golden.boxes))
    box.forEach((edge, i) => { if (Math.abs(edge - (boxes[part]?.[i] ?? 1e9)) > most.box) faults.push(`${name}: ${part} lies at ${boxes[part]}, not at ${box}`); });
  if (golden.grid.length !== found.grid.length) { faults.push(`${name}: another size`); return; }
  const differences = golden.grid.map((value, i) => Math.abs(value - found.grid[i]));
  const mean = differences.reduce((a, b) => a + b, 0) / differences.length, worst = Math.max(...differences);
  if (mean > most.mean || worst > most.cell) {
    const at = differences.indexOf(worst);
    faults.push(`${name}: differs by ${mean.toFixed(1)} in the mean and ${worst} at column ${at % columns}, row ${Math.floor(at / columns)}`);
  }
}

const paneBoxes = page => page.evaluate(() => Object.fromEntries(
  ['header', 'nav', '#marks', '#steps', 'section[aria-label=event]', 'section[aria-label=state]', 'footer'].map(part => {
    const box = document.querySelector(part).getBoundingClientRect();
    return [part, [box.left, box.top, box.right, box.bottom].map(Math.round)];
  })));

async function pageLook(name, options, act) {
  const page = await browser.newPage({viewport: {width: 1300, height: 850}, reducedMotion: 'reduce', ...options});
  page.on('pageerror', error => faults.push(`${name}: ${error.message}`));
  await page.goto(pageUrl(pageFile));
  await act(page);
  await page.mouse.move(0, 0);
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
  await look(name, page, await paneBoxes(page));
  await page.close();
}
const ready = page => page.locator('#chapters button', {hasText: 'machine.ready'}).click();
await pageLook('page-first', {}, async () => {});
await pageLook('page-ready', {}, ready);
await pageLook('page-dark', {colorScheme: 'dark'}, ready);
await pageLook('page-end', {}, page => page.keyboard.press('End'));
await pageLook('page-presenter', {}, async page => { await ready(page); await page.keyboard.press('P'); });
await pageLook('page-chinese', {locale: 'zh-CN'}, ready);
await pageLook('page-keys', {}, page => page.keyboard.press('?'));

for (const file of readdirSync(gallery).filter(file => file.endsWith('.svg')).sort()) {
  const page = await browser.newPage({viewport: {width: 1300, height: 900}});
  // The picture fitted into the window, whatever its size.
  await page.setContent('<body style="margin:0;background:white"><img style="width:1300px;height:900px;object-fit:contain" src="data:image/svg+xml;base64,' +
      readFileSync(`${gallery}/${file}`).toString('base64') + '">');
  const size = await page.evaluate(async () => { const image = document.querySelector('img'); await image.decode(); return [0, 0, Math.round(100 * image.naturalWidth / image.naturalHeight), 100]; });
  await look('gallery-' + file.replace(/\.svg$/, ''), page, {'width for a height of 100': size});
  await page.close();
}

await browser.close();
for (const fault of faults) console.error('FAULT', fault);
console.log(`${compared} looks compared, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
