// The scheme page: the sum of the weights as they are typed, in hundredths so that it is exact.
(() => {
  "use strict";
  const form = document.querySelector("[data-scheme]");
  const shown = form?.querySelector("[data-sum]");
  if (!shown) return;
  form.addEventListener("input", () => {
    const sum = [...form.querySelectorAll("[data-weight]")].reduce((all, part) => all + Math.round((Number(part.value) || 0) * 100), 0);
    shown.textContent = String(sum / 100);
    shown.className = sum === 10000 ? "" : "red";
  });
})();
