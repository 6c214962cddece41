// The public page of a paper: hashes the chosen or dropped file here, so that only its SHA-256 leaves the device.
// Without it, or without TLS (which crypto.subtle wants), the form sends the file itself.
(() => {
  "use strict";
  const form = document.querySelector("form[data-verify]");
  if (!form || !window.crypto?.subtle) return;
  const input = form.elements.file;
  const verdict = form.querySelector("[data-verdict]");
  const help = form.querySelector("[data-verify-help]");
  const zone = form.closest(".panel");
  let last = 0;

  help.textContent = help.dataset.verifyHelp;

  function say(words) {
    const note = document.createElement("p");
    note.className = "note is-amber mb-0";
    note.textContent = words;
    verdict.replaceChildren(note);
  }

  async function hash(file) {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function ask(file) {
    const turn = ++last;
    say("正在核对…");
    let sha256;
    try {
      sha256 = await hash(file);
    } catch {
      say("文件读不出来，请重新选择。");
      return;
    }
    try {
      const answer = await fetch(location.pathname, {
        method: "POST", body: new URLSearchParams({ sha256 }), headers: { "HX-Request": "true" },
      });
      if (answer.status === 429) { say("短时间内核对次数过多，请过几分钟再核对。"); return; }
      if (!answer.headers.get("Content-Type")?.startsWith("text/html") || answer.status >= 500 || answer.status === 404) throw new Error();
      const html = await answer.text();
      // An answer to a file that was replaced in the meantime says nothing about this one.
      if (turn === last) verdict.innerHTML = html;
    } catch {
      if (turn === last) say("没有连上，请检查网络后再核对。");
    }
    if (turn === last) verdict.scrollIntoView({ block: "nearest" });
  }

  input.addEventListener("change", () => { if (input.files[0]) ask(input.files[0]); });
  form.addEventListener("submit", (event) => {
    if (!input.files[0]) return;
    event.preventDefault();
    ask(input.files[0]);
  });

  // Dropped beside the page, a file would be opened instead of it.
  for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
  zone.addEventListener("dragover", () => form.classList.add("over"));
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => form.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    ask(input.files[0]);
  });
})();
