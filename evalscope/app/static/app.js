// Steps through samples by keys, saves charts as pictures, and renews pages of what is being written.
"use strict";

function typing(event) {
  return event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (typing(event) || (event.key !== "j" && event.key !== "k")) return;
  const rows = [...document.querySelectorAll("[data-step]")];
  if (rows.length) {
    const at = rows.indexOf(document.activeElement);
    const next = event.key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0);
    rows[next].focus();
    return;
  }
  const link = document.querySelector(event.key === "j" ? "a[rel=next]" : "a[rel=prev]");
  if (link) location.assign(link.href);
});

const SCALE = 2;

function savePicture(button) {
  const picture = new Image();
  picture.addEventListener("load", () => {
    const canvas = document.createElement("canvas");
    canvas.width = SCALE * picture.naturalWidth;
    canvas.height = SCALE * picture.naturalHeight;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${button.dataset.name}.png`;
      link.click();
      URL.revokeObjectURL(link.href);
    }, "image/png");
  });
  picture.src = button.dataset.png;
}

for (const button of document.querySelectorAll("[data-png]")) {
  button.hidden = false;
  button.addEventListener("click", () => savePicture(button));
}

const EVERY_MS = 2000;

function renew(one, scored) {
  for (const counted of one.querySelectorAll("[data-scored]")) counted.textContent = scored.toLocaleString("fr");
  for (const bar of one.querySelectorAll("progress")) bar.value = Math.min(scored, bar.max);
}

async function poll(one) {
  const reply = await fetch(one.dataset.poll);
  if (!reply.ok) return;
  const state = await reply.json();
  const indexed = one.querySelector("[data-indexed]");
  const parts = [...one.querySelectorAll("[data-dataset]")];
  const isOver = indexed ? state.ready : !state.live;
  if (isOver || (parts.length && parts.length < Object.keys(state.datasets).length)) {
    location.reload();
    return;
  }
  if (indexed) indexed.textContent = Math.round(100 * state.indexed);
  else renew(one, state.scored);
  for (const part of parts) renew(part, state.datasets[part.dataset.dataset] ?? 0);
  setTimeout(poll, EVERY_MS, one);
}

for (const one of document.querySelectorAll("[data-poll]")) setTimeout(poll, EVERY_MS, one);
