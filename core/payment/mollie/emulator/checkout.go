package emulator

import (
	"html/template"
	"net/http"
	"strings"

	"github.com/voldaan/voldaan/sdk/money"
)

// checkout adds the hosted payment pages. Looking at one changes nothing; every
// outcome is a POST from the page itself.
func (s *Server) checkout(mux *http.ServeMux) {
	mux.HandleFunc("GET /checkout/{token}", s.showCheckout)
	guard := http.NewCrossOriginProtection()
	mux.Handle("POST /checkout/{token}", guard.Handler(http.HandlerFunc(s.postCheckout)))
}

// banks are the choices of an iDEAL payment, with invented accounts.
var banks = []string{"ABN AMRO", "ASN Bank", "bunq", "ING", "Knab", "Rabobank", "RegioBank", "SNS", "Triodos Bank"}

type checkoutView struct {
	Description, Amount, Status, Words, Method, Title, Back string
	Test, Final                                             bool
	Methods                                                 []choice
	Banks                                                   []string
	Details                                                 map[string]any
}

type choice struct{ ID, Name string }

var outcomes = map[string]string{
	"open": "Waiting for your payment", "pending": "The bank is still working on it", "authorized": "The amount is reserved", "paid": "Paid",
	"failed": "The payment failed", "canceled": "The payment was cancelled", "expired": "The time for this payment has passed",
}

func (t *till) byToken(token string) *payment {
	for _, p := range t.Payments {
		if p.Token == token {
			return p
		}
	}
	return nil
}

func (s *Server) showCheckout(w http.ResponseWriter, r *http.Request) {
	s.tick()
	var v *checkoutView
	s.till.View(func(t *till) {
		if p := t.byToken(r.PathValue("token")); p != nil {
			v = p.view()
		}
	})
	if v == nil {
		http.Error(w, "There is no payment at this address.", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	_ = checkoutPage.Execute(w, v)
}

func (p *payment) view() *checkoutView {
	v := &checkoutView{
		Description: p.Description, Amount: shown(p.Amount), Status: p.Status, Words: outcomes[p.Status], Method: p.Method, Back: p.RedirectURL,
		Test: p.Mode == "test", Final: p.final(), Details: p.Details,
	}
	if m := methodOf(p.Method); m != nil {
		v.Title = m.title(p.Locale)
	}
	for i := range methods {
		if m := &methods[i]; m.offered(p.Sequence) && m.takes(p.Amount) && (p.Offered == nil || contains(p.Offered, m.id)) {
			v.Methods = append(v.Methods, choice{m.id, m.title(p.Locale)})
		}
	}
	if p.Method == "ideal" {
		v.Banks = banks
	}
	return v
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

// shown writes an amount for people: "€ 1,210.00".
func shown(a money.Amount) string {
	s := a.Decimal()
	whole, _, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if a.Currency == "EUR" {
		return "€ " + s
	}
	return string(a.Currency) + " " + s
}

// postCheckout takes what the debtor, or the bank behind the debtor, decides:
// action is choose, pay, fail, cancel, expire or pend.
func (s *Server) postCheckout(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Send the form of the page.", http.StatusBadRequest)
		return
	}
	to := r.URL.Path
	err := s.change(func(c *change) error {
		p := c.t.byToken(r.PathValue("token"))
		if p == nil {
			return noEntity("payment", "at this address")
		}
		if p.final() {
			return nil // a second click: the page tells how it ended
		}
		action := r.PostForm.Get("action")
		if action == "choose" {
			m := methodOf(r.PostForm.Get("method"))
			if m == nil || !m.offered(p.Sequence) || !m.takes(p.Amount) || p.Offered != nil && !contains(p.Offered, m.id) {
				return unprocessable("method", "Choose one of the methods.")
			}
			p.Method = m.id
			if m.id == "banktransfer" && p.Details == nil {
				c.transfer(p)
			}
			c.deadline(p)
			return nil
		}
		if p.Method == "" {
			return unprocessable("method", "Choose a method first.")
		}
		to = p.RedirectURL
		switch action {
		case "pay":
			return c.pay(p, PayerSeed{})
		case "fail":
			return c.fail(p, "card_declined")
		case "cancel":
			if p.CancelURL != "" {
				to = p.CancelURL
			}
			c.finish(p, "canceled")
		case "expire":
			c.finish(p, "expired")
		case "pend":
			c.finish(p, "pending")
		default:
			return unprocessable("action", "There is no such button.")
		}
		return nil
	})
	if err != nil {
		status := http.StatusInternalServerError
		if p, ok := err.(*problem); ok {
			status = p.status
		}
		http.Error(w, err.Error(), status)
		return
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

var checkoutPage = template.Must(template.New("checkout").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Amount}} - {{.Description}}</title>
<style>
 :root{color-scheme:light dark;--paper:#f6f3ec;--card:#fff;--ink:#16202c;--soft:#5a6472;--line:#ddd6c8;--go:#1e5c42}
 @media (prefers-color-scheme:dark){:root{--paper:#12181f;--card:#1b232d;--ink:#eef0f2;--soft:#a9b3bf;--line:#33404e;--go:#3f9a73}}
 *{box-sizing:border-box} body{font:16px/1.5 system-ui,sans-serif;margin:0;background:var(--paper);color:var(--ink);display:grid;place-items:center;min-height:100vh}
 main{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.75rem;width:min(26rem,100% - 2rem);margin:1rem}
 .note{font-size:.85rem;color:var(--soft);margin:0 0 1rem} h1{font-size:2rem;margin:0;font-variant-numeric:tabular-nums} h1+p{margin:.1rem 0 1.25rem}
 fieldset{border:0;padding:0;margin:0 0 1rem} legend,label.top{font-weight:600;padding:0;display:block;margin-bottom:.4rem}
 .pick{display:block;border:1px solid var(--line);border-radius:10px;padding:.65rem .8rem;margin-bottom:.4rem;cursor:pointer}
 select{font:inherit;width:100%;padding:.6rem;border-radius:10px;border:1px solid var(--line);background:var(--card);color:inherit;margin-bottom:1rem}
 button{font:inherit;padding:.65rem 1rem;border-radius:10px;border:1px solid var(--line);background:none;color:inherit;cursor:pointer}
 button.go{display:block;width:100%;background:var(--go);border-color:var(--go);color:#fff;font-weight:600;padding:.8rem}
 .else{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:.9rem} .else button{font-size:.9rem;padding:.45rem .7rem}
 dl{display:grid;grid-template-columns:auto 1fr;gap:.3rem .9rem;margin:0 0 1.25rem} dt{color:var(--soft)} dd{margin:0;font-family:ui-monospace,monospace;overflow-wrap:anywhere}
 .state{font-weight:600;font-size:1.1rem;margin:0 0 1rem} a{color:inherit}
</style>
</head>
<body><main>
<p class="note">Checkout emulated on this machine. No money moves.{{if .Test}} Test mode.{{end}}</p>
<h1>{{.Amount}}</h1>
<p>{{.Description}}</p>
{{if .Final}}
<p class="state" role="status">{{.Words}}</p>
<p><a href="{{.Back}}">Back to where you came from</a></p>
{{else if not .Method}}
<form method="post">
<fieldset><legend>How do you want to pay?</legend>
{{range $i, $m := .Methods}}<label class="pick"><input type="radio" name="method" value="{{$m.ID}}"{{if eq $i 0}} checked{{end}}> {{$m.Name}}</label>
{{end}}</fieldset>
<button class="go" name="action" value="choose">Continue</button>
</form>
{{else if eq .Method "banktransfer"}}
<p class="state" role="status">{{.Words}}</p>
<p>Transfer the amount to this account. Mention the reference, and nothing else.</p>
<dl><dt>IBAN</dt><dd>{{.Details.bankAccount}}</dd><dt>BIC</dt><dd>{{.Details.bankBic}}</dd><dt>Name</dt><dd>{{.Details.bankName}}</dd><dt>Reference</dt><dd>{{.Details.transferReference}}</dd></dl>
<form method="post">
<button class="go" name="action" value="pay">The money arrives</button>
<div class="else"><button name="action" value="cancel">Cancel</button><button name="action" value="expire">Let it expire</button></div>
</form>
<p><a href="{{.Back}}">Back to where you came from</a></p>
{{else}}
{{if ne .Status "open"}}<p class="state" role="status">{{.Words}}</p>{{end}}
<form method="post">
{{if .Banks}}<label class="top" for="bank">Your bank</label>
<select id="bank" name="bank">{{range .Banks}}<option>{{.}}</option>{{end}}</select>{{end}}
<button class="go" name="action" value="pay">Pay with {{.Title}}</button>
<div class="else">
<button name="action" value="fail">Fail</button><button name="action" value="cancel">Cancel</button>
<button name="action" value="expire">Let it expire</button><button name="action" value="pend">Leave it pending</button>
</div>
</form>
{{end}}
</main></body></html>
`))
