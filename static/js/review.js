// The review page: the return button counts its remarks, and does not send a return without one.
(() => {
  "use strict";
  const form = document.getElementById("return-form");
  if (!form) return;
  const words = () => [...form.querySelectorAll("textarea")].filter((part) => part.value.trim()).length;
  const adopted = () => document.querySelectorAll("input[name=adopt]:checked").length;
  const shown = document.querySelector("[data-return-count]");

  function count() {
    const sum = words() + adopted();
    if (shown) shown.textContent = sum ? `${sum} 条意见 ` : "";
    return sum;
  }

  document.addEventListener("input", count);
  document.addEventListener("change", count);
  form.addEventListener("submit", (event) => {
    if (count()) return;
    event.preventDefault();
    form.querySelector("select").focus();
  });
  count();
})();
