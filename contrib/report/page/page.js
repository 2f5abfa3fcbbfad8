"use strict";
(() => {
  const form = document.querySelector(".filters");
  const shown = document.querySelector(".shown");
  const checked = (name) =>
    new Set([...form.querySelectorAll(`input[name=${name}]:checked`)].map((input) => input.value));

  function filter() {
    const verdicts = checked("verdict");
    const severities = checked("severity");
    for (const element of document.querySelectorAll("[data-verdict]"))
      element.hidden = !verdicts.has(element.dataset.verdict);
    for (const element of document.querySelectorAll("[data-severity]"))
      element.hidden = !severities.has(element.dataset.severity);
    for (const element of document.querySelectorAll("[data-fold]"))
      element.hidden = !verdicts.has(element.dataset.fold);
    const count = (selector) => document.querySelectorAll(selector).length;
    shown.textContent =
      `${count(".facts tr[data-verdict]:not([hidden])")} of ${count(".facts tr[data-verdict]")} facts, ` +
      `${count(".findings li:not([hidden])")} of ${count(".findings li")} findings shown`;
  }

  // One item is current: the one that the keyboard stands on. Its lines are marked in both files.
  let current = null;
  function select(item) {
    for (const element of document.querySelectorAll(".current")) element.classList.remove("current");
    current = item;
    if (!item) return;
    item.classList.add("current");
    reveal(item);
    for (const side of ["linux", "windows"]) {
      const line = item.dataset[side] && document.getElementById(item.dataset[side]);
      if (line) line.classList.add("current");
    }
    item.focus();
    item.scrollIntoView({ block: "nearest" });
  }

  // What is folded is unfolded when somebody is led there.
  function reveal(element) {
    const fold = element.closest("details");
    if (fold) fold.open = true;
  }

  function step(by) {
    const items = [...document.querySelectorAll(".item:not([hidden])")].filter((item) => {
      const fold = item.closest("details");
      return !fold || (fold.open && !fold.hidden);
    });
    if (!items.length) return;
    const at = items.indexOf(current);
    select(items[at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(Math.max(at + by, 0), items.length - 1)]);
  }

  function line(side) {
    const target = current && current.dataset[side] && document.getElementById(current.dataset[side]);
    if (!target) return;
    target.focus();
    target.scrollIntoView({ block: "center" });
  }

  form.addEventListener("change", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !form.elements.keys.checked) return;
    const act = { j: () => step(1), k: () => step(-1), l: () => line("linux"), w: () => line("windows"), b: () => select(current) };
    if (act[event.key]) {
      event.preventDefault();
      act[event.key]();
    }
  });
  // A link to a fact or a line marks the lines of both sides.
  document.addEventListener("click", (event) => {
    const item = event.target.closest && event.target.closest(".item");
    const link = event.target.closest && event.target.closest("a[href^='#']");
    if (link && !item) {
      const target = document.getElementById(link.getAttribute("href").slice(1));
      if (target && target.classList.contains("item")) select(target);
    } else if (item && !link) select(item);
    else if (item) { select(item); }
  });
  window.addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target) { reveal(target); target.scrollIntoView({ block: "nearest" }); }
  });
  filter();
})();
