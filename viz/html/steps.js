"use strict";
// The steps: what viz/step_pack.h describes, read once into arrays of numbers. A step is
// an index; nothing here makes an object for each of them.
const steps = (() => {
  const texts = [], shapes = [], lower = [];
  let count = 0, valueCount = 0, lastTime = 0, lastSeq = 0;
  let shape = new Uint16Array(0), time = new Float64Array(0), length = new Float64Array(0),
      seq = new Float64Array(0), parent = new Int32Array(0), depth = new Uint16Array(0),
      firstValue = new Uint32Array(0), values = new Float64Array(0);
  const listeners = [];

  function larger(array, size) {
    if (array.length >= size) return array;
    const more = new array.constructor(size);
    more.set(array);
    return more;
  }
  function makeRoom(moreSteps, moreValues) {
    const exact = count === 0;  // a page from a file knows its size
    const need = (have, used, more) => used + more <= have ? have : exact ? more : Math.max(used + more, have * 2);
    const n = need(shape.length, count, moreSteps);
    shape = larger(shape, n); time = larger(time, n); length = larger(length, n); seq = larger(seq, n);
    parent = larger(parent, n); depth = larger(depth, n); firstValue = larger(firstValue, n);
    values = larger(values, need(values.length, valueCount, moreValues));
  }
  function bytesOf(base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    const binary = atob(base64), bytes = new Uint8Array(binary.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  }

  function add(part) {
    for (const text of part.texts) texts.push(text);
    for (const [name, cat, ph, tid, loc, args] of part.shapes)
      shapes.push({name, cat, ph, tid, loc, keys: args.map(a => a[0]), kinds: args.map(a => a[1]), id: shapes.length});
    makeRoom(part.steps, part.values);
    const bytes = bytesOf(part.bytes), end = bytes.length;
    let at = 0;
    const number = () => {
      let byte = bytes[at++];
      if (byte < 128) return byte;
      let value = byte & 127, unit = 128;
      do { byte = bytes[at++]; value += (byte & 127) * unit; unit *= 128; } while (byte >= 128);
      return value;
    };
    const difference = () => { const n = number(); return n % 2 ? -(n + 1) / 2 : n / 2; };
    while (at < end) {
      const tag = number(), id = (tag - tag % 2) / 2, replaces = tag % 2 === 1, kind = shapes[id];
      let i = count;
      if (replaces) i = number();
      else {
        time[i] = lastTime += difference();
        seq[i] = lastSeq += difference();
        const back = number();
        parent[i] = back ? i - back : -1;
        depth[i] = back ? Math.min(depth[i - back] + 1, 65535) : 0;
        count++;
      }
      shape[i] = id;
      length[i] = kind.ph === "X" ? number() : -1;
      firstValue[i] = valueCount;
      for (let k = kind.keys.length; k > 0; k--) values[valueCount++] = number();
      for (const listener of listeners) listener(i, kind, replaces);
    }
  }

  // What argument k of step i is, as the trace's JSON has it.
  function value(i, k) {
    const v = values[firstValue[i] + k];
    switch (shapes[shape[i]].kinds[k]) {
      case "t": return texts[v];
      case "x": return "0x" + v.toString(16);
      case "m": return -v;
      case "b": return v === 1;
      case "j": return JSON.parse(texts[v]);
      default: return v;
    }
  }
  const kindOf = i => shapes[shape[i]];
  function arg(i, key) {
    const k = kindOf(i).keys.indexOf(key);
    return k < 0 ? undefined : value(i, k);
  }
  const args = i => Object.fromEntries(kindOf(i).keys.map((key, k) => [key, value(i, k)]));
  function micros(ns) {
    const whole = Math.floor(ns / 1000);
    return whole + "." + String(Math.round(ns - whole * 1000)).padStart(3, "0");
  }
  // The line of the trace this step was.
  function raw(i) {
    const s = kindOf(i), q = JSON.stringify;
    const quoted = k => s.kinds[k] === "j" ? texts[values[firstValue[i] + k]] : q(value(i, k));
    return `{"name":${q(s.name)},"cat":${q(s.cat)},"ph":"${s.ph}","pid":1,"tid":${s.tid},"ts":${micros(time[i])}` +
        (s.ph === "X" ? `,"dur":${micros(length[i])}` : "") + (s.ph === "i" ? `,"s":"t"` : "") +
        `,"seq":${seq[i]},"par":${parent[i] < 0 ? 0 : seq[parent[i]]},"loc":${q(s.loc)},"args":{` +
        s.keys.map((key, k) => q(key) + ":" + quoted(k)).join(",") + "}}";
  }
  // One line about a step: its first two texts or numbers.
  function summary(i) {
    const s = kindOf(i), found = [];
    for (let k = 0; k < s.keys.length && found.length < 2; k++) {
      const v = value(i, k);
      if (typeof v === "string" || typeof v === "number") found.push(typeof v === "string" && v.length > 200 ? v.slice(0, 200) + "…" : v);
    }
    return found.join(" ");
  }
  // The step with this seq, or -1; seq grows from step to step.
  function indexOf(number) {
    let lo = 0, hi = count;
    while (lo < hi) { const m = (lo + hi) >> 1; if (seq[m] < number) lo = m + 1; else hi = m; }
    return lo < count && seq[lo] === number ? lo : -1;
  }

  // ---- searching ----------------------------------------------------------------------
  // A word becomes a function that says whether step i fits. What can be said of a shape
  // or of a text is said once for all steps that share it.
  const lowerText = t => lower[t] ??= texts[t].toLowerCase();
  const once = (list, test) => { const known = []; return i => known[i] ??= test(list[i]); };
  const shownAs = (s, k, v) => s.kinds[k] === "t" || s.kinds[k] === "j" ? lowerText(v) : s.kinds[k] === "x" ? "0x" + v.toString(16)
      : s.kinds[k] === "b" ? String(v === 1) : s.kinds[k] === "m" ? "-" + v : String(v);
  const places = ["device", "object", "child", "bus", "region"];
  function fits(word, threads) {
    const ofShape = test => { const known = once(shapes, test); return i => known(shape[i]); };
    const part = /^(name|cat|thread|dev|loc):(.*)$/.exec(word), wanted = part?.[2];
    switch (part?.[1]) {
      case "name": return ofShape(s => s.name.toLowerCase().includes(wanted));
      case "cat": return ofShape(s => s.cat.toLowerCase() === wanted);
      case "loc": return ofShape(s => s.loc.toLowerCase().includes(wanted));
      case "thread": return ofShape(s => String(threads.get(s.tid) ?? s.tid).toLowerCase().includes(wanted));
      case "dev": return i => { const s = kindOf(i);
        return s.keys.some((key, k) => places.includes(key) && shownAs(s, k, values[firstValue[i] + k]).includes(wanted)); };
    }
    if (/^#\d+$/.test(word)) return i => seq[i] === +word.slice(1);
    const pair = /^([a-z_]+)=(.*)$/.exec(word);
    if (pair) return i => { const s = kindOf(i), k = s.keys.indexOf(pair[1]);
      return k < 0 ? pair[2] === "" : shownAs(s, k, values[firstValue[i] + k]) === pair[2]; };
    const anywhere = ofShape(s => [s.name, s.cat, s.loc, ...s.keys].some(t => t.toLowerCase().includes(word)));
    const inText = once(texts, t => t.toLowerCase().includes(word)), digits = /^[-.0-9a-fxtrulse]+$/.test(word);
    return i => {
      if (anywhere(i)) return true;
      const s = kindOf(i);
      for (let k = 0; k < s.kinds.length; k++) {
        const v = values[firstValue[i] + k], textual = s.kinds[k] === "t" || s.kinds[k] === "j";
        if (textual ? inText(v) : digits && shownAs(s, k, v).includes(word)) return true;
      }
      return digits && (String(seq[i]) === word || micros(time[i]).includes(word));
    };
  }

  return {add, listen: f => listeners.push(f), get count() { return count; }, kindOf, value, arg, args, raw, summary, indexOf,
          micros, fits, time: i => time[i], length: i => length[i], seq: i => seq[i], parent: i => parent[i], depth: i => depth[i]};
})();
