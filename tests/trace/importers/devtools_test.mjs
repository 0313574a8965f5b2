// Runs the importer of Chrome DevTools' Performance panel over a trace:
// node devtools_test.mjs TRACE.json
//
// It must find every thread by its name, every span on its thread, and each span inside
// the one that our own `par` names. Exit codes: 0 it does, 1 it does not, 77 the package
// is not installed.
import {readFileSync} from 'node:fs';

// What the importer expects of a browser.
globalThis.window = globalThis;
globalThis.DOMRect = class {
  constructor(x, y, width, height) {
    Object.assign(this, {x, y, width, height});
  }
  static fromRect({x, y, width, height}) {
    return new this(x, y, width, height);
  }
};

async function importer() {
  try {
    return (await import('@paulirish/trace_engine')).TraceModel.Model;
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.log('the trace engine is not installed: run `npm ci` in tests/trace/importers');
    process.exit(77);
  }
}

async function importedThreads(events) {
  const model = (await importer()).createWithAllHandlers();
  await model.parse(events, {isCPUProfile: false});
  const {data} = model.parsedTrace();
  return [...data.Renderer.processes.values()].flatMap(
      process => [...process.threads].map(([tid, thread]) => ({tid, ...thread})));
}

function* nodesOf(level) {
  for (const node of level) {
    yield node;
    yield* nodesOf(node.children);
  }
}

const faults = [];
const events = JSON.parse(readFileSync(process.argv[2], 'utf8'));
// A span that was still open at the end is a 'B' without its 'E'.
const spans = events.filter(event => event.ph === 'X' || event.ph === 'B');
const expectedThreads = new Set(spans.map(span => span.tid));
const names = new Map(events.filter(event => event.name === 'thread_name')
                            .map(event => [event.tid, event.args.name]));
const threads = await importedThreads(events);

let nested = 0;
for (const thread of threads) {
  const own = spans.filter(span => span.tid === thread.tid);
  if (thread.name !== names.get(thread.tid)) {
    faults.push(`thread ${thread.tid} is called ${thread.name}, not ${names.get(thread.tid)}`);
  }
  if (thread.entries.length !== own.length) {
    faults.push(`thread ${thread.tid} has ${thread.entries.length} spans of ${own.length}`);
  }
  const here = new Set(own.map(span => span.seq));
  for (const {entry, parent} of nodesOf(thread.tree.roots)) {
    const expected = here.has(entry.par) ? entry.par : undefined;
    if (parent?.entry.seq !== expected) {
      faults.push(`span ${entry.seq} (${entry.name}) lies in ${parent?.entry.seq}, not ${expected}`);
    }
    nested += expected !== undefined;
  }
}
if (threads.length !== expectedThreads.size) {
  faults.push(`${threads.length} threads of ${expectedThreads.size}`);
}
if (nested === 0) {
  faults.push('no span lies in another: the trace shows nothing');
}
console.log(`DevTools: ${spans.length} spans in ${threads.length} threads, ${nested} of them nested`);
for (const fault of faults.slice(0, 10)) console.log(fault);
process.exit(faults.length === 0 ? 0 : 1);
