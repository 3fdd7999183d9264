// Comforts on top of pages that work without this file.
const all = (selector, root = document) => root.querySelectorAll(selector);
// Drafts: what is typed in a form[data-draft] stays in this browser until it is posted.
const keyOf = (field) => `draft ${field.form.action} ${field.name}`;
const fields = (form) => [...all("textarea, input[type=text]", form)].filter((field) => field.name);
const restore = () => all("form[data-draft]").forEach((form) => fields(form).forEach((field) => {
  field.value ||= localStorage.getItem(keyOf(field)) ?? "";
}));
document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-draft] textarea, [data-draft] input[type=text]")) localStorage.setItem(keyOf(target), target.value);
});
document.addEventListener("submit", ({ target }) => {
  if (target.matches("[data-draft]")) sessionStorage.setItem("sent", JSON.stringify(fields(target).map(keyOf)));
});
const sent = () => JSON.parse(sessionStorage.getItem("sent") ?? "[]").forEach((key) => localStorage.removeItem(key));

// A page that comes back with errors starts at their summary. A form arrived when the next page says so: signing in does not.
document.querySelector("[data-focus]")?.focus();
if (document.querySelector(".flash")) sent();
sessionStorage.removeItem("sent");
restore();

// Menus close on Escape and on a press elsewhere; "Cancel" of a reply closes it in place.
document.addEventListener("keydown", ({ key }) => {
  const menu = key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.firstElementChild.focus(); }
});
document.addEventListener("click", (event) => {
  all("details.menu[open]").forEach((menu) => { menu.open = menu.contains(event.target); });
  const slot = event.target.closest("[data-cancel]")?.closest(".reply-slot");
  if (!slot) return;
  event.preventDefault();
  slot.replaceChildren();
  slot.closest(".comment").focus();
});

// htmx: a failure says so and leaves the page alone, a whole page is shown as a page, focus follows what is new.
let before = null;
const box = document.getElementById("trouble"), usual = box.textContent;
const trouble = (shown, why) => { box.textContent = why || usual; box.hidden = !shown; };
// The number in the header comes by a stream: when that breaks off, pages are as good as without it.
const live = (element) => element.matches?.(".bell-number");
document.addEventListener("htmx:error", ({ target }) => { if (!live(target)) trouble(true); });
document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement, response, text } = event.detail.ctx;
  if (live(sourceElement)) { if (response.status !== 200) event.preventDefault(); return; }
  const failed = response.status >= 400 && response.status !== 422;
  const page = /^\s*<!doctype/i.test(text);
  // A refusal comes as a page whose first sentence says why.
  trouble(failed, failed && page && new DOMParser().parseFromString(text, "text/html").querySelector("main .lead")?.textContent);
  if (failed || page) event.preventDefault();
  if (page && !failed) location.assign(response.raw.url);
  before = sourceElement.closest(".more")?.previousElementSibling;
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx: { sourceElement: source, response } } }) => {
  if (live(source)) return;
  const composer = source.matches(".composer"), arrived = composer && response.status < 400;
  if (arrived) sent();
  sessionStorage.removeItem("sent");
  restore();
  const place = source.id === "comment-form" ? "#comment-list" : `#${source.id.replace("-form", "")}`;
  const goal = arrived ? `${place} .comment` : composer ? `#${source.id} textarea` : `${source.getAttribute("hx-target")} .composer textarea`;
  const more = before?.nextElementSibling?.querySelector("a");
  if (more || composer || source.matches(".reply-link a")) (more ?? document.querySelector(goal))?.focus();
});
