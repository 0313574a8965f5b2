// What is true at a step. For each thing there is the sorted list of the steps that
// changed it; the state at a step is found by bisection, never by running from the start.
const types = new Map();      // name -> {parent, paper, klass, made, gone, classes}
const objects = [];           // {step, parent, name, child, gone}
const childNodes = new Map(); // child -> its entries of `objects`
const chapters = [], consoleLines = [], consoleSteps = [], handles = [];
const exits = new Map();      // reason -> steps
const slots = new Map();      // memory slot -> {steps, texts}; text "" when unmapped

const upTo = (list, i) => { let lo = 0, hi = list.length; while (lo < hi) { const m = (lo + hi) >> 1; if (list[m] <= i) lo = m + 1; else hi = m; } return lo; };
// Steps come in order but for spans that end after others began.
const insert = (list, i) => { let at = list.length; while (at > 0 && list[at - 1] > i) at--; if (at === list.length) list.push(i); else list.splice(at, 0, i); };
const typeOf = id => String(id || "").replace(/#\d+$/, "");
function type(name) {
  if (!types.has(name)) types.set(name, {parent: "", paper: -1, klass: -1, made: [], gone: [], classes: []});
  return types.get(name);
}
const listOf = (map, key) => { if (!map.has(key)) map.set(key, []); return map.get(key); };

const text = (i, ...keys) => { for (const key of keys) { const v = steps.arg(i, key); if (v !== undefined) return String(v); } return ""; };
function registered(i) { const t = type(text(i, "name")); t.parent = text(i, "parent"); t.paper = i; }
const changes = {
  type_register: registered,
  type_register_internal: registered,
  type_initialize(i) {
    const name = text(i, "name", "type");
    if (name.includes("::")) return;
    const t = type(name);
    t.parent = t.parent || text(i, "parent");
    if (t.klass < 0) t.klass = i;
  },
  type_initialize_interface(i) { insert(type(text(i, "interface")).classes, i); },
  object_new(i) { const name = text(i, "type"); if (name) insert(type(name).made, i); },
  object_finalize(i) { insert(type(typeOf(text(i, "object")) || text(i, "type")).gone, i); },
  object_property_add_child(i) {
    const o = {step: i, parent: text(i, "object", "parent"), name: text(i, "name"), child: text(i, "child")};
    objects.push(o);
    listOf(childNodes, o.child).push(o);
  },
  object_unparent(i) { for (const o of childNodes.get(text(i, "child")) ?? []) o.gone ??= i; },
  guest_console(i) { consoleSteps.push(i); consoleLines.push(text(i, "text", "line")); },
  kvm_open(i) { handles.push({step: i, text: text(i, "path")}); },
  accel_set_slot(i) {
    const number = text(i, "slot");
    if (!slots.has(number)) slots.set(number, {steps: [], texts: []});
    const slot = slots.get(number);
    slot.steps.push(i);
    slot.texts.push(text(i, "mapped") === "true" ? text(i, "region") + " " + text(i, "start") + " + " + text(i, "size") : "");
  },
  checkpoint(i) { chapters.push({step: i, name: text(i, "name")}); },
};
changes.object_initialize = changes.object_new;
changes.guest_console_line = changes.guest_console;
// Counted when the reason is known: at the end of the run.
function ran(i) { const reason = steps.arg(i, "reason"); if (reason !== undefined) insert(listOf(exits, String(reason)), i); }
const makesHandle = /CREATE_VM$|CREATE_VCPU|CREATE_IRQCHIP|CREATE_PIT/;
function asked(i) { const request = text(i, "request"); if (makesHandle.test(request)) handles.push({step: i, text: text(i, "on") + " → " + request}); }

steps.listen((i, kind, replaces) => {
  kind.change ??= kind.name === "vcpu_run" ? ran : kind.name === "kvm_ioctl" ? asked
      : Object.hasOwn(changes, kind.name) ? changes[kind.name]
      : /^[a-z_]+\.[a-z_]+$/.test(kind.name) ? j => chapters.push({step: j, name: kind.name}) : false;
  if (kind.change && (!replaces || kind.change === ran)) kind.change(i);
});
