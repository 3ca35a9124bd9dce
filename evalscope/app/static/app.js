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

async function poll(address) {
  const reply = await fetch(address);
  if (!reply.ok) return;
  const state = await reply.json();
  const isOver = document.querySelector("[data-scored]") ? !state.live : state.ready;
  if (isOver) {
    location.reload();
    return;
  }
  const scored = document.querySelector("[data-scored]");
  if (scored) scored.textContent = state.scored.toLocaleString("fr");
  const bar = document.querySelector("progress");
  if (bar) bar.value = Math.min(state.scored, bar.max);
  const indexed = document.querySelector("[data-indexed]");
  if (indexed) indexed.textContent = Math.round(100 * state.indexed);
  setTimeout(poll, EVERY_MS, address);
}

if (document.body.dataset.poll) setTimeout(poll, EVERY_MS, document.body.dataset.poll);
