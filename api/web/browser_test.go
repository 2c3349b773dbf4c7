package web_test

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/voldaan/voldaan/api/apitest"
)

// trouble records what the strict policy blocked and what scripts threw. It
// lives through the pages of one tab.
const trouble = `addEventListener("securitypolicyviolation", (e) => { const t = JSON.parse(sessionStorage.trouble || "[]"); t.push("policy: " + e.violatedDirective + " " + e.blockedURI + " " + (e.sample || "")); sessionStorage.trouble = JSON.stringify(t) });
addEventListener("error", (e) => { const t = JSON.parse(sessionStorage.trouble || "[]"); t.push("error: " + (e.message || (e.target && (e.target.src || e.target.href)))); sessionStorage.trouble = JSON.stringify(t) }, true);`

// tab is a page of a real browser.
type tab struct {
	t     *testing.T
	ctx   context.Context
	shots string // where screenshots go, "" for nowhere
}

func newTab(t *testing.T) *tab {
	t.Helper()
	path := os.Getenv("VOLDAAN_CHROMIUM")
	if path == "" {
		path, _ = exec.LookPath("chromium")
	}
	if path == "" {
		t.Skip("no chromium on this machine: install it, or point VOLDAAN_CHROMIUM to one")
	}
	if testing.Short() {
		t.Skip("browser tests take a while; run without -short")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: trouble}); err != nil {
		t.Fatalf("start chromium at %s: %v", path, err)
	}
	return &tab{t: t, ctx: ctx, shots: os.Getenv("VOLDAAN_SCREENSHOTS")}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("at %s: %v\n%s", b.eval("location.href"), err, b.eval("document.body.innerText"))
	}
}

func (b *tab) eval(script string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// press clicks what the reader sees under a name, and waits for the page it
// leads to.
func (b *tab) press(selector, words string) {
	b.t.Helper()
	found := b.eval(`(() => { const el = [...document.querySelectorAll(` + quote(selector) + `)].find((e) => e.checkVisibility() && e.innerText.includes(` + quote(words) + `));
		if (!el) return "nothing: " + document.body.innerText; document.documentElement.dataset.old = "1"; el.click(); return "" })()`)
	if found != "" {
		b.t.Fatalf("nothing to press named %q at %s: %s", words, b.eval("location.href"), found)
	}
}

// follow presses something that leads to another page.
func (b *tab) follow(selector, words string) {
	b.t.Helper()
	b.press(selector, words)
	b.do(chromedp.WaitReady("html:not([data-old]) body"))
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

func (b *tab) has(texts ...string) {
	b.t.Helper()
	seen := b.eval("document.body.innerText")
	for _, text := range texts {
		if !strings.Contains(seen, text) {
			b.t.Errorf("%s does not show %q:\n%s", b.eval("location.href"), text, seen)
		}
	}
}

// shoot keeps a picture of the page, where pictures are wanted.
func (b *tab) shoot(name string, width int64) {
	b.t.Helper()
	if b.shots == "" {
		return
	}
	b.do(chromedp.EmulateViewport(width, 900))
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.shots, "hub-"+name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// fine fails the test when the policy blocked something or a script failed.
func (b *tab) fine() {
	b.t.Helper()
	if list := b.eval(`sessionStorage.trouble || ""`); list != "" {
		b.t.Errorf("in the browser: %s", list)
	}
}

// TestBrowserTenant walks from the door to a paused and resumed invoice.
func TestBrowserTenant(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("3")
	b := newTab(t)
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(ten.Server.URL+"/invoices"), chromedp.WaitVisible("#email"))
	b.shoot("sign-in", 1280)
	b.do(chromedp.SendKeys("#email", ten.Email), chromedp.SendKeys("#password", apitest.Password))
	b.follow("button", "Sign in")
	b.has("2026-0412", "2026-0440", "Reminding")
	b.shoot("invoices", 1280)
	b.follow("nav a", "Dashboard")
	b.has("Needs you", "How fresh the books are")
	b.shoot("dashboard", 1280)
	b.shoot("dashboard-phone", 390)
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(ten.Server.URL+"/invoices"), chromedp.WaitVisible("table"))
	b.follow("a.row-link", "2026-0412")
	b.has("Reminder 1", "14-day letter", "How the amount is made up")
	b.shoot("invoice", 1280)
	b.shoot("invoice-phone", 390)
	b.do(chromedp.EmulateViewport(1280, 900))

	b.press("button", "Pause")
	b.do(chromedp.WaitVisible("#pause-reason"))
	b.follow("button", "Pause invoice")
	b.has("is paused until you resume it", "Agreed with the debtor")
	b.shoot("invoice-paused", 1280)
	b.follow("button", "Resume")
	b.has("Resumed. The next step is planned again.")
	b.follow("a", "Preview reminder 1")
	b.has("before it is sent", "Checked just now", "noor@debtor.example")
	b.do(chromedp.Sleep(300 * time.Millisecond)) // the frame with the copy
	b.shoot("step", 1280)
	b.follow("button", "Send it now")
	b.has("is on its way")
	for _, path := range []string{"/inbox", "/bank", "/cases", "/marketplace", "/marketplace/moneybird", "/api/docs"} {
		b.do(chromedp.Navigate(ten.Server.URL+path), chromedp.WaitReady("main"))
		b.shoot(strings.ReplaceAll(strings.Trim(path, "/"), "/", "-"), 1280)
	}
	b.do(chromedp.Navigate(ten.Server.URL+"/invoices"), chromedp.WaitVisible("a.find"))
	b.press("a.find", "Search")
	b.do(chromedp.SendKeys("#palette input", "koster"), chromedp.WaitVisible("#palette-results a[href*='"+ten.Invoice("3").String()+"']"))
	b.has("2026-0440", "Koster & Zonen")
	b.shoot("palette", 1280)
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(ten.Server.URL+"/invoices"), chromedp.SendKeys("input[name=q].input", "0412"), chromedp.WaitNotPresent("a.row-link[href$='"+ten.Invoice("3").String()+"']"))
	b.has("2026-0412")
	b.fine()
}

// TestBrowserPortal walks from the link in a message to the payment provider.
func TestBrowserPortal(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("1")
	token := portalToken(t, ten)
	b := newTab(t)
	b.do(chromedp.EmulateViewport(390, 844), chromedp.Navigate(ten.Server.URL+"/p/"+token), chromedp.WaitVisible("h1"))
	b.shoot("portal-door", 390)
	b.follow("button", "Send me a code")
	sent := ten.Sent()
	code := codeIn.FindString(strings.SplitN(unfold(ten.Mail(sent[0])), "\r\n\r\n", 2)[1])
	b.do(chromedp.WaitVisible("#code"), chromedp.SendKeys("#code", code))
	b.follow("button", "Continue")
	b.has("Dear Noor Yilmaz", "€1,361.25", "2026-0412")
	b.shoot("portal", 390)
	b.follow("a", "Pay €1,361.25")
	b.has("iDEAL", "How would you like to pay?")
	b.shoot("portal-pay", 390)
	b.fine()
	b.follow("button", "Pay €1,361.25")
	there, err := url.Parse(b.eval("location.href"))
	if err != nil {
		t.Fatal(err)
	}
	if "http://"+there.Host == ten.Server.URL {
		t.Fatalf("still at %s: %s", there, b.eval("document.body.innerText"))
	}
	b.has("Checkout emulated", "€ 1,361.25")
	b.shoot("checkout", 390)
	b.follow("button", "Pay with iDEAL")
	b.do(chromedp.WaitVisible(".result"))
	if at := b.eval("location.href"); !strings.HasPrefix(at, ten.Server.URL+"/p/"+token+"/paid/") {
		t.Errorf("came back to %s", at)
	}
	b.has("€1,361.25")
	b.shoot("portal-paid", 390)
	b.fine()
}
