// Small helps for every page. Nothing here is needed to read a page or to send a form.
(() => {
  "use strict";

  const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  // The token changes with each sign-in, perhaps in another tab: the cookie has the one of now.
  const token = () => document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1] ?? meta("csrf-token");
  const typing = (element) => element.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  // ---------- dialogs, sheets, menus ----------

  function open(id) {
    const part = document.getElementById(id);
    if (!part) return false;
    if (part instanceof HTMLDialogElement) {
      if (!part.open) part.showModal();
    } else {
      part.classList.add("open");
      part.opener = document.activeElement;
      part.querySelector("input, button, a")?.focus({ preventScroll: true });
    }
    return true;
  }

  function close(part) {
    if (part instanceof HTMLDialogElement) part.close();
    part.classList.remove("open");
    if (location.hash === `#${part.id}`) history.replaceState(null, "", location.pathname + location.search);
    part.opener?.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const target = event.target;
    const opener = target.closest("[data-open]");
    if (opener && open(opener.dataset.open)) event.preventDefault();
    const closer = target.closest("[data-close], .sheet .close, .scrim");
    if (closer) {
      const part = closer.closest("dialog, .sheet") ?? closer.nextElementSibling;
      if (part) { event.preventDefault(); close(part); }
    }
    // A click on the backdrop reaches the dialog itself.
    if (target instanceof HTMLDialogElement && target.open) target.close();
    for (const menu of all("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
    const dismiss = target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(".note, .banner").remove();
    if (target.closest("[data-print]")) window.print();
    const copier = target.closest("[data-copy]");
    if (copier) copy(copier);
    const step = target.closest("[data-stepper] button, button[data-step]");
    if (step) turn(step);
  });

  async function copy(button) {
    const words = button.querySelector("span") ?? button;
    const before = words.textContent;
    try {
      // The clipboard is closed to pages without TLS; the address bar still is not.
      await navigator.clipboard.writeText(button.dataset.copy || location.href);
      words.textContent = "已复制";
    } catch {
      words.textContent = button.dataset.copyFailed ?? "请从地址栏复制";
    }
    setTimeout(() => { words.textContent = before; }, 2000);
  }

  function turn(button) {
    const box = button.closest("[data-stepper]");
    const input = box?.querySelector("input");
    if (!input) return;
    const by = Number(button.dataset.step) || (button === box.querySelector("button") ? -1 : 1);
    const low = input.min === "" ? 0 : Number(input.min);
    const high = input.max === "" ? Infinity : Number(input.max);
    input.value = String(Math.min(Math.max((Number(input.value) || 0) + by, low), high));
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // ---------- keys ----------

  function listKeys() {
    const list = document.querySelector("#keys dl");
    if (!list) return;
    all("[data-listed]", list).forEach((part) => part.remove());
    for (const act of all("[data-key]")) {
      const term = document.createElement("dt");
      const words = document.createElement("dd");
      const key = document.createElement("kbd");
      key.textContent = act.dataset.key.toUpperCase();
      term.append(key);
      const clone = act.cloneNode(true);
      all("kbd, svg", clone).forEach((part) => part.remove());
      words.textContent = (act.getAttribute("aria-label") ?? clone.textContent).trim();
      term.dataset.listed = words.dataset.listed = "";
      list.append(term, words);
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      for (const menu of all("details.menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
      for (const sheet of all(".sheet.open, .sheet:target")) close(sheet);
      return;
    }
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") { listKeys(); open("keys"); event.preventDefault(); return; }
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) { search.focus(); search.select(); event.preventDefault(); }
      return;
    }
    const act = all("[data-key]").find((part) => part.dataset.key.toLowerCase() === event.key.toLowerCase() && part.checkVisibility());
    if (act && !act.disabled) { event.preventDefault(); act.click(); }
  });
  document.querySelector("[data-open=keys]")?.addEventListener("click", listKeys);

  // ---------- one act, once ----------

  const buttonsOf = (form) => [...form.elements].filter((part) => part.type === "submit");

  function release(form) {
    delete form.dataset.sent;
    for (const button of buttonsOf(form)) if (button.dataset.held) { button.disabled = false; delete button.dataset.held; }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.elements.csrfmiddlewaretoken) form.elements.csrfmiddlewaretoken.value = token();
    // A draft opens in a page of its own: nothing is done by it, and this page stays as it is.
    if (form.dataset.again !== undefined || event.submitter?.formTarget === "_blank") return;
    if (form.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    form.dataset.sent = "1";
    keep(form);
    // After this event, so that the pressed button's name and value still travel.
    setTimeout(() => {
      for (const button of buttonsOf(form)) if (!button.disabled) { button.disabled = true; button.dataset.held = "1"; }
    });
  });
  addEventListener("pageshow", (event) => { if (event.persisted) all("form[data-sent]").forEach(release); });

  // A file that opens in a page of its own takes a moment: this page says so until one comes back to it.
  document.addEventListener("submit", ({ target, defaultPrevented }) => {
    const said = target.target === "_blank" && !defaultPrevented && target.querySelector("[data-busy]");
    if (said) said.hidden = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) for (const said of all("[data-busy]")) said.hidden = true;
  });

  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.matches("[data-submit]")) target.form?.requestSubmit();
    const list = target.closest("[data-select]");
    if (list) choose(list, target);
  });

  // ---------- rows to choose ----------

  function choose(list, target) {
    const boxes = all('input[type=checkbox][name="ids"]', list);
    const every = list.querySelector("[data-select-all]");
    if (target && target === every) for (const box of boxes) if (!box.disabled) box.checked = every.checked;
    const count = boxes.filter((box) => box.checked).length;
    if (every) { every.checked = count > 0 && count === boxes.length; every.indeterminate = count > 0 && count < boxes.length; }
    for (const bar of all("[data-select-bar]", list)) bar.hidden = !count;
    for (const words of all("[data-select-count]", list)) words.textContent = String(count);
  }

  document.addEventListener("click", (event) => {
    const none = event.target.closest("[data-select-none]");
    if (!none) return;
    event.preventDefault();
    const list = none.closest("[data-select]");
    all('input[name="ids"]', list).forEach((box) => { box.checked = false; });
    choose(list);
  });

  // ---------- a session that ended, or a rule that said no, while somebody typed ----------

  // A sent form stays in this tab until a page answers it. When the answer is the sign-in page or a refusal, the form is
  // filled again for the same person: words and choices only, never passwords, files, signatures, or what the server
  // marks as personal (lib/forms.py): telephones and whoever complained lie in no storage.
  const TYPED = "typed";
  const WAITING = 3_600_000;
  const here = () => location.pathname + location.search;
  const storage = (act) => { try { return act(sessionStorage); } catch { return null; } };

  function keep(form) {
    // A page that asks who one is stands between the form and its answer.
    if (!meta("person") || form.querySelector("input[type=password]") || document.querySelector("[data-keep-typed]")) return;
    const written = [...form.elements].filter((part) => part.name && part.dataset.personal === undefined && !["hidden", "file", "submit"].includes(part.type));
    const names = new Set(written.map((part) => part.name));
    const values = [...new FormData(form)].filter(([name, value]) => names.has(name) && typeof value === "string");
    const kept = { person: meta("person"), page: here(), form: [...document.forms].indexOf(form), values };
    storage((store) => (values.length ? store.setItem(TYPED, JSON.stringify(kept)) : store.removeItem(TYPED)));
  }

  function restore() {
    let kept = null;
    try { kept = JSON.parse(storage((store) => store.getItem(TYPED)) ?? "null"); } catch { /* not of this page's making */ }
    if (!kept || !Array.isArray(kept.values)) return;
    if (!meta("person") || document.querySelector("[data-keep-typed]")) {
      storage((store) => store.setItem(TYPED, JSON.stringify({ at: Date.now(), ...kept, lost: true })));
      return;
    }
    // Whoever cancels comes to another page first: the words wait for theirs.
    if (kept.lost && kept.person === meta("person") && kept.page !== here() && Date.now() - kept.at < WAITING) return;
    storage((store) => store.removeItem(TYPED));
    const form = document.forms[kept.form];
    if (!kept.lost || kept.person !== meta("person") || kept.page !== here() || !form) return;
    fill(form, kept.values);
    const dialog = form.closest("dialog");
    if (dialog?.id) open(dialog.id);
    document.getElementById("restored").hidden = false;
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function fill(form, values) {
    for (const part of form.elements) {
      if (!part.name || ["hidden", "file", "submit", "password"].includes(part.type)) continue;
      const own = values.filter(([name]) => name === part.name).map(([, value]) => value);
      if (["checkbox", "radio"].includes(part.type)) part.checked = own.includes(part.value);
      else if (own.length) part.value = own[0];
    }
  }
  // Not before htmx has read the page: a form may redraw a part of it from what it holds.
  addEventListener("load", restore);

  // ---------- answers of a visit that wait on this device (inspection.js) ----------

  // A telephone changes hands, and a visit is concluded long before: what nobody came back for ends, whosever it is.
  const DAYS = 30;
  const isWaiting = (name) => name.startsWith("inspection:");

  function expire(store, now) {
    for (const name of Object.keys(store).filter(isWaiting)) {
      let answers;
      try { answers = Object.entries(JSON.parse(store.getItem(name)) ?? {}); } catch { answers = []; }
      const young = answers.map(([code, answer]) => [code, { at: now, ...answer }]).filter(([, answer]) => now - answer.at < DAYS * 86_400_000);
      if (young.length) store.setItem(name, JSON.stringify(Object.fromEntries(young))); else store.removeItem(name);
    }
  }
  try { expire(localStorage, Date.now()); } catch { /* closed: nothing waits there */ }

  // ---------- htmx ----------

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb === "get") return;
    event.detail.headers["X-CSRFToken"] = token();
    if (event.detail.parameters.csrfmiddlewaretoken) event.detail.parameters.csrfmiddlewaretoken = token();
  });

  // A redirect to the sign-in page arrives as that page: show a banner instead and keep what was typed.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const login = meta("login-url");
    const address = event.detail.xhr.responseURL;
    if (!login || !address || new URL(address).pathname !== login) return;
    event.detail.shouldSwap = false;
    const banner = document.getElementById("session-ended");
    if (banner) { banner.hidden = false; banner.scrollIntoView({ block: "nearest" }); }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "refusal") open("refusal-dialog");
    greet(event.detail.target);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest?.("form");
    if (form) release(form);
  });
  const unreached = () => { const banner = document.getElementById("offline"); if (banner) banner.hidden = false; };
  const reached = () => { const banner = document.getElementById("offline"); if (banner) banner.hidden = true; };
  document.addEventListener("htmx:sendError", unreached);
  addEventListener("offline", unreached);
  addEventListener("online", reached);

  // ---------- a session nobody uses ----------

  // Another tab may keep the session: the server knows, and being asked is no click.
  const idle = document.getElementById("idle");
  const WARN = 120;
  let ending = null;

  async function left(stay) {
    const headers = stay ? { "X-CSRFToken": token() } : { "X-Poll": "1" };
    const response = await fetch(idle.dataset.session, { method: stay ? "POST" : "GET", headers, redirect: "manual" });
    return response.ok ? (await response.json()).seconds : 0;
  }

  function watch(seconds) {
    clearTimeout(ending);
    ending = setTimeout(look, Math.max(seconds - WARN, 1) * 1000);
  }

  async function look() {
    let seconds;
    try { seconds = await left(false); } catch { watch(WARN + 30); return; }
    if (seconds > WARN) { idle.close(); watch(seconds); return; }
    if (seconds <= 0) { idle.close(); const banner = document.getElementById("session-ended"); if (banner) banner.hidden = false; return; }
    idle.querySelector("[data-left]").textContent = seconds > 90 ? "约 2 分钟" : seconds > 45 ? "约 1 分钟" : `${seconds} 秒`;
    if (!idle.open) idle.showModal();
    ending = setTimeout(look, Math.min(seconds, 15) * 1000);
  }

  if (idle) {
    watch(Number(meta("idle-seconds")));
    idle.querySelector("[data-stay]").addEventListener("click", async () => {
      idle.close();
      try { watch(await left(true)); } catch { watch(WARN + 15); }
    });
    // Every answer of the server to this page was a click.
    document.addEventListener("htmx:afterRequest", () => watch(Number(meta("idle-seconds"))));
    document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  }

  // Signing out clears what the browser keeps of the product, unless answers of an inspection still wait to be sent.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.action?.endsWith("/logout/")) return;
    const waiting = storage(() => Object.keys(localStorage).some(isWaiting)) ?? true;
    if (waiting || form.elements.clean) return;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "clean", value: "1" });
    form.append(field);
  }, { capture: true });

  // ---------- on arrival ----------

  function greet(within) {
    within.querySelector?.("[data-focus]")?.focus();
    for (const list of all("[data-select]", within)) choose(list);
  }
  greet(document);
  const asked = location.hash.slice(1);
  if (document.getElementById(asked) instanceof HTMLDialogElement) open(asked);
})();
