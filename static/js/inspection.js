// The sheet at the door. An answer is kept on the device until the server has it: a lost network or an ended session
// costs nothing, and sending one twice changes nothing, because a row holds one answer.
(() => {
  "use strict";
  const visit = document.querySelector("[data-visit]");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // ---------- the opened catalogue entry ----------

  function label(form) {
    const button = document.querySelector("[data-adopt]");
    const words = form.elements.words?.value.trim();
    const shown = form.querySelector("[data-words]");
    if (shown && words) shown.textContent = words;
    if (!button || !button.textContent.startsWith("采用")) return;
    const mode = form.elements.mode?.value;
    const period = button.dataset.urged !== undefined ? "，督促整改" : mode === "NOW" ? "，立即改正" : mode === "LIMIT" && form.elements.days.value ? `，限期 ${form.elements.days.value} 天` : "";
    button.textContent = `采用 ${button.dataset.adopt}${period}`;
  }
  document.addEventListener("input", (event) => { if (event.target.form?.id === "entry") label(event.target.form); });
  const entry = () => { const form = document.getElementById("entry"); if (form) label(form); };
  document.addEventListener("htmx:afterSettle", entry);
  entry();
  if (!visit) return;

  // A sheet that has just opened takes the focus: what is wrong in it, else its title on a phone (an input would bring
  // the keyboard up over it) and the first blank at a desk.
  function enter() {
    const sheet = document.querySelector("#sheet.open");
    if (!sheet || sheet.contains(document.activeElement)) return;
    const blank = matchMedia("(min-width: 992px)").matches ? sheet.querySelector("#id_place") : null;
    (sheet.querySelector("[data-focus]") ?? blank ?? sheet.querySelector("h2")).focus({ preventScroll: true });
  }
  for (const came of ["htmx:afterSwap", "htmx:oobAfterSwap"]) {
    document.addEventListener(came, (event) => { if (event.detail.target.id === "sheet") enter(); });
  }

  // ---------- groups ----------

  function show(code, scroll) {
    const part = document.querySelector(`[data-group="${code}"]`);
    if (!part) return;
    for (const group of all("[data-group]")) group.hidden = group !== part;
    for (const tab of all(".tabs [data-tab]")) {
      tab.classList.toggle("on", tab.dataset.tab === code);
      if (tab.dataset.tab === code) { tab.setAttribute("aria-current", "true"); tab.scrollIntoView({ block: "nearest", inline: "center" }); }
      else tab.removeAttribute("aria-current");
    }
    if (!scroll) return;
    history.replaceState(null, "", `?group=${code}`);
    scrollTo(0, 0);
  }
  const current = () => document.querySelector("[data-group]:not([hidden])")?.dataset.group;
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tab]");
    if (!tab || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(tab.dataset.tab, true);
  });
  // The counts come anew with each answer and may name the group of an answer that was sent late.
  document.addEventListener("htmx:oobAfterSwap", (event) => { if (event.detail.target.id === "progress") show(current(), false); });
  if (location.hash.startsWith("#item-")) show(document.querySelector(location.hash)?.closest("[data-group]")?.dataset.group, false);

  // ---------- answers ----------

  const key = `inspection:${visit.dataset.visit}:${visit.dataset.user}`;
  const banner = document.getElementById("unsent");
  const login = document.querySelector('meta[name="login-url"]')?.content;
  const formOf = (code) => document.querySelector(`form[data-answer="${CSS.escape(code)}"]`);
  const flying = new Map();
  let pressed = "";
  const waiting = read();
  let why = "";

  // A map, as whatever stands in the storage names its keys itself: in an object `__proto__` would be another thing.
  function read() {
    let stored;
    try { stored = Object.entries(JSON.parse(localStorage.getItem(key)) ?? {}); } catch { stored = []; }
    return new Map(stored.filter(([code, answer]) => formOf(code) && typeof answer?.value === "string" && typeof answer.note === "string"));
  }
  function keep() {
    try {
      if (waiting.size) localStorage.setItem(key, JSON.stringify(Object.fromEntries(waiting))); else localStorage.removeItem(key);
    } catch { /* a full or closed storage: the answers still wait in this page */ }
  }
  function tell() {
    banner.hidden = !waiting.size || !why;
    banner.querySelector("[data-unsent-count]").textContent = String(waiting.size);
    banner.querySelector("[data-unsent-why]").textContent = why;
    banner.querySelector("[data-unsent-login]").hidden = !why.startsWith("登录");
  }
  function note(form) {
    const data = new FormData(form);
    waiting.set(form.dataset.answer, {
      value: data.get("value") ?? "", note: data.get("note") ?? "", turn: crypto.getRandomValues(new Uint32Array(1))[0], at: Date.now(),
    });
    keep();
  }
  function put(form) {
    note(form);
    pump(form.dataset.answer);
  }
  // A row is not replaced while somebody writes in it.
  const inHand = (code) => document.activeElement?.name === "note" && document.activeElement.form === formOf(code);
  function restore(code) {
    const form = formOf(code);
    const answer = waiting.get(code);
    if (!form || !answer) return;
    for (const radio of all('input[name="value"]', form)) radio.checked = radio.value === answer.value;
    if (form.elements.note) form.elements.note.value = answer.note;
    const chosen = form.querySelector("input:checked");
    form.closest(".check").classList.toggle("is-bad", Boolean(chosen?.closest(".bad")));
  }
  function pump(code) {
    const form = formOf(code);
    if (!form) { waiting.delete(code); keep(); tell(); return; }
    // One at a time: the counts that come back with an answer are those of all before it.
    if (flying.size) return;
    window.htmx?.trigger(form, "save-answer");
  }
  function flush() {
    for (const code of waiting.keys()) if (!inHand(code)) restore(code);
    next();
    tell();
  }
  function next() {
    const code = [...waiting.keys()].find((each) => !inHand(each));
    if (code) pump(code);
  }

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (!form?.dataset.answer) return;
    // So that the row turns red at once, network or not.
    form.closest(".check").classList.toggle("is-bad", Boolean(form.querySelector(".bad input:checked")));
    pressed = ""; // the tap has done its work: what comes back, the sheet of hazards with it, is welcome
    put(form);
  });
  // Words are kept letter by letter and sent when they are finished.
  document.addEventListener("input", (event) => { if (event.target.name === "note" && event.target.form?.dataset.answer) note(event.target.form); });
  // Enter in a note saves it; the page itself is not sent.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-answer]");
    if (form) { event.preventDefault(); event.stopImmediatePropagation(); put(form); }
  }, true);

  document.addEventListener("htmx:configRequest", (event) => {
    const detail = event.detail;
    if (detail.verb === "get") return;
    detail.parameters.as = visit.dataset.user;
    const code = detail.elt.dataset?.answer;
    const answer = waiting.get(code);
    if (!answer) return;
    flying.set(code, answer.turn);
    detail.parameters.value = answer.value;
    detail.parameters.note = answer.note;
  });

  function reason(xhr) {
    if (!xhr.status) return "网络已断开，恢复后自动再送。";
    if (xhr.responseURL && login && new URL(xhr.responseURL).pathname === login) return "登录已过期，重新登录后自动再送。";
    if (xhr.status === 403) return "登录已变化，请重新登录。";
    return "服务器没有收下，稍后自动再送。";
  }
  const arrived = (xhr) => xhr.status === 200 && !(xhr.responseURL && login && new URL(xhr.responseURL).pathname === login);

  // Before the swap, while the row that was sent is still in the page.
  document.addEventListener("htmx:beforeOnLoad", (event) => land(event.detail));
  for (const lost of ["htmx:sendError", "htmx:timeout", "htmx:sendAbort", "htmx:abort"]) document.addEventListener(lost, (event) => land(event.detail));

  function land({ elt, xhr }) {
    const code = elt.dataset?.answer;
    if (!code || !flying.has(code)) return;
    const turn = flying.get(code);
    flying.delete(code);
    if (arrived(xhr) || xhr.status === 409) {
      // 409: the rules say no, and the page shows why; sending it again would not help.
      if (waiting.get(code)?.turn === turn) waiting.delete(code);
      why = "";
      setTimeout(next, 60); // after the row that came back has settled
    } else why = reason(xhr);
    keep();
    tell();
  }
  // A row under the finger stays in the page: one that is replaced between press and release loses the tap. Its answer
  // is sent again after the release, and that brings the row and the counts.
  const stale = new Set();
  let release;
  document.addEventListener("pointerdown", (event) => {
    clearTimeout(release); // of the tap before: it would let go of the row that this finger holds
    pressed = event.target.closest("[data-answer]")?.dataset.answer ?? "";
  });
  for (const released of ["pointerup", "pointercancel"]) {
    document.addEventListener(released, () => {
      clearTimeout(release);
      release = setTimeout(() => {
        pressed = "";
        for (const code of stale) if (formOf(code)) put(formOf(code));
        stale.clear();
      }, 100); // a touch is a click a little later
    });
  }
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const code = detail.requestConfig.elt.dataset?.answer;
    if (!code || code !== pressed) return;
    detail.shouldSwap = false;
    stale.add(code);
  });
  // A row that came back may have been answered anew in the meantime: it shows the newer answer from its first moment.
  for (const came of ["htmx:afterSwap", "htmx:oobAfterSwap"]) {
    document.addEventListener(came, () => { for (const code of waiting.keys()) if (!inHand(code)) restore(code); });
  }
  document.addEventListener("htmx:afterSettle", () => { if (!why) next(); });

  banner.querySelector("[data-unsent-retry]").addEventListener("click", flush);
  addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
  setInterval(() => { if (waiting.size) flush(); }, 20_000);
  keep(); // what belongs to no row of this sheet ends here
  // htmx takes hold of the page when it is read; what waited since the last visit is sent after that.
  if (document.readyState === "complete") flush(); else addEventListener("load", flush);
})();
