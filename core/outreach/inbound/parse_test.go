package inbound_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/voldaan/voldaan/core/outreach/inbound"
	"github.com/voldaan/voldaan/core/outreach/token"
)

var (
	message = uuid.MustParse("0193a1f0-7d2c-7a6b-9c55-3f0a1b2c3d4e")
	noon    = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

// notification is a delivery status notification as postfix writes it.
func notification(action, status, diagnostic string) []byte {
	return crlf(fmt.Sprintf(`From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: bounce+x@in.voldaan.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Tue, 24 Nov 2026 10:00:00 +0100

Final-Recipient: rfc822; zoe@example.org
Original-Recipient: rfc822;Zoe@example.org
Action: %s
Status: %s
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; %s

--b1
Content-Type: message/rfc822

Message-ID: <abc@mail.voldaan.example>
Subject: Factuur

x
--b1--
`, action, status, diagnostic))
}

func TestBounce(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		raw    []byte
		kind   inbound.Kind
		status string
	}{
		"R52 failed with 5 is hard":                 {notification("failed", "5.1.1", "550 5.1.1 <zoe@example.org>: Recipient address rejected"), inbound.Hard, "5.1.1"},
		"R52 null MX":                               {notification("failed", "5.1.10", "null MX"), inbound.Hard, "5.1.10"},
		"R53 failed with 4 is soft":                 {notification("failed", "4.4.1", "connect timed out"), inbound.Soft, "4.4.1"},
		"delayed waits":                             {notification("delayed", "4.4.1", "connection refused"), inbound.Delayed, "4.4.1"},
		"delivered":                                 {notification("delivered", "2.0.0", "250 ok"), inbound.Delivered, "2.0.0"},
		"relayed":                                   {notification("relayed", "2.1.9", "250 ok"), inbound.Delivered, "2.1.9"},
		"class digit wins over delayed":             {notification("delayed", "5.1.1", "unknown user"), inbound.Hard, "5.1.1"},
		"class digit wins over delivered":           {notification("delivered", "5.2.1", "disabled"), inbound.Hard, "5.2.1"},
		"class digit wins over failed":              {notification("failed", "2.0.0", "250 ok"), inbound.Delivered, "2.0.0"},
		"status from the diagnostic":                {notification("failed", "", "550 5.1.1 user unknown"), inbound.Hard, "5.1.1"},
		"class from the reply code":                 {notification("failed", "", "550 no such user"), inbound.Hard, ""},
		"vague status, exact diagnostic":            {notification("failed", "5.0.0", "550-5.1.1 The email account does not exist"), inbound.Hard, "5.1.1"},
		"failed without a code blocks nothing":      {notification("failed", "", "gone"), inbound.Soft, ""},
		"action in capitals, folded diagnostic":     {notification("Failed (final)", "5.1.1", "550 5.1.1\n  No such user"), inbound.Hard, "5.1.1"},
		"status part encoded as base64 is readable": {[]byte(strings.Replace(string(notification("failed", "5.1.1", "x")), "Reporting-MTA: dns; mx.example", "Reporting-MTA dns mx.example", 1)), inbound.Hard, "5.1.1"},
		"qmail": {crlf(`From: MAILER-DAEMON@example.org
Subject: failure notice
To: bounce+x@in.voldaan.example

Hi. This is the qmail-send program at example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.

<zoe@example.org>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 No such user
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.
`), inbound.Hard, "5.1.1"},
		"qmail, no code": {crlf(`From: MAILER-DAEMON@example.org
Subject: failure notice

Hi. This is the qmail-send program at example.org.

<zoe@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)
`), inbound.Hard, "5.1.1"},
		"complaint": {crlf(`From: fbl@example.org
Subject: FW: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

spam
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
--b--
`), inbound.Complaint, ""},
		"out of office says nothing about delivery": {crlf("From: Zoe <zoe@example.org>\nSubject: Afwezig tot 1 december\nAuto-Submitted: auto-replied\n\nIk ben er niet. Bel 550 1234.\n"), inbound.AutoReply, ""},
		"unknown machine": {crlf("From: postmaster@example.org\nSubject: Notice\n\nSomething happened.\n"), inbound.Unclear, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, r := inbound.Parse(tc.raw, token.Bounce, message, "", noon)
			if b == nil {
				t.Fatalf("is a reply: %+v", r)
			}
			if b.Kind != tc.kind || b.Status != tc.status {
				t.Errorf("%s %q (%s), want %s %q", b.Kind, b.Status, b.Diagnostic, tc.kind, tc.status)
			}
			if strings.Contains(name, "R5") && (b.Recipient != "zoe@example.org" || b.Original != "<abc@mail.voldaan.example>") {
				t.Errorf("recipient %q, original %q", b.Recipient, b.Original)
			}
			if b.Message != message || b.ID == "" || len(b.Raw) == 0 || !b.Received.Equal(noon) {
				t.Errorf("incomplete: %+v", b)
			}
		})
	}
}

func TestBounceAtTheReplyAddress(t *testing.T) {
	t.Parallel()
	b, _ := inbound.Parse(notification("failed", "5.1.1", "x"), token.Reply, message, "", noon)
	if b == nil || b.Kind != inbound.Hard {
		t.Errorf("%+v", b)
	}
}

func TestPersonAtTheBounceAddress(t *testing.T) {
	t.Parallel()
	_, r := inbound.Parse(crlf("From: Zoe <zoe@example.org>\nSubject: vraag\n\nWat is dit?\n"), token.Bounce, message, "zoe@example.org", noon)
	if r == nil || r.Text != "Wat is dit?" {
		t.Errorf("%+v", r)
	}
}

func TestReply(t *testing.T) {
	t.Parallel()
	raw := crlf(`From: =?utf-8?q?Zo=C3=AB?= van den Berg <zoe@example.org>
To: reply+x@in.voldaan.example
Subject: =?iso-8859-1?q?Re:_Factuur_2026-0412_van_Caf=E9?=
Message-ID: <r1@example.org>
In-Reply-To: <m2@mail.voldaan.example>
References: <m1@mail.voldaan.example>
 <m2@mail.voldaan.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="m"

--m
Content-Type: multipart/alternative; boundary="a"

--a
Content-Type: text/plain; charset=windows-1252
Content-Transfer-Encoding: quoted-printable

Ik betaal =80 50 vrijdag. Caf=E9 is dicht.

Op di 24 nov. 2026 om 10:00 schreef Bakkerij De Korenaar BV via Voldaan
<berichten@mail.voldaan.example>:

> Geachte Z. van den Berg,
> U moet nog betalen.
--a
Content-Type: text/html; charset=utf-8

<p>Ik betaal</p>
--a--
--m
Content-Type: application/pdf; name="../../bewijs.pdf"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="../../bewijs.pdf"

JVBERg==
--m--
`)
	b, r := inbound.Parse(raw, token.Reply, message, "zoe@example.org", noon)
	if b != nil {
		t.Fatalf("is a bounce: %+v", b)
	}
	if r.Text != "Ik betaal € 50 vrijdag. Café is dicht." {
		t.Errorf("text %q", r.Text)
	}
	if r.From.Name != "Zoë van den Berg" || r.From.Address != "zoe@example.org" || r.Subject != "Re: Factuur 2026-0412 van Café" {
		t.Errorf("from %v, subject %q", r.From, r.Subject)
	}
	if r.InReplyTo != "<m2@mail.voldaan.example>" || len(r.References) != 2 || r.MessageID != "<r1@example.org>" || r.AutoSubmitted || r.Unreadable {
		t.Errorf("%+v", r)
	}
	if len(r.Attachments) != 1 || r.Attachments[0].Name != "bewijs.pdf" || string(r.Attachments[0].Bytes) != "%PDF" {
		t.Errorf("attachments %+v", r.Attachments)
	}
	if string(r.Raw) != string(raw) || !strings.Contains(r.Whole, "Geachte") {
		t.Error("the original was changed")
	}
}

func TestAutoSubmitted(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"Auto-Submitted: auto-replied": true, "Auto-Submitted: no": false, "Precedence: bulk": true, "X-Autoreply: yes": true, "X-Other: 1": false,
	} {
		_, r := inbound.Parse(crlf("From: a@example.org\nSubject: x\n"+header+"\n\nhallo\n"), token.Reply, message, "a@example.org", noon)
		if r == nil || r.AutoSubmitted != want {
			t.Errorf("%s: %+v", header, r)
		}
	}
}

func TestUnreadableMailIsKept(t *testing.T) {
	t.Parallel()
	nested := "Content-Type: multipart/mixed; boundary=b\n\n"
	for range 40 {
		nested += "--b\nContent-Type: multipart/mixed; boundary=b\n\n"
	}
	for name, raw := range map[string]string{
		"no header": "\x00\x01 garbage", "empty": "", "nested without end": nested,
		"unknown charset":  "From: a@example.org\nContent-Type: text/plain; charset=klingon\n\nqapla\n",
		"unknown encoding": "From: a@example.org\nContent-Transfer-Encoding: rot13\n\nunyyb\n",
		"bad multipart":    "From: a@example.org\nContent-Type: multipart/mixed\n\n--x\n",
	} {
		b, r := inbound.Parse(crlf(raw), token.Reply, message, "a@example.org", noon)
		if b != nil || r == nil || string(r.Raw) != string(crlf(raw)) {
			t.Errorf("%s was lost: %+v %+v", name, b, r)
		}
	}
}

func TestUnquote(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"gmail en":    {"Paid!\n\nOn Tue, Nov 24, 2026 at 10:00 AM Acme <a@x.example> wrote:\n\n> hi\n> there\n", "Paid!"},
		"gmail nl":    {"Betaald.\n\nOp di 24 nov. 2026 om 10:00 schreef Acme <a@x.example>:\n\n> hoi\n", "Betaald."},
		"outlook nl":  {"Dag,\n\nWij betalen morgen.\n\n________________________________\nVan: Acme <a@x.example>\nVerzonden: dinsdag 24 november 2026 10:00\nAan: Zoe\nOnderwerp: Factuur\n\nGeachte\n", "Dag,\n\nWij betalen morgen."},
		"outlook en":  {"Ok\n\nFrom: Acme <a@x.example>\nSent: Tuesday\nTo: Zoe\n\nDear\n", "Ok"},
		"original":    {"Ok\n-----Oorspronkelijk bericht-----\nGeachte\n", "Ok"},
		"between":     {"On Tue Acme <a@x.example> wrote:\n> when?\nFriday\n> how?\nBank\n", "On Tue Acme <a@x.example> wrote:\nFriday\nBank"},
		"signature":   {"Ja\n-- \nZoë\nCafé\n", "Ja"},
		"only quotes": {"> a\n> b\n", "> a\n> b"},
		"a sentence":  {"Op 3 december schreef ik dat ik betaald heb.\nGroet\n", "Op 3 december schreef ik dat ik betaald heb.\nGroet"},
		"from inside": {"From: here on we pay later.\nBye", "From: here on we pay later.\nBye"},
	} {
		if got := inbound.Unquote(tc.in); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestHTMLReply(t *testing.T) {
	t.Parallel()
	_, r := inbound.Parse(crlf(`From: a@example.org
Content-Type: text/html; charset=utf-8

<html><head><style>p{color:red}</style></head><body><p>Ik heb <b>al</b> betaald.</p><p>Groet &amp; dank</p><script>alert(1)</script>
<div class="gmail_quote"><div>Op di schreef Acme:<br></div><blockquote>U moet betalen</blockquote></div></body></html>
`), token.Reply, message, "a@example.org", noon)
	if r == nil || r.Text != "Ik heb al betaald.\n\nGroet & dank" {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(r.Whole, "U moet betalen") || strings.Contains(r.Whole, "alert") || strings.Contains(r.Whole, "color") {
		t.Errorf("whole %q", r.Whole)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(notification("failed", "5.1.1", "x"), true)
	f.Add(crlf("From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b--\n"), false)
	f.Add([]byte("Content-Type: text/html\r\n\r\n<blockquote><p>x</blockquote>y"), false)
	f.Fuzz(func(t *testing.T, raw []byte, bounce bool) {
		purpose := token.Reply
		if bounce {
			purpose = token.Bounce
		}
		b, r := inbound.Parse(raw, purpose, message, "", noon)
		if (b == nil) == (r == nil) {
			t.Fatalf("%d results", map[bool]int{true: 0, false: 2}[b == nil])
		}
		if b != nil && string(b.Raw) != string(raw) || r != nil && string(r.Raw) != string(raw) {
			t.Fatal("the original was changed")
		}
	})
}

func FuzzUnquote(f *testing.F) {
	f.Add("a\nOn Tue X wrote:\n> b\n")
	f.Fuzz(func(t *testing.T, s string) {
		if out := inbound.Unquote(s); out == "" && strings.TrimSpace(s) != "" {
			t.Fatalf("%q shows empty", s)
		}
	})
}
