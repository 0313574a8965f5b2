// Drawing and keys. Everything from a trace is put into the page as text, never as
// markup. A seek touches only what differs from what is shown.
const $ = id => document.getElementById(id);
const about = JSON.parse($("about").textContent);
const threads = new Map(about.threads);
steps.add(JSON.parse($("trace").textContent));
$("trace").textContent = "";  // the arrays have it now

const el = (tag, text, cls) => { const n = document.createElement(tag); if (text !== undefined) n.textContent = text; if (cls) n.className = cls; return n; };
const setText = (node, text) => { if (node.data !== text) node.data = text; };
// A recorder cuts texts at 1024 bytes; of a longer one a browser takes seconds to break
// the lines.
const short = (text, most) => text.length > most ? text.slice(0, most) + "… (+" + (text.length - most) + ")" : text;
const ROW = 22, tallest = 12e6;  // pixels a browser lets an element be high, and some way below
let now = 0, matches = null, matchCount = 0, query = "";

// ---- types ------------------------------------------------------------------------
let typeNodes = [], typesDrawn = -1;
function buildTypes() {
  if (typesDrawn === types.size) return;
  typesDrawn = types.size; typeNodes = [];
  const children = new Map();
  for (const [name, t] of types) listOf(children, types.has(t.parent) && t.parent !== name ? t.parent : "").push(name);
  for (const list of children.values()) list.sort((a, b) => (a === "interface") - (b === "interface") || (a < b ? -1 : 1));
  const seen = new Set(), top = $("types");
  top.replaceChildren();
  // A list of what is still to do, not recursion: a trace may nest types as deep as it likes.
  const work = [[top, "", 0]];
  while (work.length) {
    const [list, under, deep] = work.pop();
    for (const name of children.get(under) ?? []) {
      if (seen.has(name)) continue;
      seen.add(name);
      const li = el("li"), box = el("span", short(name, 100), "type"), count = document.createTextNode(""), small = el("span", undefined, "count");
      small.append(count); li.append(box, " ", small); list.append(li);
      typeNodes.push({name, t: types.get(name), box, count, cls: "type", paper: true});
      if (!children.has(name)) continue;
      const ul = deep < 40 ? el("ul") : list;  // deeper than that, indenting shows nothing
      if (ul !== list) li.append(ul);
      work.push([ul, name, deep + 1]);
    }
  }
}
function paintTypes() {
  const current = steps.arg(now, "name") ?? steps.arg(now, "type");
  for (const node of typeNodes) {
    const t = node.t, made = t.made.length ? upTo(t.made, now) : 0;
    const cls = "type" + (made ? " object" : t.klass >= 0 && t.klass <= now ? " klass" : "") + (node.name === current ? " now" : "");
    if (cls !== node.cls) node.box.className = node.cls = cls;
    const paper = t.paper <= now;
    if (paper !== node.paper) { node.paper = paper; node.box.style.opacity = paper ? 1 : .35; }
    const classes = !made && t.classes.length ? upTo(t.classes, now) : 0;
    setText(node.count, made ? "×" + (made - upTo(t.gone, now)) : classes ? "○" + classes : "");
  }
}

// ---- objects ----------------------------------------------------------------------
// Laid out once; a step shows, hides and strikes through what lies between it and the
// step shown before.
const objectNodes = new Map(), places = [];  // places[k]: the node of objects[k]
let objectsShown = 0, removals = [], removalsShown = 0;
function buildObjects() {
  const root = $("objects");
  const node = (id, name) => {
    if (!objectNodes.has(id)) {
      const li = el("li"), ul = el("ul"), label = el("span", short(name ?? id, 100));
      if (name === undefined) li.append(label, ul); else li.append(label, " ", el("span", short(id, 100), "count"), ul);
      li.hidden = true; root.append(li);
      objectNodes.set(id, {li, ul, label, reasons: 0, struck: 0, deep: 0});
    }
    return objectNodes.get(id);
  };
  for (let k = places.length; k < objects.length; k++) {
    const o = objects[k], up = node(o.parent), child = node(o.child, o.name);
    if (!child.li.contains(up.li)) { child.deep = up.deep + 1; (child.deep < 40 ? up.ul : up.li.parentNode).append(child.li); }
    places.push({up, child});
  }
  const gone = objects.filter(o => o.gone !== undefined);
  if (gone.length !== removals.length)
    removals = gone.map(o => ({step: o.gone, child: objectNodes.get(o.child)})).sort((a, b) => a.step - b.step);
}
function paintObjects() {
  const show = (node, by) => { node.reasons += by; node.li.hidden = node.reasons === 0; };
  for (; objectsShown < objects.length && objects[objectsShown].step <= now; objectsShown++) { show(places[objectsShown].up, 1); show(places[objectsShown].child, 1); }
  for (; objectsShown > 0 && objects[objectsShown - 1].step > now; objectsShown--) { show(places[objectsShown - 1].up, -1); show(places[objectsShown - 1].child, -1); }
  const strike = (node, by) => { node.struck += by; node.label.className = node.struck ? "gone" : ""; };
  for (; removalsShown < removals.length && removals[removalsShown].step <= now; removalsShown++) strike(removals[removalsShown].child, 1);
  for (; removalsShown > 0 && removals[removalsShown - 1].step > now; removalsShown--) strike(removals[removalsShown - 1].child, -1);
}

// ---- tables -----------------------------------------------------------------------
// Rows are kept and their text changed: making them anew costs more than all the rest.
function fillTable(table, pairs) {
  const rows = table.kept ??= [];
  for (let k = rows.length; k < pairs.length; k++) {
    const row = el("tr"), th = el("th"), td = el("td"), key = document.createTextNode(""), value = document.createTextNode("");
    th.scope = "row"; th.append(key); td.append(value); row.append(th, td);
    rows.push({row, key, value});
  }
  pairs.forEach(([k, v], at) => { setText(rows[at].key, short(k, 200)); setText(rows[at].value, short(v, 4000)); if (!rows[at].row.isConnected) table.append(rows[at].row); });
  for (let k = pairs.length; k < rows.length && rows[k].row.isConnected; k++) rows[k].row.remove();
}
function paintEngine() {
  const rows = [], counts = new Map();
  for (const h of handles) { if (h.step > now) break; counts.set(h.text, (counts.get(h.text) || 0) + 1); if (counts.size > 200) break; }
  for (const [text, n] of counts) rows.push([text, n > 1 ? "×" + n : ""]);
  for (const [number, slot] of slots) { const at = upTo(slot.steps, now), text = at ? slot.texts[at - 1] : ""; if (text) rows.push(["slot " + number, text]); }
  for (const [reason, list] of exits) { const n = upTo(list, now); if (n) rows.push([tr("exit") + " " + reason, "×" + n]); }
  fillTable($("engine"), rows);
}
function paintEvent() {
  const stack = [];
  for (let i = now; i >= 0 && stack.length <= 200; i = steps.parent(i)) stack.unshift(i);
  const list = $("stack"), kept = list.kept ??= [];
  for (let k = kept.length; k < stack.length; k++) {
    const li = el("li"), button = el("button"), label = document.createTextNode(""), entry = {li, label, step: 0};
    button.type = "button"; button.append(label); button.onclick = () => go(entry.step); li.append(button); kept.push(entry);
  }
  stack.forEach((i, k) => { kept[k].step = i; setText(kept[k].label, steps.kindOf(i).name + " " + steps.summary(i)); if (!kept[k].li.isConnected) list.append(kept[k].li); });
  for (let k = stack.length; k < kept.length && kept[k].li.isConnected; k++) kept[k].li.remove();
  const s = steps.kindOf(now), fields = [["name", s.name], ["cat", s.cat], ["loc", s.loc], ["ts", steps.micros(steps.time(now)) + " µs"]];
  if (steps.length(now) >= 0) fields.push(["dur", steps.micros(steps.length(now)) + " µs"]);
  fields.push(["seq", String(steps.seq(now))], ["tid", threads.has(s.tid) ? s.tid + " " + threads.get(s.tid) : String(s.tid)]);
  s.keys.forEach((key, k) => { const v = steps.value(now, k); fields.push([key, typeof v === "object" ? JSON.stringify(v) : String(v)]); });
  fillTable($("event"), fields);
  $("raw").textContent = short(steps.raw(now), 20000);
  const said = upTo(consoleSteps, now);
  if (said !== saidBefore) {
    saidBefore = said;
    const from = Math.max(0, said - 300);
    $("console").textContent = (from ? "… (" + from + ")\n" : "") + consoleLines.slice(from, said).map(line => short(line, 1000)).join("\n");
  }
}
let saidBefore = -1;
const sources = JSON.parse($("sources").textContent);
let sourceShown;
function paintSource() {
  const place = steps.kindOf(now).loc;
  if (place === sourceShown) return;
  sourceShown = place;
  const part = Object.hasOwn(sources, place) ? sources[place] : undefined;
  $("sourcebox").hidden = !part;
  if (part) $("source").replaceChildren(...part.lines.map((text, i) => { const n = part.first + i; return el("span", String(n).padStart(5) + "  " + text + "\n", n === part.at ? "at" : ""); }));
}

// ---- notes ------------------------------------------------------------------------
// Notes stand at a step: its number, or the first step of that name (and value).
function stepOf(at) {
  const number = /^#?(\d+)$/.exec(at);
  if (number) return steps.indexOf(+number[1]);
  const [name, ...value] = at.split(" "), want = value.join(" ");
  for (let i = 0; i < steps.count; i++) {
    const s = steps.kindOf(i);
    if (s.name === name && (!want || s.keys.some((_, k) => String(steps.value(i, k)) === want))) return i;
  }
  return -1;
}
const notes = JSON.parse($("notes").textContent).map(n => ({...n, step: stepOf(n.at)}));
let notesShown = "";
function paintNote() {
  const shown = notes.filter(n => n.step === now), key = shown.length ? String(now) : "";
  if (key === notesShown) return;
  notesShown = key;
  $("note").replaceChildren(...shown.map(n => {
    const box = el("div", undefined, "note");
    if (n.title) box.append(el("strong", n.title));
    if (n.text) box.append(el("p", n.text));
    for (const q of n.questions) { const d = el("details"); d.append(el("summary", q.question), el("p", q.answer)); box.append(d); }
    return box;
  }));
}

// ---- the list of steps ------------------------------------------------------------
// Only the rows in view exist. A list higher than a browser can lay out is squeezed: a
// pixel of its scroll bar is then more than a row's share.
const rowNodes = [];
const unit = () => Math.min(ROW, tallest / Math.max(1, steps.count));
let boxHeight = null;
function paintSteps() {
  const box = $("steps"), top = scrolled, first = top / unit();
  boxHeight ??= box.clientHeight;
  const from = Math.max(0, Math.floor(first) - 6), to = Math.min(steps.count, from + Math.ceil(boxHeight / ROW) + 12);
  for (let k = rowNodes.length; k < to - from; k++) {
    const node = el("div", undefined, "step"), name = document.createTextNode(""), more = document.createTextNode(""), small = el("span", undefined, "a"),
        row = {node, name, more, at: -1, drawn: -1, cls: "step", chosen: undefined, indent: -1, y: -1};
    small.append(more); node.append(name, small); node.setAttribute("role", "option"); node.onclick = () => go(row.at);
    rowNodes.push(row); $("space").append(node);
  }
  for (let k = 0; k < rowNodes.length; k++) {
    const row = rowNodes[k], i = from + (((k - from) % rowNodes.length) + rowNodes.length) % rowNodes.length;  // a row keeps its step while it is in view
    const there = i < to;
    if (row.node.hidden === there) row.node.hidden = !there;
    if (!there) continue;
    if (row.at !== i) { row.at = i; row.node.id = "step" + i; }
    if (row.drawn !== i) {
      row.drawn = i;
      setText(row.name, steps.kindOf(i).name + " "); setText(row.more, steps.summary(i));
      const indent = Math.min(steps.depth(i), 20);
      if (indent !== row.indent) { row.indent = indent; row.node.style.paddingLeft = .6 + indent * .8 + "rem"; }
    }
    const y = unit() === ROW ? i * ROW : Math.round(top + (i - first) * ROW);
    if (y !== row.y) { row.y = y; row.node.style.top = y + "px"; }
    const cls = matches?.[i] ? "step match" : "step", chosen = i === now;
    if (cls !== row.cls) row.node.className = row.cls = cls;
    if (chosen !== row.chosen) { row.chosen = chosen; row.node.setAttribute("aria-selected", chosen); }
  }
  box.setAttribute("aria-activedescendant", "step" + now);
}
// Setting a scroll position makes the browser lay out the page: once a frame is enough.
let heightSet = -1, scrolled = 0, scrollLater = 0;
function scrollToNow() {
  const each = unit(), height = Math.ceil(steps.count * each);
  boxHeight ??= $("steps").clientHeight;
  if (height !== heightSet) { heightSet = height; $("space").style.height = height + "px"; }
  const inView = boxHeight / ROW, first = scrolled / each;
  if (now >= first + 1 && now <= first + inView - 2) return;
  scrolled = Math.max(0, Math.min(height - boxHeight, Math.round((now - inView / 2) * each)));
  scrollLater ||= requestAnimationFrame(() => { scrollLater = 0; $("steps").scrollTop = scrolled; });
}

// ---- going ------------------------------------------------------------------------
let go = (i, quiet) => {
  if (!steps.count) return;
  now = Math.max(0, Math.min(steps.count - 1, i));
  scrollToNow(); paintSteps(); paintEvent(); paintTypes(); paintObjects(); paintEngine(); paintNote(); paintSource();
  $("scrub").value = now;
  $("where").textContent = (now + 1) + " / " + steps.count + " · " + steps.kindOf(now).name + " " + steps.summary(now) + " · " + steps.micros(steps.time(now)) + " µs";
  if (!quiet) link();
};
// A browser allows a few changes of the address a second only: the last one counts.
let linkedAt = 0, linkLater = 0;
function link() {
  clearTimeout(linkLater);
  const wait = linkedAt + 150 - performance.now();
  if (wait > 0) { linkLater = setTimeout(link, wait); return; }
  linkedAt = performance.now();
  const parts = ["step=" + steps.seq(now)];
  if (query) parts.push("filter=" + encodeURIComponent(query));
  if (document.body.classList.contains("presenter")) parts.push("presenter=1");
  history.replaceState(null, "", "#" + parts.join("&"));
}
const search1 = (from, by, fits) => { for (let i = from; i >= 0 && i < steps.count; i += by) if (fits(i)) return go(i); };
const same = d => { const deep = steps.depth(now); search1(now + d, d, i => steps.depth(i) <= deep); };
const into = () => { if (now + 1 < steps.count && steps.parent(now + 1) === now) go(now + 1); };
const backInto = () => { const deep = steps.depth(now); search1(now - 1, -1, i => steps.depth(i) >= deep); };
const outForward = () => { const deep = steps.depth(now); search1(now + 1, 1, i => steps.depth(i) < deep); };
const out = () => { if (steps.parent(now) >= 0) go(steps.parent(now)); };
const stops = () => [...new Set([...chapters.map(c => c.step), ...notes.filter(n => n.step >= 0).map(n => n.step)])].sort((a, b) => a - b);
const stop = d => { const list = stops(), i = d > 0 ? list.find(s => s > now) : list.filter(s => s < now).pop(); if (i !== undefined) go(i); };
const reveal = () => { for (const d of document.querySelectorAll("#note details")) if (!d.open) { d.open = true; return; } };
function presenter(on) { document.body.classList.toggle("presenter", on); $("present").setAttribute("aria-pressed", on); boxHeight = null; link(); paintSteps(); }

// All words must fit; name:, cat:, thread:, dev: look in one place, key=value in one field.
function search(text) {
  query = text.trim().toLowerCase();
  const tests = query.split(/\s+/).filter(Boolean).map(word => steps.fits(word, threads));
  matches = tests.length ? new Uint8Array(steps.count) : null;
  matchCount = 0;
  if (matches) for (let i = 0; i < matches.length; i++) if (tests.every(fits => fits(i))) { matches[i] = 1; matchCount++; }
  $("hits").textContent = query ? matchCount + " " + tr("hits") : "";
  paintSteps(); link();
}
const hit = d => search1(now + d, d, i => matches?.[i]);

// ---- words ------------------------------------------------------------------------
const zh = {hits: "处匹配", exit: "退出", present: "演示", source: "在源代码中", engine: "到此为止的加速器和退出", k7: "退入前一步内部,向前跳出这一步", k8: "下一个章节或注记,上一个", k9: "显示问题的答案", k10: "语言,演示模式",
  k11: "筛选:name:type_init cat:qom thread:vcpu dev:serial port=0x3f8 #412;所有词都要符合", search: "搜索", first: "开头", previous: "上一步", next: "下一步", over: "跳过", out: "跳出", stack: "来龙去脉", event: "这一步",
  raw: "原始记录", types: "到此为止的类型", legend: "虚线:纸面 · 蓝:有类 · 绿、×n:n 个对象 · ○n:n 个类型实现这个接口", objects: "到此为止的对象", console: "客户机的输出", keys: "按键",
  k1: "下一步,上一步", k2: "进入第一个子步骤,回到起因", k3: "同级的下一步或上一步", k4: "第一步,最后一步", k5: "搜索,下一个,上一个", k6: "本列表", close: "关闭",
  first_n: "这个页面只有前 {0} 步,共 {1} 步。请在生成时筛选:vitrine replay … --only 'PATTERN' 或 --steps FIRST-LAST,或提高 --max-events。"};
const en = {};
document.querySelectorAll("[data-t]").forEach(n => en[n.dataset.t] = n.textContent);
Object.assign(en, {search: "Search", hits: "matches", exit: "exit",
  first_n: "This page has the first {0} steps of {1}. Filter when making it: vitrine replay … --only 'PATTERN' or --steps FIRST-LAST; or raise --max-events."});
function tr(key, ...values) { return String((document.documentElement.lang === "zh" ? zh : en)[key] ?? key).replace(/\{(\d)\}/g, (_, n) => values[n]); }
function banner() {
  if (about.live) return;
  $("banner").hidden = about.total <= steps.count;
  $("banner").textContent = tr("first_n", steps.count, about.total);
}
let language = code => {
  const words = code === "zh" ? zh : en; document.documentElement.lang = code;
  document.querySelectorAll("[data-t]").forEach(n => n.textContent = words[n.dataset.t] ?? n.textContent);
  $("find").placeholder = words.search; $("lang").textContent = code === "zh" ? "English" : "中文";
  banner();
  if (steps.count) paintEngine();
};

// ---- keys -------------------------------------------------------------------------
document.addEventListener("keydown", e => {
  if (e.target.id === "find") { if (e.key === "Enter") { search(e.target.value); hit(1); $("steps").focus(); } else if (e.key === "Escape") $("steps").focus(); return; }
  if (e.ctrlKey || e.metaKey || e.altKey || $("keys").open) return;
  if (e.shiftKey && (e.key === "ArrowDown" || e.key === "ArrowUp")) { e.preventDefault(); e.key === "ArrowDown" ? backInto() : outForward(); return; }
  const act = {ArrowRight: () => go(now + 1), ArrowLeft: () => go(now - 1), ArrowDown: into, ArrowUp: out, n: () => same(1), p: () => same(-1), "]": () => stop(1), "[": () => stop(-1), r: reveal,
    L: () => $("lang").click(), P: () => $("present").click(),
    Home: () => go(0), End: () => go(steps.count - 1), b: () => hit(1), B: () => hit(-1), "/": () => $("find").focus(), "?": () => $("keys").showModal()}[e.key];
  if (act && !(e.target.id === "scrub" && e.key.startsWith("Arrow"))) { e.preventDefault(); act(); }
});
$("first").onclick = () => go(0); $("previous").onclick = () => go(now - 1); $("next").onclick = () => go(now + 1);
$("over").onclick = () => same(1); $("out").onclick = out; $("help").onclick = () => $("keys").showModal();
$("present").onclick = () => presenter(!document.body.classList.contains("presenter"));
$("lang").onclick = () => language(document.documentElement.lang === "zh" ? "en" : "zh");
$("scrub").oninput = e => go(+e.target.value);
$("find").onchange = e => search(e.target.value);
$("steps").onscroll = () => { if (scrollLater) return; scrolled = $("steps").scrollTop; paintSteps(); };
new ResizeObserver(() => { boxHeight = null; if (steps.count) { scrollToNow(); paintSteps(); } }).observe($("steps"));

// ---- what grows with the steps ------------------------------------------------------
const mostButtons = 200, mostMarks = 1000;
const chapterNames = new Set();
let marksDrawn = 0;
function mark(list, cls, sign) {
  for (const c of list) {
    if (++marksDrawn > mostMarks) return;
    const b = el("button", sign, cls), name = short(c.name ?? (c.title || c.at), 200);
    b.type = "button"; b.style.left = 100 * c.step / Math.max(1, steps.count - 1) + "%"; b.tabIndex = -1;
    b.setAttribute("aria-label", name); b.title = name; b.onclick = () => go(c.step); $("marks").append(b);
  }
}
function grow() {
  $("scrub").max = Math.max(0, steps.count - 1);
  for (const c of chapters) {
    if (chapterNames.has(c.name) || chapterNames.size >= mostButtons) continue;
    chapterNames.add(c.name);
    const b = el("button", short(c.name, 60)); b.type = "button"; b.onclick = () => go(c.step); $("chapters").append(b);
  }
  marksDrawn = 0; $("marks").replaceChildren();
  mark(chapters, "", "▾"); mark(notes.filter(n => n.step >= 0), "note", "◆");
  buildTypes(); buildObjects();
}

const fromHash = () => { const m = /step=(\d+)/.exec(location.hash); return m ? Math.max(0, steps.indexOf(+m[1])) : 0; };
addEventListener("hashchange", () => go(fromHash(), true));
language(/^zh/.test(navigator.language) ? "zh" : "en");
grow();
{ const hash = new URLSearchParams(location.hash.slice(1));
  if (hash.get("presenter")) { document.body.classList.add("presenter"); $("present").setAttribute("aria-pressed", true); }
  const filter = hash.get("filter"), at = fromHash();
  if (filter) { $("find").value = filter; search(filter); }
  go(at, true); }
document.documentElement.dataset.ready = performance.now().toFixed(0);
