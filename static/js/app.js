// What pages do beyond links and forms. Every page works without it.
"use strict";
const SLOW_MS = 300;
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const search = [...document.querySelectorAll("[data-search], main [role=search] input")].find((input) => input.offsetParent);
    if (search) { event.preventDefault(); search.focus(); }
  }
  if (event.key === "?" && !typing) document.getElementById("shortcuts")?.showModal();
  if (event.key === "Escape") closeFound(event.target);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(event);
});
// Arrows lead from the search through what it found, and back.
function walk(event) {
  const form = event.target.closest("form.find");
  const hits = form ? [...form.querySelectorAll(".match")] : [];
  if (!hits.length) return;
  event.preventDefault();
  const place = hits.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
  if (place < 0) form.querySelector("input").focus();
  else hits[Math.min(place, hits.length - 1)].focus();
}
function closeFound(from) {
  const input = from.closest("form.find")?.querySelector("input");
  if (input) { input.value = ""; input.focus(); input.dispatchEvent(new Event("input", { bubbles: true })); }
  document.querySelectorAll(".found").forEach((list) => list.replaceChildren());
  document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
}
document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard?.writeText(document.getElementById(copy.dataset.copy).textContent);
    toast("Copied");
  }
  const again = event.target.closest("[data-again]");
  if (again) tryAgain(again.closest("[data-failed]"));
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  if (!event.target.closest("form.find")) document.querySelectorAll(".found").forEach((list) => list.replaceChildren());
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    const boxes = event.target.closest("form").querySelectorAll("tbody input[type=checkbox]");
    boxes.forEach((box) => { box.checked = event.target.checked; });
  }
});
// A field that is handed over to be filled is typed over, as one that Tab leads to.
document.addEventListener("focusin", (event) => {
  if (event.target.matches("input[autofocus]")) event.target.select();
});
const focusFaults = () => document.querySelector("[data-focus]")?.focus();
focusFaults();
document.addEventListener("htmx:afterSettle", focusFaults);
document.addEventListener("toast", (event) => toast(event.detail.value));
// A form that leads on by itself; not again for whoever comes back.
const goes = document.querySelector("form[data-goes]");
const [arrival] = performance.getEntriesByType("navigation");
if (goes && arrival?.type !== "back_forward") goes.submit();
// What loads is marked busy; a line shows at the top once it takes long.
const running = new Map();
document.addEventListener("htmx:beforeRequest", (event) => {
  const { xhr, target } = event.detail;
  target.setAttribute("aria-busy", "true");
  running.set(xhr, setTimeout(() => document.body.classList.add("is-loading"), SLOW_MS));
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, target } = event.detail;
  clearTimeout(running.get(xhr));
  running.delete(xhr);
  target.removeAttribute("aria-busy");
  if (!running.size) document.body.classList.remove("is-loading");
});
// A part that failed says so in its place, above what it showed before.
const failures = new WeakMap();
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => sayFailed(event.detail));
}
function sayFailed({ requestConfig, target }) {
  document.querySelectorAll("[data-failed]").forEach((note) => note.remove());
  const row = target.closest("tr");
  const note = document.createElement(row ? "tr" : "div");
  note.dataset.failed = "";
  const box = document.createElement("div");
  box.className = "failed";
  box.setAttribute("role", "alert");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn small";
  button.dataset.again = "";
  button.textContent = "Try again";
  box.append("Could not load.", button);
  if (row) {
    const cell = document.createElement("td");
    cell.colSpan = 99;
    cell.append(box);
    note.append(cell);
    row.after(note);
  } else {
    note.append(box);
    target.prepend(note);
  }
  failures.set(note, { verb: requestConfig.verb, path: requestConfig.path, source: requestConfig.elt });
}
function tryAgain(note) {
  const { verb, path, source } = failures.get(note);
  note.remove();
  htmx.ajax(verb, path, { source });
}
function toast(words) {
  const note = document.createElement("div");
  note.className = "toast";
  note.setAttribute("role", "status");
  note.textContent = words;
  document.body.append(note);
  setTimeout(() => note.remove(), 6000);
}
