// The name people act under is kept by the browser until it is closed, so that it is asked for once, not on each page.
(() => {
  if (window.healthName) return;
  window.healthName = true;
  const keep = (field) => {
    if (!field.closest?.(".st-key-acting-as") || field.tagName !== "INPUT") return;
    const name = field.value.trim();
    document.cookie = `health-acting-as=${encodeURIComponent(name)}; path=/; SameSite=Strict${name ? "" : "; Max-Age=0"}`;
  };
  document.addEventListener("focusout", (event) => keep(event.target));
  document.addEventListener("keydown", (event) => { if (event.key === "Enter") keep(event.target); });
})();
