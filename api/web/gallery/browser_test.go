package gallery_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/voldaan/voldaan/api/web/gallery"
)

//go:embed testdata/axe.min.js
var axe string

// watch records what the strict policy blocked and what scripts threw.
const watch = `window.__trouble = [];
addEventListener("securitypolicyviolation", (e) => __trouble.push("policy: " + e.violatedDirective + " " + e.blockedURI + " " + (e.sample || "")));
addEventListener("error", (e) => __trouble.push("error: " + (e.message || (e.target && (e.target.src || e.target.href)))), true);`

// runAxe returns the serious and critical findings as lines of text.
const runAxe = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], iframes: false, resultTypes: ["violations"]})
.then((r) => JSON.stringify(r.violations.filter((v) => ["serious", "critical"].includes(v.impact)).flatMap((v) =>
  v.nodes.slice(0, 4).map((n) => v.id + ": " + n.target.join(" ") + " — " + (n.failureSummary || "").split("\n").slice(1).join(" ").trim()))))`

type variant struct {
	name, theme string
	width       int64
	extra       bool // adds no layout and no colour to the others: for screenshots only
}

var variants = []variant{{"phone-light", "light", 390, false}, {"desktop-light", "light", 1280, true}, {"phone-dark", "dark", 390, true}, {"desktop-dark", "dark", 1280, false}}

// TestBrowser opens every exhibit at phone and desktop width, light and dark. It
// fails on serious findings of axe, on anything that the policy of the pages
// blocks, on script errors and on sideways scrolling. Screenshots go to
// VOLDAAN_SCREENSHOTS when that is set.
//
// A page is loaded once and then seen in each variant: themes are media queries.
func TestBrowser(t *testing.T) {
	t.Parallel()
	tab := browser(t)
	server := httptest.NewServer(gallery.Handler())
	t.Cleanup(server.Close)
	shots := os.Getenv("VOLDAAN_SCREENSHOTS")
	only := os.Getenv("VOLDAAN_EXHIBIT")
	for _, e := range gallery.Exhibits() {
		if only != "" && !strings.HasPrefix(e.Name, only) {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			open(t, tab, server.URL+gallery.Prefix+e.Name)
			for _, v := range variants {
				if shots == "" && v.extra {
					continue
				}
				t.Run(v.name, func(t *testing.T) {
					check(t, tab, v)
					if shots != "" {
						shoot(t, tab, filepath.Join(shots, e.Name+"."+v.name+".png"))
					}
				})
			}
			for _, line := range evaluate[[]string](t, tab, "window.__trouble") {
				t.Error(line)
			}
		})
	}
}

func browser(t *testing.T) context.Context {
	t.Helper()
	path := os.Getenv("VOLDAAN_CHROMIUM")
	if path == "" {
		path, _ = exec.LookPath("chromium")
	}
	if path == "" {
		t.Skip("no chromium on this machine: install it, or point VOLDAAN_CHROMIUM to one")
	}
	if testing.Short() {
		t.Skip("browser tests take a minute; run without -short")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("force-color-profile", "srgb"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if _, err := chromedp.Call(tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch}); err != nil {
		t.Fatalf("start chromium at %s: %v", path, err)
	}
	return tab
}

// patience ends a step that would wait for ever; it is no measure of speed.
const patience = time.Minute

func do(t *testing.T, tab context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func evaluate[T any](t *testing.T, tab context.Context, script string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// open loads a page and gives it axe.
func open(t *testing.T, tab context.Context, url string) {
	t.Helper()
	show(t, tab, "light")
	do(t, tab, chromedp.Navigate(url), chromedp.WaitReady("main"))
	evaluate[any](t, tab, axe+";"+still+";0")
}

// still ends all movement, so that a theme is there as soon as it is asked for. A
// sheet that is made by a script is not under the policy of the page.
const still = `(() => { const s = new CSSStyleSheet(); s.replaceSync("*, *::before, *::after { transition: none !important; animation: none !important }"); document.adoptedStyleSheets = [s]; })()`

// show sets the theme that the browser prefers.
func show(t *testing.T, tab context.Context, theme string) {
	t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatal(err)
	}
}

// check looks at the page that is open, in one variant.
func check(t *testing.T, tab context.Context, v variant) {
	t.Helper()
	show(t, tab, v.theme)
	do(t, tab, chromedp.EmulateViewport(v.width, 800))
	if dark := evaluate[bool](t, tab, `matchMedia("(prefers-color-scheme: dark)").matches`); dark != (v.theme == "dark") {
		t.Fatalf("the page is not seen in the theme %s", v.theme)
	}
	if wide := evaluate[int](t, tab, "document.fonts.ready.then(() => document.documentElement.scrollWidth - innerWidth)"); wide > 0 {
		t.Errorf("scrolls %d px sideways", wide)
	}
	var lines []string
	if err := json.Unmarshal([]byte(evaluate[string](t, tab, runAxe)), &lines); err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		t.Error(line)
	}
}

func shoot(t *testing.T, tab context.Context, file string) {
	t.Helper()
	png, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.Fatal(err)
	}
}
