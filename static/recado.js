// Small comforts on top of pages that work without any of this; htmx makes the requests.

// The page lets no string become HTML but by this policy, and only where htmx parses our own answers.
const sinks = ["Document parseHTMLUnsafe", "DOMParser parseFromString", "Element insertAdjacentHTML"];
window.trustedTypes?.createPolicy("default", {
  createHTML: (html, _type, sink) => (sinks.includes(sink) ? html : null),
});

const byId = (id) => document.getElementById(id);
const on = (event, react) => document.addEventListener(event, react);

// ---- Busy: a pressed button keeps the focus (`disabled` would lose it) but does nothing more until it is answered.

on("click", (event) => {
  if (event.target.closest("[aria-disabled=true]")) event.preventDefault();
});
on("htmx:beforeRequest", ({ detail }) => {
  const button = detail.requestConfig.triggeringEvent?.submitter;
  if (button) button.ariaDisabled = "true";
});
on("htmx:afterRequest", ({ detail }) => {
  if (!detail.xhr.getResponseHeader("HX-Redirect")) ready(); // else busy until the next page is there
});
window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  ready();
  byId("alerts").replaceChildren(); // Back shows the page again, not what was said on it
});

function ready() {
  for (const button of document.querySelectorAll("[aria-disabled]")) button.ariaDisabled = null;
}

// ---- No answer, or one that is not ours (a proxy's error page): say so; nothing was swapped, all text is still there.

function noAnswer() {
  byId("alerts").replaceChildren(byId("no-answer").content.cloneNode(true));
}
on("htmx:sendError", noAnswer);
on("htmx:timeout", noAnswer);
on("htmx:targetError", noAnswer);
on("htmx:responseError", ({ detail }) => {
  if (!detail.xhr.responseText.includes("innerHTML:#alerts")) noAnswer();
});

// ---- Text typed while an answer was under way survives the swap.

let sent = new FormData();
let editor = null;

on("htmx:configRequest", ({ detail }) => {
  if (detail.verb === "post") sent = detail.formData;
});
on("htmx:oobBeforeSwap", ({ detail }) => {
  for (const field of detail.target.querySelectorAll("input[type=text], textarea")) {
    const next = detail.fragment.querySelector(`#${field.id}`);
    if (next && field.value !== sent.get(field.name)) next.value = field.value;
  }
});
on("htmx:beforeSwap", ({ detail }) => {
  editor = detail.target.matches("ul") ? detail.target.querySelector(".editor") : null;
});
on("htmx:afterSwap", () => {
  const row = editor && byId(editor.id.replace("edit", "todo"));
  if (row && !row.contains(editor)) {
    row.replaceChildren(editor);
    window.htmx.process(row);
  }
  editor = null;
});

// ---- Focus goes where the change happened when the swap took away what had it.

let place = null;

on("htmx:beforeSwap", () => {
  const had = document.activeElement;
  const row = had.closest("li.todo");
  place = {
    name: had.type === "submit" && had.name,
    row: row?.id,
    index: row ? [...row.parentElement.children].indexOf(row) : -1,
    control: row && !had.closest(".editor") ? controls(row).indexOf(had) : 1, // from the editor back to "Edit"
  };
});
on("htmx:afterSettle", () => {
  if (!place || document.activeElement !== document.body) return;
  const rows = [...document.querySelectorAll("li.todo")];
  const row = byId(place.row) ?? rows[Math.min(place.index, rows.length - 1)];
  const same = place.name && document.getElementsByName(place.name)[0];
  const next = same || (row && (controls(row)[place.control] ?? controls(row)[0])) || byId("new-title") || byId("main");
  next.focus();
});

function controls(row) {
  return [...row.querySelectorAll("a, input:not([type=hidden])")];
}

// ---- Editing in place: double click opens, Escape discards, and one at a time, so that no open text is lost.

on("dblclick", ({ target }) => target.closest("li.todo .title") && target.closest("li").querySelector("a.edit")?.click());
on("keydown", ({ key, target }) => {
  if (key === "Escape") target.closest?.(".editor")?.querySelector("a")?.click();
});
on("htmx:beforeRequest", (event) => {
  const open = event.detail.elt.matches("a.edit") && document.querySelector("#todos .editor input[type=text]");
  if (!open) return;
  event.preventDefault();
  open.focus();
});

// ---- Several pasted lines become several to-dos: they go into the form that takes many.

on("paste", (event) => {
  const text = event.clipboardData?.getData("text").trim() ?? "";
  if (event.target.id !== "new-title" || !text.includes("\n")) return;
  event.preventDefault();
  const typed = event.target.value;
  document.addEventListener("htmx:afterSettle", () => (byId("lines").value = typed + text), { once: true });
  byId("several").click();
});

// ---- Dismissing an alert needs no request.

on("submit", (event) => {
  if (!event.target.matches(".dismiss")) return;
  event.preventDefault();
  event.target.closest(".alert").remove();
  byId("main").focus({ preventScroll: true });
});
