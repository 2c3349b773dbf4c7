package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/tenant"
)

// promise is the form of the words about a promise, in English and formal.
func promise(t *testing.T, change func(parts []string)) url.Values {
	t.Helper()
	o, err := outreach.Shipped(outreach.English, outreach.PromiseNoted, outreach.Formal)
	if err != nil {
		t.Fatal(err)
	}
	parts := o.Parts()
	change(parts)
	return url.Values{"language": {"en"}, "form": {"formal"}, "subject": {o.Subject}, "part": parts}
}

func TestSettingsMessages(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("1")
	c := ten.SignIn(ten.Email)
	const page = "/settings/messages/promise_noted"
	hello := func(parts []string) { parts[0] = "Good of you to call.\n\n" + parts[0] }
	t.Run("every message is in the list", func(t *testing.T) {
		a := c.Get("/settings/messages")
		a.Has(t, 200, "First reminder", "14-day letter", "Payment plan agreed", "Direct debit announced", "Text message", "Call by a robot", "Fixed")
		for _, s := range append(outreach.Steps(), outreach.TextMessage, outreach.Call) {
			to := "/settings/messages/" + string(s)
			if !strings.Contains(a.Body, to+"?") {
				t.Errorf("%s is not in the list", s)
			}
			for _, l := range outreach.Languages() {
				c.Get(to+"?language="+string(l)).Has(t, 200, "How it reads")
				c.Get(to+"/preview?language="+string(l)).Has(t, 200)
			}
		}
		c.Get("/settings/messages/nothing").Has(t, 404)
		c.Get("/settings/messages?administration=8d0f1c7e-0000-4000-8000-000000000000").Has(t, 404)
	})
	t.Run("protected blocks are shown and cannot be typed over", func(t *testing.T) {
		c.Get(page+"?language=en").Has(t, 200, "Invoices and amounts", "{promised_on}", "Our words")
		before := ten.Dump()
		a := c.Post(page, promise(t, func(parts []string) { parts[1] = "::pay\n\nPay € 12 at www.x.nl" }))
		a.Has(t, 422, "This was not saved", "This message has no block ::pay")
		a = c.Post(page, promise(t, func(parts []string) { parts[0] = "You owe € 12, {salary}" }))
		a.Has(t, 422, "Leave", "€", "There is no field {salary} in this message.", "You owe € 12, {salary}")
		form := promise(t, hello)
		form.Set("subject", "")
		c.Post(page, form).Has(t, 422, "The subject is missing.")
		same(t, before, ten.Dump())
	})
	t.Run("a preview changes nothing and takes what is typed", func(t *testing.T) {
		before := ten.Dump()
		form := promise(t, hello)
		for way, want := range map[string]string{"email": "Good of you to call.", "text": "Good of you to call.", "": "Kind regards"} {
			form.Set("way", way)
			c.Post(page+"/preview", form).Has(t, 200, want)
		}
		form.Set("debtor", ten.Invoice("1").String())
		c.Post(page+"/preview", form).Has(t, 200, "2026-0412")
		if a := c.Post(page+"/letter.pdf", form); a.Status != 200 || !strings.HasPrefix(a.Body, "%PDF-") || a.Header.Get("Content-Type") != "application/pdf" {
			t.Errorf("the letter is %d %s", a.Status, a.Header.Get("Content-Type"))
		}
		form.Set("subject", "")
		c.Post(page+"/preview", form).Has(t, 200, "Not yet", "The subject is missing.")
		sms := url.Values{"language": {"en"}, "form": {"formal"}, "part": {"Message from {creditor}: {link} “soon”…"}}
		c.Post("/settings/messages/sms/preview", sms).Has(t, 200, "1 message", "GSM-7", "160 in one message", "soon&#34;...")
		sms.Set("part", "Message from {creditor}: {link} ✓")
		c.Post("/settings/messages/sms/preview", sms).Has(t, 200, "2 messages, each is charged", "UCS-2")
		c.Get("/settings/messages/voice/preview?language=nl").Has(t, 200, "Goedendag", "Toets dan 1", "nl-NL")
		same(t, before, ten.Dump())
	})
	t.Run("R118 versions are kept and come back", func(t *testing.T) {
		c.Post(page, promise(t, hello)).Has(t, 200, "Saved.", "Good of you to call.", "Yours, version 1")
		stale := promise(t, func(parts []string) { parts[0] = "Other words. " + parts[0] })
		stale.Set("base", "0")
		c.Post(page, stale).Has(t, 422, "Somebody changed these words meanwhile", "Other words.")
		stale.Set("base", "1")
		c.Post(page, stale).Has(t, 200, "Yours, version 2")
		c.Get("/settings/messages?language=nl").Has(t, 200, "English, formal")
		c.Post(page+"/restore", url.Values{"language": {"en"}, "form": {"formal"}, "version": {"1"}}).Has(t, 200, "Version 1 is back.", "Yours, version 3")
		c.Post(page+"/reset", url.Values{"language": {"en"}, "form": {"formal"}}).Has(t, 200, "Back to the words above yours", "Our words")
		c.Post(page+"/restore", url.Values{"language": {"en"}, "form": {"formal"}, "version": {"9"}}).Has(t, 404)
	})
	t.Run("one administration speaks otherwise than the rest", func(t *testing.T) {
		form := promise(t, hello)
		form.Set("administration", ten.Administration.String())
		c.Post(page, form).Has(t, 200, "Saved.")
		c.Get("/settings/messages").Has(t, 200, "First reminder")
		if a := c.Get("/settings/messages?language=en"); strings.Contains(a.Body, "English, formal") {
			t.Error("the words of one administration are those of all")
		}
		c.Get("/settings/messages?language=en&administration="+ten.Administration.String()).Has(t, 200, "English, formal")
	})
	t.Run("R124 only an owner changes words", func(t *testing.T) {
		ten.Member("look@vandijk.example", tenant.Collector)
		other := ten.SignIn("look@vandijk.example")
		other.Get(page+"?language=en").Has(t, 200, "You look only", "readonly")
		other.Post(page, promise(t, hello)).Has(t, 403)
		other.Post(page+"/reset", url.Values{"language": {"en"}}).Has(t, 403)
		other.Post(page+"/preview", promise(t, hello)).Has(t, 200, "Good of you to call.")
	})
	t.Run("fixed words say why", func(t *testing.T) {
		c.Get("/settings/messages/interruption?language=nl").Has(t, 200, "These words are fixed", "Limitation is interrupted")
		c.Post("/settings/messages/portal_code", url.Values{"language": {"nl"}, "part": {"x", "y"}, "subject": {"z"}}).Has(t, 404)
	})
}

// TestBrowserMessages writes words and watches them appear in the message.
func TestBrowserMessages(t *testing.T) {
	t.Parallel()
	ten := open(t)
	b := newTab(t)
	b.do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(ten.Server.URL+"/settings/messages?language=en"), chromedp.WaitVisible("#email"))
	b.do(chromedp.SendKeys("#email", ten.Email), chromedp.SendKeys("#password", apitest.Password))
	b.follow("button", "Sign in")
	b.has("First reminder", "Our words")
	b.shoot("messages", 1280)
	b.shoot("messages-phone", 390)
	b.do(chromedp.EmulateViewport(1440, 900))
	b.follow("a.row-link", "Promise noted")
	shown := func(words string) {
		t.Helper()
		for range 100 {
			if strings.Contains(b.eval(`document.querySelector("iframe").contentDocument?.body?.innerText || ""`), words) {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Fatalf("the preview never showed %q: %s", words, b.eval(`document.querySelector("iframe").contentDocument?.body?.innerText || "nothing"`))
	}
	shown("You agreed to pay")
	before := b.eval(`String(history.length)`)
	b.do(chromedp.Focus("#part-0"), chromedp.SendKeys("#part-0", " Dear "))
	b.press(".field-chip", "{debtor}")
	b.do(chromedp.SendKeys("#part-0", ", thank you."))
	shown("Bakkerij De Gouden Aar, thank you.")
	if focus := b.eval(`document.activeElement.id`); focus != "part-0" {
		t.Errorf("the focus went to %q", focus)
	}
	b.eval(`(() => { const s = document.querySelector("#trial-debtor"); s.value = "consumer"; s.dispatchEvent(new Event("input", {bubbles: true})); return "" })()`)
	shown("Noor Yilmaz, thank you.")
	if after := b.eval(`String(history.length)`); after != before {
		t.Logf("previews are %s steps back, were %s", after, before)
	}
	b.shoot("message", 1440)
	b.shoot("message-phone", 390)
	b.do(chromedp.EmulateViewport(1440, 900))
	b.follow(".card footer button", "Save")
	b.has("Saved.", "Yours, version 1", "Versions")
	b.shoot("message-saved", 1440)
	b.do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(ten.Server.URL+"/settings/messages/sms?language=en"), chromedp.WaitVisible("#part-0"))
	shown("1 message")
	b.shoot("message-sms", 1440)
	b.fine()
}
