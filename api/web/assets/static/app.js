// Improves pages that already work without it: keyboard, palette, menus, sheets.
(() => {
  "use strict";
  const $ = (s, in_ = document) => in_.querySelector(s);
  const all = (s, in_ = document) => [...in_.querySelectorAll(s)];
  const typing = (el) => el && el.closest("input, textarea, select, [contenteditable]");

  // Menus made of <details> close on Escape and on a click elsewhere.
  document.addEventListener("click", (e) => {
    for (const d of all("details.menu[open]")) if (!d.contains(e.target)) d.open = false;
  });

  // The palette is a page (/search) that opens in place when it can.
  const palette = $("#palette");
  const openPalette = () => {
    if (!palette || palette.matches(":popover-open")) return;
    palette.showPopover();
    const input = $("input", palette);
    input.focus();
    input.select();
  };
  const moveIn = (links, step) => {
    if (!links.length) return;
    const at = links.findIndex((a) => a.getAttribute("aria-selected") === "true");
    const to = (at + step + links.length) % links.length;
    links.forEach((a, i) => (i === to ? a.setAttribute("aria-selected", "true") : a.removeAttribute("aria-selected")));
    links[to].scrollIntoView({ block: "nearest" });
  };
  if (palette) {
    palette.addEventListener("keydown", (e) => {
      const links = all(".results a", palette);
      if (e.key === "ArrowDown" || e.key === "ArrowUp") {
        e.preventDefault();
        moveIn(links, e.key === "ArrowDown" ? 1 : -1);
      } else if (e.key === "Enter") {
        const pick = links.find((a) => a.getAttribute("aria-selected") === "true");
        if (pick) {
          e.preventDefault();
          pick.click();
        }
      }
    });
  }
  document.addEventListener("click", (e) => {
    const opener = e.target.closest("[data-palette]");
    if (opener && palette && palette.showPopover) {
      e.preventDefault();
      openPalette();
    }
  });

  // Lists: j/k or arrows move, Enter opens, x picks.
  const rows = () => all("[data-list] [data-row]");
  const setActive = (row) => {
    for (const r of rows()) if (r !== row) r.removeAttribute("data-active");
    row.setAttribute("data-active", "");
    row.scrollIntoView({ block: "nearest" });
    const link = $(".row-link, .cover", row) || row;
    link.focus({ preventScroll: true });
  };
  document.addEventListener("keydown", (e) => {
    if ((e.key === "k" && (e.metaKey || e.ctrlKey)) || (e.key === "/" && !typing(e.target))) {
      e.preventDefault();
      openPalette();
      return;
    }
    if (e.key === "Escape") {
      for (const d of all("details.menu[open]")) {
        d.open = false;
        $("summary", d).focus();
      }
      return;
    }
    if (typing(e.target) && e.target.type !== "checkbox") return;
    if (e.metaKey || e.ctrlKey || e.altKey || $(":popover-open")) return;
    const list = rows();
    if (!list.length) return;
    const at = list.findIndex((r) => r.hasAttribute("data-active") || r.contains(document.activeElement));
    if (e.key === "j" || e.key === "ArrowDown") {
      e.preventDefault();
      setActive(list[Math.min(at + 1, list.length - 1)]);
    } else if (e.key === "k" || e.key === "ArrowUp") {
      e.preventDefault();
      setActive(list[Math.max(at - 1, 0)]);
    } else if (e.key === "x" && at >= 0) {
      const box = $(".row-check", list[at]);
      if (box) {
        box.checked = !box.checked;
        box.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
  });

  // Bulk picking: a box for all, and the number picked.
  const count = (form) => {
    const n = all(".row-check:checked", form).length;
    for (const el of all("[data-picked]", form)) el.textContent = n;
    const boxes = all(".row-check", form);
    for (const a of all("[data-pick-all]", form)) {
      a.checked = n > 0 && n === boxes.length;
      a.indeterminate = n > 0 && n < boxes.length;
    }
  };
  document.addEventListener("change", (e) => {
    const form = e.target.closest("form");
    if (!form) return;
    if (e.target.matches("[data-pick-all]")) {
      for (const box of all(".row-check", form)) box.checked = e.target.checked;
      count(form);
    } else if (e.target.matches(".row-check")) {
      count(form);
    } else if (e.target.matches("[data-submit]")) {
      form.requestSubmit();
    }
  });
  for (const el of all("[data-js]")) el.hidden = false;
  for (const f of all("form:has([data-pick-all])")) count(f);

  // A form is sent once.
  document.addEventListener("submit", (e) => {
    if (e.defaultPrevented || e.target.method !== "post") return;
    const by = e.submitter;
    if (by && !by.formTarget) setTimeout(() => by.setAttribute("aria-disabled", "true"));
    // What takes longer than a moment says how much it is busy with.
    const n = by?.dataset.busy ? all(".row-check:checked", e.target).length : 0;
    if (n > 1) setTimeout(() => {
      by.textContent = `${by.dataset.busy} ${n}…`;
      const live = $("#live");
      if (live) live.textContent = by.textContent;
    }, 300);
  });
  addEventListener("pageshow", (e) => {
    if (e.persisted) for (const b of all('[aria-disabled="true"][type="submit"]')) b.removeAttribute("aria-disabled");
  });

  // A message is shown anew while somebody writes it, and fields go where the writer is.
  for (const form of all("form[data-live]")) {
    const ask = $("[data-live-ask]", form);
    let wait = 0;
    let last = $("textarea", form);
    const soon = () => {
      clearTimeout(wait);
      wait = setTimeout(() => form.requestSubmit(ask), 500);
    };
    form.addEventListener("input", soon);
    form.addEventListener("focusin", (e) => {
      if (e.target.matches("textarea, #subject")) last = e.target;
    });
    form.addEventListener("click", (e) => {
      const chip = e.target.closest("[data-insert]");
      if (!chip || !last) return;
      last.focus();
      last.setRangeText(chip.dataset.insert, last.selectionStart, last.selectionEnd, "end");
      soon();
    });
  }

  // After a swap: say it, and bring focus to what asks for it.
  document.addEventListener("htmx:after:swap", () => {
    const summary = $("[data-focus]");
    if (summary) summary.focus();
    const said = $("[data-say]");
    const live = $("#live");
    if (said && live && live.textContent !== said.dataset.say) live.textContent = said.dataset.say;
  });
  const problem = $("[data-focus]");
  if (problem) problem.focus();
})();
