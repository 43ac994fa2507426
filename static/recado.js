// Small comforts on top of pages that work without any of this; htmx makes the requests.

// The page lets no string become HTML but by this policy, and only where htmx parses our own answers.
const sinks = ["Document parseHTMLUnsafe", "DOMParser parseFromString", "Element insertAdjacentHTML"];
window.trustedTypes?.createPolicy("default", {
  createHTML: (html, _type, sink) => (sinks.includes(sink) ? html : null),
});

const byId = (id) => document.getElementById(id);
const on = (event, react) => document.addEventListener(event, react);

// ---- Busy: a pressed button keeps the focus (`disabled` would lose it) but does nothing more until it is answered.

const waiting = []; // names of the list's buttons that were pressed meanwhile: on a slow line no press is lost

on("click", (event) => {
  const button = event.target.closest("input[type=submit]");
  if (button?.ariaDisabled) event.preventDefault();
  else if (button?.form?.matches("#list-form.htmx-request")) {
    event.preventDefault();
    button.ariaDisabled = "true";
    waiting.push(button.name);
  }
});
on("htmx:beforeRequest", ({ detail }) => {
  const button = detail.requestConfig.triggeringEvent?.submitter;
  if (button) button.ariaDisabled = "true";
});
on("htmx:afterRequest", ({ detail }) => {
  if (detail.xhr.getResponseHeader("HX-Redirect")) return; // busy until the next page is there
  ready();
  if (detail.elt.id === "list-form") setTimeout(() => document.getElementsByName(waiting.shift())[0]?.click());
});
window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  ready();
  byId("alerts").replaceChildren(); // Back shows the page again, not what was said on it
  for (const secret of document.querySelectorAll(".secret")) secret.remove();
});

function ready() {
  for (const button of document.querySelectorAll("[aria-disabled]")) button.ariaDisabled = null;
}

// ---- No answer, or one that is not ours (a proxy's error page): say so; nothing was swapped, all text is still there.

function noAnswer() {
  const alerts = byId("alerts");
  alerts.replaceChildren();
  alerts.insertAdjacentHTML("beforeend", alerts.dataset.noAnswer);
}
on("htmx:sendError", noAnswer);
on("htmx:timeout", noAnswer);
on("htmx:targetError", noAnswer);
on("htmx:responseError", ({ detail }) => {
  if (!detail.xhr.responseText.includes("innerHTML:#alerts")) noAnswer();
});

// ---- Text survives each swap: what was typed while the answer was under way, and an editor that is open in the list.

const TEXT = "input[type=text], textarea";
let typed = [];
let editor = null;

on("htmx:beforeSwap", ({ detail }) => {
  const sent = detail.requestConfig.formData;
  typed = [...document.querySelectorAll(TEXT)].filter((field) => field.value !== sent.get(field.name));
  editor = detail.target.matches("ul") && detail.target.querySelector(".editor");
});
on("htmx:oobBeforeSwap", ({ detail }) => {
  const elsewhere = document.activeElement.matches(TEXT) && !detail.target.contains(document.activeElement);
  if (elsewhere) detail.fragment.querySelector("[autofocus]")?.removeAttribute("autofocus");
});
on("htmx:afterSwap", () => {
  const row = editor && byId(editor.id.replace("edit", "todo"));
  if (row && !row.contains(editor)) row.replaceChildren(editor);
  for (const old of typed) {
    const field = byId(old.id);
    if (field && field !== old) field.value = old.value;
  }
  typed = [];
  editor = null;
});

// ---- Focus goes where the change happened when the swap took away what had it.

let place = null;

on("htmx:beforeSwap", ({ detail }) => {
  const had = document.activeElement;
  const part = had.closest("li.todo, #toolbar, #tokens, #sessions, #passkeys, #second-factor, #trash");
  const changed = detail.xhr.getResponseHeader("Recado-Focus"); // Undo, say, stands in no row
  place = had !== document.body && {
    had,
    text: had.type === "submit" && had.value,
    part: part?.id ?? changed,
    row: rows().indexOf(part),
    control: had.closest(".editor") ? 1 : part ? controls(part).indexOf(had) : 0, // from the editor back to "Edit"
  };
});
on("htmx:afterSettle", () => {
  if (!place || document.activeElement !== document.body) return;
  const part = byId(place.part) ?? rows()[Math.min(place.row, rows().length - 1)];
  const around = part ? controls(part) : [];
  const same = place.had.isConnected ? place.had : around.find((control) => control.value === place.text);
  (same ?? around[Math.min(place.control, around.length - 1)] ?? byId("new-title") ?? byId("main")).focus();
});

function rows() {
  return [...document.querySelectorAll("li.todo")];
}
function controls(part) {
  return [...part.querySelectorAll("a, input:not([type=hidden])")];
}

// ---- Editing in place: double click opens, Escape discards, and one at a time, so that no open text is lost.

on("dblclick", ({ target }) => target.closest(".todo .title")?.closest("li").querySelector("a.edit")?.click());
on("keydown", ({ key, isComposing, target }) => {
  if (key === "Escape" && !isComposing) target.closest?.(".editor")?.querySelector("a")?.click();
});
on("htmx:afterSettle", ({ detail }) => {
  const field = document.activeElement;
  if (detail.requestConfig.elt.matches("a.edit") && field.matches(".editor input")) field.selectionStart = field.value.length;
});
on("htmx:beforeRequest", (event) => {
  const open = event.detail.elt.matches("a.edit") && document.querySelector(".todos .editor input[type=text]");
  if (!open) return;
  event.preventDefault();
  open.focus();
});

// ---- Several pasted lines become several to-dos: with what stands in the box they go to the form that takes many.

let lines = "";

on("paste", ({ target, clipboardData }) => {
  const text = clipboardData?.getData("text").trim() ?? "";
  if (target.id !== "new-title" || !text.includes("\n")) return;
  byId("several").click();
  lines = target.value.slice(0, target.selectionStart) + text + target.value.slice(target.selectionEnd);
  // The browser pastes all the same: there the text is safe if the other form cannot be had.
});
on("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.id === "several") lines = byId("new-title").value;
});
on("htmx:afterSettle", () => {
  const field = byId("lines");
  if (!field || !lines) return;
  field.value ||= lines;
  lines = "";
});

// ---- Passkeys: where the browser has them their buttons appear, and it is asked before their form is sent.

const ask = { // how, by what the field `credential` says
  get: async (json) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(json) }),
  create: async (json) => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json) }),
};

function showPasskeys() {
  for (const parts of document.querySelectorAll(".passkey-parts[data-html]")) {
    parts.replaceChildren();
    parts.insertAdjacentHTML("beforeend", parts.dataset.html);
    parts.removeAttribute("data-html");
  }
}
if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  showPasskeys();
  on("htmx:afterSwap", showPasskeys);
}
document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const field = form.elements.credential;
  if (!field || field.value) return;
  event.preventDefault();
  event.stopPropagation();
  if (submitter) submitter.ariaDisabled = "true";
  const [wish, options] = Object.entries(field.dataset)[0];
  field.value = JSON.stringify(await ask[wish](JSON.parse(options)).catch(() => null)); // without one, the answer says so
  ready();
  form.requestSubmit(submitter);
}, true); // before htmx sees it

// ---- Ctrl+Z (⌘Z) undoes, with Shift it redoes, wherever the focus is; text that is being typed has an undo of its own.

on("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "z") return;
  if (event.target.matches(TEXT) && event.target.value) return;
  const keys = event.shiftKey ? "Control+Shift+Z" : "Control+Z";
  const button = document.querySelector(`#alerts [aria-keyshortcuts="${keys}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});

// ---- What is shown only once can be copied.

for (const button of document.querySelectorAll("input.copy")) button.type = "button";
on("click", async ({ target: button }) => {
  if (!button.matches("input.copy")) return;
  const codes = [...button.closest(".secret").querySelectorAll("code")];
  getSelection().setBaseAndExtent(codes[0], 0, codes.at(-1), 1); // what to copy by hand if the browser does not let us
  const text = codes.map((code) => code.textContent).join("\n");
  const copied = await (navigator.clipboard?.writeText(text).then(() => true, () => false) ?? document.execCommand("copy"));
  if (copied) button.value = button.dataset.copied;
});

// ---- Dismissing an alert needs no request.

on("submit", (event) => {
  if (!event.target.matches(".dismiss")) return;
  event.preventDefault();
  event.target.closest(".alert").remove();
  byId("main").focus({ preventScroll: true });
});
