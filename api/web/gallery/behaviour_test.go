package gallery_test

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/voldaan/voldaan/api/web/gallery"
)

// TestBehaviour proves what scripts add to pages that work without them, under
// the strict policy that the pages are served with.
func TestBehaviour(t *testing.T) {
	t.Parallel()
	tab := browser(t)
	server := httptest.NewServer(gallery.Handler())
	t.Cleanup(server.Close)
	visit := func(t *testing.T, name string, width int64) {
		t.Helper()
		do(t, tab, chromedp.EmulateViewport(width, 800), chromedp.Navigate(server.URL+gallery.Prefix+name), chromedp.WaitReady("main"))
	}
	holds := func(t *testing.T, what, script string) {
		t.Helper()
		for range 50 {
			if evaluate[bool](t, tab, script) {
				return
			}
			time.Sleep(60 * time.Millisecond)
		}
		t.Errorf("%s: %s never held", what, script)
	}
	snap := func(t *testing.T, name string) {
		t.Helper()
		if dir := os.Getenv("VOLDAAN_SCREENSHOTS"); dir != "" {
			shootView(t, tab, filepath.Join(dir, "state-"+name+".png"))
		}
	}

	t.Run("slash opens the palette, which searches while typing", func(t *testing.T) {
		visit(t, "invoices", 1280)
		evaluate[bool](t, tab, `document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true}))`)
		holds(t, "palette", `document.querySelector("#palette").matches(":popover-open") && document.activeElement.name === "q"`)
		do(t, tab, chromedp.KeyEvent("gouden"))
		holds(t, "results", `document.querySelectorAll("#palette-results a .ref").length === 2`)
		do(t, tab, chromedp.KeyEvent(kb.ArrowDown))
		snap(t, "palette")
		holds(t, "arrow picks a hit", `document.querySelector("#palette-results a[aria-selected=true]")?.getAttribute("href") === "/invoices/1"`)
	})
	t.Run("keys move through a list and pick", func(t *testing.T) {
		visit(t, "invoices", 1280)
		do(t, tab, chromedp.KeyEvent("j"), chromedp.KeyEvent("j"), chromedp.KeyEvent("x"))
		holds(t, "second row is active", `document.activeElement.getAttribute("href") === "/invoices/2"`)
		holds(t, "bulk bar says one", `getComputedStyle(document.querySelector(".bulk")).display === "flex" && document.querySelector("[data-picked]").textContent === "1"`)
		snap(t, "bulk")
	})
	t.Run("pause opens as a sheet", func(t *testing.T) {
		visit(t, "invoice", 1280)
		do(t, tab, chromedp.Click(`.inv-head button[popovertarget]`))
		holds(t, "sheet", `document.querySelector("#pause").matches(":popover-open")`)
		snap(t, "pause")
	})
	t.Run("menu opens on a phone", func(t *testing.T) {
		visit(t, "dashboard", 390)
		do(t, tab, chromedp.Click(`.top button`))
		holds(t, "nav", `document.querySelector("#nav").matches(":popover-open")`)
		do(t, tab, chromedp.Click(`#nav .menu summary`))
		snap(t, "menu")
	})
	t.Run("a running sync keeps itself up to date until its report", func(t *testing.T) {
		visit(t, "sync", 1280)
		holds(t, "progress", `document.querySelector("#sync progress")?.value === 4100`)
		holds(t, "report", `document.querySelector("#report-head") !== null`)
		holds(t, "it stops asking", `!document.querySelector("#sync").hasAttribute("hx-get")`)
		holds(t, "it was said", `document.querySelector("#live").textContent === "Everything is read"`)
	})
	t.Run("a refused form takes the focus to its problem", func(t *testing.T) {
		visit(t, "invoice-pause", 1280)
		holds(t, "focus", `document.activeElement.getAttribute("role") === "alert"`)
	})
	t.Run("an invoice prints without the frame", func(t *testing.T) {
		visit(t, "invoice", 1280)
		setMedia(t, tab, "print")
		defer setMedia(t, tab, "screen")
		holds(t, "only content", `[".side", ".actions .btn", ".reply"].every((s) => getComputedStyle(document.querySelector(s)).display === "none")`)
		holds(t, "black on white", `getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)"`)
		snap(t, "print")
	})
	t.Run("no script broke the policy", func(t *testing.T) {
		for _, line := range evaluate[[]string](t, tab, "window.__trouble") {
			t.Error(line)
		}
	})
}

func setMedia(t *testing.T, tab context.Context, media string) {
	t.Helper()
	if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media}); err != nil {
		t.Fatal(err)
	}
}

func shootView(t *testing.T, tab context.Context, file string) {
	t.Helper()
	png, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.Fatal(err)
	}
}
