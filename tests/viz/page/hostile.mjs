// Writes a trace made to hurt the page: node hostile.mjs > hostile.json
//
// Markup and script in every text; texts of a megabyte; characters that reorder, hide or
// end what stands around them; numbers no browser can hold; types, objects and steps
// nested ten thousand deep; thousands of checkpoints; a console of a hundred thousand lines.
const q = JSON.stringify;
const evil = [
  '</script><script>window.hacked=1</script>', '<img src=x onerror="window.hacked=1">', '--></title><svg onload=window.hacked=1>',
  '"><iframe srcdoc="<script>parent.hacked=1</script>">', "javascript:window.hacked=1", "'+(window.hacked=1)+'", '${window.hacked=1}', '<!--',
  '\u0000\u0001\u001b[2J', '\u202e\u2066\u2069 desrever', '\u2028\u2029', '__proto__', 'constructor', 'toString', '@TRACE@', '@SCRIPT@', '&lt;b&gt;&amp;',
  '\ud83d\ude00'.repeat(50), 'é'.repeat(3000), 'x'.repeat(1 << 20), '', ' ', '%00%0a', '\\u003c\\', '"\\"',
];
const kinds = [], lines = [];
let seq = 0, time = 0, spans = 0, instants = 0;
function kind(name, cat, shape, fields) {
  kinds.push(`{"name":"event_kind","ph":"M","pid":1,"tid":0,"args":{"name":${q(name)},"cat":"${cat}","shape":"${shape}","help":${q(evil[0])},"fields":[` +
      fields.map(([n, type]) => `{"name":"${n}","role":"identity","type":"${type}","help":${q(evil[1])}}`).join(',') + '],"results":[]}}');
  return {name, cat, shape, fields};
}
const text = name => [name, 'text'];
const said = kind('said', 'guest', 'instant', [text('text')]);
const register = kind('type_register', 'qom', 'instant', [text('name'), text('parent')]);
const init = kind('type_initialize', 'qom', 'instant', [text('name')]);
const create = kind('object_new', 'qom', 'instant', [text('type'), text('object')]);
const child = kind('object_property_add_child', 'qom', 'instant', [text('object'), text('name'), text('child')]);
const unparent = kind('object_unparent', 'qom', 'instant', [text('child'), text('parent')]);
const console_ = kind('guest_console', 'guest', 'instant', [text('device'), text('text')]);
const checkpoint = kind('checkpoint', 'host', 'instant', [text('name')]);
const ran = kind('vcpu_run', 'vcpu', 'span', [text('reason')]);
const slot = kind('accel_set_slot', 'memory', 'instant', [text('slot'), text('mapped'), text('region'), text('start'), text('size')]);
const numbers = kind('numbers', 'host', 'instant', [['n', 'natural'], ['x', 'hex'], ['i', 'integer'], ['r', 'real'], ['b', 'boolean'], ['o', 'object']]);
const deep = kind('deep', 'host', 'span', [text('name')]);
const proto = kind('__proto__', 'host', 'instant', [['constructor', 'text']]);
function emit(k, args, par = 0, dur = 0.5) {
  time += 1; ++seq;
  const span = k.shape === 'span';
  span ? ++spans : ++instants;
  lines.push(`{"name":${q(k.name)},"cat":"${k.cat}","ph":"${span ? 'X' : 'i'}","pid":1,"tid":1,"ts":${time}.000,` +
      (span ? `"dur":${dur.toFixed(3)},` : '"s":"t",') + `"seq":${seq},"par":${par},"loc":${q('<b>&"\'</script>.cc:1')},"args":{` +
      args.map((v, i) => `"${k.fields[i][0]}":${v}`).join(',') + '}}');
  return seq;
}
for (const t of evil) {
  const s = q(t);
  emit(said, [s]); emit(register, [s, q('object')]); emit(register, [q('child of ' + t.slice(0, 40)), s]); emit(init, [s]); emit(create, [s, q(t + '#1')]);
  emit(child, [s, s, q(t + '#2')]); emit(unparent, [q(t + '#2'), s]); emit(console_, [s, s]); emit(checkpoint, [s]); emit(ran, [s]); emit(slot, [s, q('true'), s, s, s]);
  emit(proto, [s]);
}
const most = '18446744073709551615';
for (const n of ['0', '1', '9007199254740991', '9007199254740993', most])
  for (const i of ['0', '-1', '-9223372036854775808', '9223372036854775807'])
    for (const r of ['0', '-1.5', '1e+308', '5e-324', '"nan"', '"inf"']) emit(numbers, [n, '"0x' + BigInt(n).toString(16) + '"', i, r, 'true', q('kvm#1')]);
// Types and objects that hang below each other, and circles of them.
for (let i = 0; i < 10000; i++) { emit(register, [q('t' + i), q('t' + (i ? i - 1 : 9999))]); emit(child, [q('o#' + i), q('n' + i), q('o#' + (i + 1))]); }
emit(child, [q('o#10000'), q('round'), q('o#0')]); emit(child, [q('self#1'), q('self'), q('self#1')]);
for (let i = 0; i < 3000; i++) emit(checkpoint, [q('mark ' + i)]);
for (let i = 0; i < 100000; i++) emit(console_, [q('serial#1'), q('line ' + i)]);
for (let par = 0, i = 0; i < 10000; i++) par = emit(deep, [q('d' + i)], par, 30000 - 2 * i);
process.stdout.write('[\n' + [
  `{"name":"vitrine_trace","ph":"M","pid":1,"tid":0,"args":{"schema":1,"started":"2020-01-01T00:00:00.000Z","process":1,"spans":${spans},"instants":${instants},` +
      `"counters":0,"open":0,"lost":0,"unreadable":0,"metadata":{"argv":${q(evil[0])},"machine":${q(evil[1])}}}}`,
  '{"name":"process_name","ph":"M","pid":1,"tid":0,"args":{"name":"vitrine"}}',
  `{"name":"thread_name","ph":"M","pid":1,"tid":1,"args":{"name":${q(evil[2])}}}`,
  ...kinds, ...lines, '{"name":"trace_end","ph":"M","pid":1,"tid":0,"args":{"name":"end"}}'].join(',\n') + '\n]\n');
