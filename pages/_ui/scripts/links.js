// Links within the dashboard change the page without loading it anew, forms and choices become such links.
// Without this script they work too: as ordinary links.
(() => {
  if (window.healthLinks) return;
  window.healthLinks = true;
  let focused = null;

  const go = (href, replace) => {
    const target = new URL(href, document.baseURI);
    if (target.href === location.href) return;
    history[replace ? "replaceState" : "pushState"]({}, "", target);
    window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  };

  const keep = (element) => {
    const kept = element.closest("[data-keep]");
    focused = kept ? kept.dataset.keep : null;
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-in-app]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    keep(link);
    const samePage = new URL(link.href).pathname === location.pathname;
    go(link.href, false);
    if (!samePage) document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
  });

  // A row with one link in it can be clicked as a whole; text can still be selected in it.
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("[data-row-link]");
    if (!row || event.defaultPrevented || event.target.closest("a, button, input, select, summary, [data-strip]")) return;
    if (String(getSelection())) return;
    row.querySelector("a[data-in-app]")?.click();
  });

  // Of the address everything stays that the form does not name itself; an empty field is left out.
  const submit = (form, replace) => {
    const target = new URL(form.getAttribute("action") || location.href, document.baseURI);
    const asked = new URLSearchParams(location.search);
    const fields = [...form.elements].filter((field) => field.name);
    for (const field of fields) {
      asked.delete(field.name);
      if (field.value.trim()) asked.set(field.name, field.value.trim());
    }
    if (form.dataset.period) {
      const [since, until] = [asked.get("since"), asked.get("until")];
      asked.delete("since"); asked.delete("until");
      if (since) {
        const utc = (text) => new Date(text).toISOString().replace(/:\d\d\.\d+Z$/, "Z");
        asked.set("range", `${utc(since)}/${until ? utc(until) : ""}`);
      }
    }
    asked.delete("page");
    const query = asked.toString().replaceAll("%2F", "/").replaceAll("%3A", ":");
    go(`${target.pathname}${query ? "?" + query : ""}`, replace);
  };

  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form[data-in-app]");
    if (!form) return;
    event.preventDefault();
    keep(event.submitter ?? form);
    // A period that ends before it begins is said in the form, not on the next page.
    const { since, until } = form.elements;
    if (form.dataset.period && since?.value && until?.value && until.value <= since.value) {
      until.setCustomValidity("This is not after the beginning.");
      until.reportValidity();
      until.addEventListener("input", () => until.setCustomValidity(""), { once: true });
      return;
    }
    submit(form, false);
  });

  // Streamlit's link skips to what holds the bar as well: to the page itself it is some steps more.
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.('a[href="#stMain"]')) return;
    const title = document.querySelector(".head h1");
    if (!title) return;
    event.preventDefault();
    title.tabIndex = -1;
    title.focus();
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-in-app][data-at-once]");
    if (!form) return;
    keep(event.target);
    submit(form, false);
  });

  // The form of a chosen period closes like a menu: on Escape, and when something else is clicked.
  const close = (besides) => {
    for (const open of document.querySelectorAll("details.custom[open]")) {
      if (besides && open.contains(besides)) continue;
      if (open.contains(document.activeElement)) open.querySelector("summary").focus();
      open.open = false;
    }
  };
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  document.addEventListener("pointerdown", (event) => close(event.target));

  let typing = null;
  document.addEventListener("input", (event) => {
    const form = event.target.type === "search" && event.target.closest("form[data-in-app]");
    if (!form) return;
    clearTimeout(typing);
    typing = setTimeout(() => submit(form, true), 250);
  });

  // What was focused keeps the focus when its piece of the page is drawn anew. The text of a search field comes
  // from the address: it is not part of the page's text, so typing is never interrupted by a refresh.
  const mend = () => {
    const asked = new URLSearchParams(location.search);
    for (const field of document.querySelectorAll("input[type=search][data-from-address]")) {
      const value = asked.get(field.name) ?? "";
      if (field !== document.activeElement && field.value !== value) field.value = value;
    }
    if (!focused || document.activeElement !== document.body) return;
    document.querySelector(`[data-keep="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  };
  document.addEventListener("pointerdown", () => { focused = null; });
  document.addEventListener("focusin", (event) => { if (event.target.closest?.("[data-keep]")) keep(event.target); });
  new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
  window.addEventListener("popstate", mend);
  mend();
})();
