// Filters the samples, steps through them by keys, and speaks the reader's language.
"use strict";

const samples = [...document.querySelectorAll(".sample")];
const filters = document.querySelector(".filters");

function choose() {
  const wanted = filters.elements.q.value.trim().toLowerCase();
  const of = filters.elements.of.value, outcome = filters.elements.outcome.value;
  let shown = 0;
  for (const one of samples) {
    const isWanted = (!of || one.dataset.of === of) && (!outcome || one.dataset.outcome === outcome)
      && (!wanted || one.textContent.toLowerCase().includes(wanted));
    one.hidden = !isWanted;
    shown += isWanted;
  }
  for (const group of document.querySelectorAll(".of")) {
    group.hidden = !group.querySelector(".sample:not([hidden])");
    group.open = !group.hidden;
  }
  document.querySelector("[data-shown]").textContent = shown;
  document.querySelector("[data-none]").hidden = shown > 0;
}

function show(one) {
  one.closest(".of").open = true;
  one.open = true;
  one.firstElementChild.focus({ preventScroll: true });
  one.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const shown = samples.filter((one) => !one.hidden);
  if (!shown.length) return;
  const at = shown.findIndex((one) => one.contains(document.activeElement));
  const next = shown[Math.max(0, Math.min(at + by, shown.length - 1))];
  if (at >= 0) shown[at].open = false;
  show(next);
  history.replaceState(null, "", `#${next.id}`);
}

if (filters) {
  filters.hidden = false;
  filters.addEventListener("input", choose);
  filters.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select")) return;
    if (event.key === "j") step(1);
    if (event.key === "k") step(-1);
  });
  const linked = samples.find((one) => `#${one.id}` === location.hash);
  if (linked) show(linked);
}

if (navigator.language.toLowerCase().startsWith("zh")) document.getElementById("zh").checked = true;
