// Runs speedscope's own importer over a trace: node speedscope_test.mjs TRACE.json
//
// The npm package holds only the page's script. It is run here in a context with a
// page that swallows everything; the promise of its importer module is taken out of
// it, and no line of it is changed otherwise. Exit codes: 0 the importer read every
// span, 1 it did not, 77 the package is not installed.
import {readFileSync, readdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import vm from 'node:vm';

const here = dirname(fileURLToPath(import.meta.url));
const release = join(here, 'node_modules/speedscope/dist/release');

function pageScript() {
  try {
    const name = readdirSync(release).find(file => /^speedscope-.*\.js$/.test(file));
    return readFileSync(join(release, name), 'utf8');
  } catch {
    console.log('speedscope is not installed: run `npm ci` in tests/trace/importers');
    process.exit(77);
  }
}

// A page on which every property exists, every call succeeds and nothing happens.
function swallow() {
  return new Proxy(function () {}, {
    get: (_, key) =>
        key === Symbol.toPrimitive ? () => '' :
        key === Symbol.iterator ? function* () {} : key === 'then' ? undefined : swallow(),
    set: () => true,
    apply: () => swallow(),
    construct: () => swallow(),
    has: () => true,
  });
}

async function loadImporter(warnings) {
  const module = /=(Promise\.resolve\(\)\.then\(\(\)=>\(\w+\(\),(\w+)\)\))/g;
  let script = pageScript();
  const exports = /(\w+)=\{\};\$?\w+\(\1,\{[^}]*importProfileGroupFromText:/.exec(script)[1];
  script = script.replace(module, (whole, promise, name) =>
      name === exports ? `=globalThis.importerOfPage=${promise}` : whole);
  const page = swallow();
  const context = vm.createContext({
    console: {...console, log() {}, warn: text => warnings.push(text), error() {}},
    document: page, navigator: page, localStorage: page, location: page,
    requestAnimationFrame() {}, setTimeout, clearTimeout, TextDecoder, TextEncoder, URL,
    performance, atob, btoa,
  });
  context.window = context.self = context;
  context.addEventListener = context.removeEventListener = () => {};
  try {
    vm.runInContext(script, context);
  } catch {
    // The page itself cannot be built here; the importer was taken before.
  }
  if (!context.importerOfPage) {
    throw new Error('no importer found in this version of speedscope');
  }
  return context.importerOfPage;
}

const warnings = [];
const importer = await loadImporter(warnings);
const text = readFileSync(process.argv[2], 'utf8');
const group = await importer.importProfileGroupFromText('trace.json', text);
if (!group || group.profiles.length === 0) {
  console.error('speedscope read no profile');
  process.exit(1);
}

// Every complete span of ours must be one call, one profile a thread. A span that was
// open at the end has no end to import: speedscope warns about each and may drop it.
const events = JSON.parse(text);
const spans = events.filter(event => event.ph === 'X');
const open = events.filter(event => event.ph === 'B').length;
let calls = 0;
for (const profile of group.profiles) {
  profile.forEachCall(() => ++calls, () => {});
}
const threads = new Set(spans.map(span => span.tid)).size;
console.log(`speedscope: ${group.profiles.length} profiles, ${calls} calls for ` +
            `${spans.length} spans in ${threads} threads, ${open} open, ` +
            `${warnings.length} warnings`);
const complete = calls >= spans.length && calls <= spans.length + open;
if (warnings.length > open) {
  console.log(warnings.slice(0, 5).join("\n"));
}
process.exit(complete && group.profiles.length === threads && warnings.length <= open ? 0 : 1);
