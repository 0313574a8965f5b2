// A run that goes on: its steps come as they happen, and numbers about the whole. The
// page follows the newest step until somebody goes elsewhere; End follows again.
{
  let following = true, fresh = 0, ended = false, status = null;
  Object.assign(zh, {live: "运行中", live_end: "已结束", live_lost: "连接已断开", of_phases: "阶段 {0}/{1}", exits_s: "每秒退出 {0} 次,共 {1} 次", events: "{0} 个事件", only_first: "只显示前 {0} 步"});
  Object.assign(en, {live: "running", live_end: "ended", live_lost: "connection lost", of_phases: "phase {0} of {1}", exits_s: "{0} exits per second, {1} in all", events: "{0} events", only_first: "the first {0} steps are shown"});
  const state = el("span"), bar = document.createElement("progress"), numbers = el("span");
  let word = "live";
  bar.setAttribute("aria-label", "phases");
  $("banner").replaceChildren(state, " · ", bar, " ", numbers);
  $("banner").hidden = false;
  function paintStatus() {
    state.textContent = tr(word) + (ended && status?.end ? ": " + status.end : "");
    if (!status) return;
    bar.max = status.of; bar.value = status.reached;
    const open = status.phases.filter(p => p.open).map(p => p.name).join(", ");
    const reasons = Object.entries(status.exits).sort((a, b) => b[1].total - a[1].total).slice(0, 5).map(([r, e]) => r + " " + Math.round(e.per_second) + "/s");
    numbers.textContent = [tr("of_phases", status.reached, status.of) + (open ? " " + open : ""), status.seconds.toFixed(1) + " s",
      tr("exits_s", Math.round(status.exits_per_second), status.all_exits) + (reasons.length ? " (" + reasons.join(", ") + ")" : ""),
      tr("events", status.events) + (steps.count >= about.most ? ", " + tr("only_first", steps.count) : "")].join(" · ");
  }
  const plainLanguage = language;
  language = code => { plainLanguage(code); paintStatus(); };
  $("lang").onclick = () => language(document.documentElement.lang === "zh" ? "en" : "zh");
  // Whoever goes to a step stays there; going to the last one is following.
  const plainGo = go;
  go = (i, quiet) => { plainGo(i, quiet); following = now >= steps.count - 1; };

  function drawFresh() {
    fresh = 0;
    grow();
    if (following) { plainGo(steps.count - 1, true); } else { plainGo(now, true); }
  }
  const feed = new EventSource("events");
  feed.addEventListener("steps", message => {
    const part = JSON.parse(message.data);
    for (const [tid, name] of part.threads) threads.set(tid, name);
    steps.add(part);
    fresh ||= setTimeout(drawFresh, 100);
  });
  feed.addEventListener("status", message => { status = JSON.parse(message.data); paintStatus(); });
  feed.addEventListener("end", () => { ended = true; word = "live_end"; feed.close(); paintStatus(); });
  feed.onerror = () => { if (!ended) { feed.close(); word = "live_lost"; paintStatus(); } };
  paintStatus();
}
