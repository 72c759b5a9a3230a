// Makes the page live. Without this file the same page works by plain forms.
//
// Every answer of the server is the whole page; only what differs is redrawn, so that a screen
// reader hears what is new and nothing else. Nothing is kept in the browser's storage.
"use strict";

const TRIES = { first: 2_000, longest: 30_000, timeout: 20_000, slow: 4_000 };
const at = (id) => document.getElementById(id);

let sending = false;
let stream = null;
let latest = null; // the newest version the stream told of

document.documentElement.dataset.live = "yes";

// ---------------------------------------------------------------- sending

document.addEventListener("submit", (event) => {
  const form = event.target;
  event.preventDefault();
  if (sending) return;
  const said = new URLSearchParams(new FormData(form));
  if (event.submitter?.name) said.set(event.submitter.name, event.submitter.value);
  send(said);
});

async function send(said) {
  const pressed = said.has("choice");
  sending = true;
  mark("sending");
  const page = await deliver(said);
  sending = false;
  mark(null);
  if (!page.getElementById("log")) {
    const told = [...page.querySelectorAll("#problem h1, #problem .hint")];
    say("failed", told.map((part) => part.textContent).join(". "));
    return;
  }
  const refused = page.getElementById("notice").textContent.trim() !== "";
  if (!pressed && !refused && at("text").value.trim() === said.get("text").trim()) {
    at("text").value = "";
  }
  draw(page);
  say(null);
  if (refused) return;
  show(pressed);
  if (latest && latest !== at("log").dataset.version) refresh();
  else listen();
}

// Send until it arrives. The form's "turn" lets the server know a repeat when it sees one.
async function deliver(said) {
  let renewed = false;
  for (let wait = TRIES.first; ; wait = Math.min(wait * 2, TRIES.longest)) {
    say("sending");
    const slow = setTimeout(() => say("slow"), TRIES.slow);
    try {
      const { status, page } = await load({ method: "POST", body: said });
      const fresh = page.querySelector("#composer [name=token]");
      // The page was open for long, or another tab came first: try once with a fresh token.
      if (status !== 403 || renewed || !fresh) return page;
      said.set("token", fresh.value);
      renewed = true;
    } catch {
      clearTimeout(slow);
      say("lost");
      await rest(wait);
    } finally {
      clearTimeout(slow);
    }
  }
}

async function load(options) {
  const answer = await fetch("/", { ...options, signal: AbortSignal.timeout(TRIES.timeout) });
  if ([502, 503, 504].includes(answer.status)) throw new Error("try again");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { status: answer.status, page };
}

function rest(milliseconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    addEventListener("online", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

// ---------------------------------------------------------------- drawing

function draw(page) {
  const [mine, fresh] = [document.documentElement, page.documentElement];
  if (mine.lang !== fresh.lang) {
    mine.lang = fresh.lang;
    mine.dir = fresh.dir;
    const typed = at("text").value;
    document.body.replaceWith(document.adoptNode(page.body));
    at("text").value = typed;
    return;
  }
  for (const form of ["choices", "composer"]) {
    for (const name of ["token", "turn"]) {
      at(form).elements[name].value = page.querySelector(`#${form} [name=${name}]`).value;
    }
  }
  sync(at("lines"), page.getElementById("lines"));
  swap(at("options"), page.getElementById("options"));
  swap(at("notice"), page.getElementById("notice"));
  const version = page.getElementById("log").dataset.version;
  if (version) at("log").dataset.version = version;
}

function sync(list, fresh) {
  const kept = new Set(Array.from(fresh.children, (line) => line.id));
  for (const line of [...list.children]) if (!kept.has(line.id)) line.remove();
  let last = null;
  for (const line of [...fresh.children]) {
    let mine = at(line.id);
    if (!mine) {
      mine = line;
      if (last) last.after(line);
      else list.prepend(line);
    } else if (words(mine) !== words(line)) {
      mine.replaceWith(line);
      mine = line;
    }
    last = mine;
  }
}

const words = (line) => (line.querySelector(".words") ?? line).innerHTML;

function swap(part, fresh) {
  if (part.innerHTML !== fresh.innerHTML) part.replaceWith(fresh);
}

function show(pressed) {
  const heard = [...document.querySelectorAll(".mine")].at(-1);
  const answer = heard?.nextElementSibling ?? at("lines").lastElementChild;
  (heard ?? answer)?.scrollIntoView({ block: "start" });
  // A pressed button is gone: go on from the answer, so that Tab leads to the new buttons.
  if (pressed) answer?.focus({ preventScroll: true });
}

// ---------------------------------------------------------------- telling

function say(kind, words) {
  at("status").textContent = kind ? words || at("status").dataset[kind] : "";
}

function mark(state) {
  for (const button of document.querySelectorAll("form button")) {
    if (state) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

// ---------------------------------------------------------------- live updates

function listen() {
  stream?.close();
  const version = at("log")?.dataset.version;
  if (!version || document.hidden) return;
  const mine = new EventSource(`/events?seen=${version}`);
  stream = mine;
  let trouble = null;
  mine.onopen = () => {
    clearTimeout(trouble);
    if (!sending) say(null);
  };
  mine.onmessage = ({ data }) => {
    latest = data;
    if (!sending && data !== at("log").dataset.version) refresh();
  };
  mine.onerror = () => {
    clearTimeout(trouble);
    trouble = setTimeout(() => {
      if (stream !== mine || mine.readyState === EventSource.OPEN) return;
      if (!sending) say("offline");
      if (mine.readyState === EventSource.CLOSED) refresh();
    }, 3_000);
  };
}

async function refresh() {
  const below = document.documentElement.scrollHeight - innerHeight - scrollY;
  try {
    const { page } = await load({});
    if (sending || !page.getElementById("log")) return;
    draw(page);
    if (below < 200) at("composer").scrollIntoView({ block: "end" });
    say(null);
    listen();
  } catch {
    say("offline");
    await rest(TRIES.first);
    if (!sending) refresh();
  }
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) stream?.close();
  else if (at("log")?.dataset.version) refresh();
});

// ---------------------------------------------------------------- leaving

let shifts = [];

document.addEventListener("keydown", (event) => {
  if (event.repeat) return;
  const now = event.timeStamp;
  shifts = event.key === "Shift" ? [...shifts.filter((then) => now - then < 2_000), now] : [];
  if (shifts.length === 3) leave();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("#leave")) return;
  event.preventDefault();
  leave();
});

// Hide at once, tell the server to forget, and take this page's place in the history.
function leave() {
  document.documentElement.hidden = true;
  stream?.close();
  fetch("/leave", { keepalive: true, redirect: "manual" }).catch(() => {});
  location.replace(at("leave").dataset.away);
}

listen();
