// What pages do beyond links and forms. Every page works without it.
"use strict";
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const search = [...document.querySelectorAll("[data-search]")].find((input) => input.offsetParent);
    if (search) { event.preventDefault(); search.focus(); }
  }
  if (event.key === "?" && !typing) document.getElementById("shortcuts")?.showModal();
  if (event.key === "Escape" && event.target.matches("[data-search]")) {
    event.target.value = "";
    document.querySelectorAll(".found").forEach((list) => list.replaceChildren());
  }
});
document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard?.writeText(document.getElementById(copy.dataset.copy).textContent);
    toast("Copied");
  }
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    const boxes = event.target.closest("form").querySelectorAll("tbody input[type=checkbox]");
    boxes.forEach((box) => { box.checked = event.target.checked; });
  }
});
document.addEventListener("toast", (event) => toast(event.detail.value));
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => toast("Could not load. Try again."));
}
function toast(words) {
  const note = document.createElement("div");
  note.className = "toast";
  note.setAttribute("role", "status");
  note.textContent = words;
  document.body.append(note);
  setTimeout(() => note.remove(), 6000);
}
