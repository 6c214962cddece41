// Signatures as vector strokes: {"width", "height", "strokes": [[[x, y, t], …], …]} in the hidden input named by data-signature.
(() => {
  "use strict";
  const { SignaturePad } = window;

  const INK = "#18212d";

  function pack(pad, canvas) {
    if (pad.isEmpty()) return "";
    const groups = pad.toData();
    const start = groups[0].points[0].time;
    const strokes = groups.map(({ points }) => points.map(({ x, y, time }) => [Math.round(x), Math.round(y), Math.round(time - start)]));
    return JSON.stringify({ width: canvas.clientWidth, height: canvas.clientHeight, strokes });
  }

  function unpack(value, canvas) {
    const { width, height, strokes } = JSON.parse(value);
    // The screen may have been turned since: fit the strokes into the pad as it is now.
    const scale = Math.min(canvas.clientWidth / width, canvas.clientHeight / height);
    return strokes.map((points) => ({
      penColor: INK, dotSize: 0, minWidth: 1, maxWidth: 2.6, velocityFilterWeight: 0.7, compositeOperation: "source-over",
      points: points.map(([x, y, time]) => ({ x: x * scale, y: y * scale, time, pressure: 0.5 })),
    }));
  }

  function start(box) {
    const input = document.getElementById(box.dataset.signature);
    if (!input || box.querySelector("canvas")) return;
    const hint = document.createElement("span");
    hint.textContent = box.textContent.trim() || "请在这里签名";
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-label", box.getAttribute("aria-label") ?? "签名区");
    canvas.setAttribute("role", "img");
    box.replaceChildren(hint, canvas);
    const pad = new SignaturePad(canvas, { penColor: INK, minWidth: 1, maxWidth: 2.6 });
    const sign = box.closest(".sign");
    const note = sign?.querySelector("[data-signature-note]");

    const show = () => { hint.hidden = !pad.isEmpty(); sign?.classList.toggle("is-wait", pad.isEmpty()); };
    const keep = () => {
      input.value = pack(pad, canvas);
      show();
      if (note) note.textContent = pad.isEmpty() ? "" : "已签，保存后生效";
      input.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const fit = () => {
      const ratio = Math.max(window.devicePixelRatio || 1, 1);
      const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
      if (!width || (canvas.width === width && canvas.height === height)) return;
      canvas.width = width;
      canvas.height = height;
      canvas.getContext("2d").scale(ratio, ratio);
      if (input.value) pad.fromData(unpack(input.value, canvas)); else pad.clear();
      show();
    };
    pad.addEventListener("beginStroke", () => {
      // The pad keeps the focus where it was: what was typed last would count as changed after the stroke, and take it back.
      if (document.activeElement !== document.body) document.activeElement?.blur();
      hint.hidden = true;
    });
    pad.addEventListener("endStroke", keep);
    sign?.querySelector("[data-signature-clear]")?.addEventListener("click", (event) => { event.preventDefault(); pad.clear(); keep(); });
    new ResizeObserver(fit).observe(canvas);
    fit();
  }

  // Where it is signed, if whoever holds the screen asks for it and the browser agrees: four decimals, about ten metres.
  function locate(button) {
    const [latitude, longitude] = button.dataset.locate.split(" ").map((id) => document.getElementById(id));
    const note = button.parentElement.querySelector("[data-locate-note]");
    if (!button.hidden || !window.isSecureContext || !("geolocation" in navigator)) return;
    button.hidden = false;
    const got = ({ coords }) => {
      latitude.value = coords.latitude.toFixed(4);
      longitude.value = coords.longitude.toFixed(4);
      note.textContent = `已附定位 ${latitude.value}，${longitude.value}`;
    };
    const failed = () => { note.textContent = "没有取得定位，按填写的地点记录"; };
    button.addEventListener("click", () => {
      note.textContent = "正在定位";
      navigator.geolocation.getCurrentPosition(got, failed, { enableHighAccuracy: true, timeout: 10000 });
    });
  }

  // What is signed is what stands on the screen: a change of it takes the drawn names back.
  document.addEventListener("change", ({ target }) => {
    if (!target.closest("[data-signed-over]")) return;
    // A photograph that was signed over and sent, and which no browser sends again by itself: chosen again, once.
    const restores = target.closest("[data-restores]");
    if (restores) { restores.removeAttribute("data-restores"); return; }
    document.querySelectorAll(".sign:not(.is-wait)").forEach((sign) => {
      sign.querySelector("[data-signature-clear]")?.click();
      const note = sign.querySelector("[data-signature-note]");
      if (note) note.textContent = "内容有改动，请重新签名";
    });
  });

  const startAll = (within) => {
    within.querySelectorAll("[data-signature]").forEach(start);
    within.querySelectorAll("[data-locate]").forEach(locate);
  };
  startAll(document);
  document.addEventListener("htmx:load", (event) => startAll(event.detail.elt));
})();
