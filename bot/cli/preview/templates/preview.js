"use strict";

// Filters what is shown. Without it the page shows everything; the widths need no script.

const controls = document.getElementById("controls");
const found = document.getElementById("found");
const screens = [...document.querySelectorAll(".screen")];
const entries = [...document.querySelectorAll(".entry")].map((entry) => ({
  entry,
  kind: entry.dataset.kind,
  is: entry.dataset.is.split(" "),
  words: plain(`${entry.textContent} ${entry.closest(".screen").querySelector("h2").textContent}`),
}));

// Whatever is typed with or without accents finds the same.
function plain(words) {
  return words.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/\s+/g, " ");
}

function show() {
  const { find, kind, only } = Object.fromEntries(new FormData(controls));
  const wanted = plain(find).trim();
  let count = 0;
  for (const each of entries) {
    const fits = (!kind || each.kind === kind) && (!only || each.is.includes(only)) && each.words.includes(wanted);
    each.entry.hidden = !fits;
    count += fits;
  }
  for (const screen of screens) screen.hidden = !screen.querySelector(".entry:not([hidden])");
  found.textContent = count === entries.length ? `All ${count} messages` : `${count} of ${entries.length} messages`;
}

// The choices stand in the address, so that they are there again after a reload.
function keep() {
  const chosen = [...new FormData(controls)].filter(([, value]) => value);
  history.replaceState(null, "", `#${new URLSearchParams(chosen)}`);
}

function restore() {
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    const field = controls.elements[name];
    if (field) field.value = value;
  }
}

for (const part of document.querySelectorAll(".live")) part.hidden = false;
restore();
show();
controls.addEventListener("input", () => { show(); keep(); });
controls.addEventListener("submit", (event) => event.preventDefault());
