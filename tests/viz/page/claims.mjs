// What a person would find true of a page, claim by claim: each in a tab of its own, where
// an error of the page, and a request to anywhere but this folder, is a fault too.
import {launch} from './browser.mjs';

const faults = [];
let claims = 0;

export const browser = await launch();

// A function that tries one claim about the page at `url`. `options`: `hash` behind the
// address, `page` for the tab (colorScheme, viewport...).
export const claimsAbout = url => async (what, body, options = {}) => {
  const page = await browser.newPage({viewport: {width: 1300, height: 850}, ...options.page});
  page.on('pageerror', error => faults.push(`${what}: ${error.message}`));
  page.on('request', request => {
    if (!request.url().startsWith('file:')) faults.push(`${what}: asks for ${request.url()}`);
  });
  await page.goto(url + (options.hash ?? ''));
  try {
    await body(page);
    ++claims;
  } catch (error) {
    faults.push(`${what}: ${error.message.split('\n')[0]}`);
  }
  await page.close();
};

export const equal = (got, want, what = '') => {
  if (got !== want) throw new Error(`${what} is ${got}, not ${want}`);
};
export const press = async (page, ...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};

// Says what did not hold, and ends the program: 0 everything held, 1 something did not.
export const end = async () => {
  await browser.close();
  for (const fault of faults) console.error('FAULT', fault);
  console.log(`${claims} claims held, ${faults.length} faults`);
  process.exit(faults.length || !claims ? 1 : 0);
};
