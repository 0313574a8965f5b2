// Chromium as the tests of the page use it. Ends the program with 77 where it, or an npm
// package, is missing.
import {existsSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';

const require = createRequire(import.meta.url);
let chromium;
export let axe = '';
try {
  ({chromium} = require('playwright-core'));
  axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
} catch {
  console.log('skipped: run `npm ci` in tests/viz/page');
  process.exit(77);
}
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser',
                        '/usr/bin/google-chrome'].find(existsSync);
if (!executablePath) {
  console.log('skipped: no Chromium is installed (apt install chromium)');
  process.exit(77);
}

export const launch = () => chromium.launch({executablePath, args: ['--no-sandbox']});
export const pageUrl = file => /^http:/.test(file) ? file : pathToFileURL(file).href;
