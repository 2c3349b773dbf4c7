// Command misbehave is a connector that does what its connection's config asks:
// answer well, fast and much, or crash, hang, flood and pry. It tests the host.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/serve"
)

func main() {
	serve.Run(connector{})
}

type connector struct{ sdk.Base }

// Check does what config "check" asks.
func (connector) Check(ctx context.Context, s *sdk.Session) error {
	switch s.Config["check"] {
	case "crash":
		fmt.Fprintln(os.NewFile(2, "stderr"), "about to crash for klant@example.nl with token=abcdef123456")
		go panic("boom")
		select {}
	case "panic":
		panic("in the call")
	case "exit":
		os.Exit(7)
	case "hang":
		select {}
	case "slow":
		<-ctx.Done()
		return ctx.Err()
	case "stop":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		time.Sleep(time.Hour) // the signal takes a moment
	case "memory":
		var hold [][]byte
		for {
			b := make([]byte, 16<<20)
			for i := range b {
				b[i] = 1
			}
			hold = append(hold, b)
			_ = hold
		}
	case "shout":
		line := []byte(strings.Repeat("la", 500) + "\n")
		for {
			_, _ = syscall.Write(2, line)
		}
	case "auth":
		return fmt.Errorf("%w: ask Piet", sdk.ErrAuth)
	case "later":
		return &sdk.RetryAfter{Wait: time.Minute, Why: "busy"}
	case "get":
		return get(ctx, s)
	case "log":
		s.Log.Info("reading", "page", 3, "email", "klant@example.nl")
		fmt.Println("printed")
	}
	return nil
}

func get(ctx context.Context, s *sdk.Session) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Config["url"], nil)
	if err != nil {
		return err
	}
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if want := s.Config["want"]; string(b) != want {
		return fmt.Errorf("%w: got %q, want %q", sdk.ErrInvalid, b, want)
	}
	return nil
}

// Administrations tells what the program can see of the machine.
func (connector) Administrations(_ context.Context, s *sdk.Session) ([]sdk.Administration, error) {
	spawn := s.Config["spawn"]
	if spawn != "" {
		c := exec.Command(spawn, "600")
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
		if err := c.Start(); err != nil {
			return nil, err
		}
		return []sdk.Administration{{ID: strconv.Itoa(c.Process.Pid)}}, nil
	}
	secret := "cannot be read"
	if b, err := os.ReadFile(s.Config["file"]); err == nil {
		secret = string(b)
	}
	return []sdk.Administration{
		{ID: "env", Name: strings.Join(os.Environ(), "\n")},
		{ID: "uid", Name: strconv.Itoa(os.Getuid())},
		{ID: "pid", Name: strconv.Itoa(os.Getpid())},
		{ID: "file", Name: secret},
	}, nil
}

// Document sends as many bytes as the invoice's id says, or config "document".
func (connector) Document(_ context.Context, s *sdk.Session, r sdk.DocumentRequest) (sdk.Document, error) {
	if text := s.Config["document"]; text != "" && r.Format == sdk.PDF {
		return sdk.Document{Name: "../../x\r\n.html", ContentType: "text/html\r\nX-Evil: 1", Content: []byte(text)}, nil
	}
	n, err := strconv.Atoi(r.Invoice)
	if err != nil {
		return sdk.Document{}, fmt.Errorf("%w: no document", sdk.ErrGone)
	}
	return sdk.Document{Name: `..\..\etc/in voice.pdf`, ContentType: "application/pdf", Content: make([]byte, n)}, nil
}

// Push does what the key asks.
func (connector) Push(ctx context.Context, s *sdk.Session, w sdk.Write) (sdk.Outcome, error) {
	switch w.Key {
	case "applied":
		return sdk.Outcome{State: sdk.Applied, ExternalID: w.Payment.Reference + "/" + w.Payment.Amount.String() + "/" + w.Payment.ValueDate.String()}, nil
	case "crash-before":
		os.Exit(3)
	case "crash-after":
		_ = get(ctx, s)
		os.Exit(3)
	}
	return sdk.Outcome{}, fmt.Errorf("%w: key", sdk.ErrInvalid)
}

// Find knows nothing.
func (connector) Find(context.Context, *sdk.Session, sdk.Write) (sdk.Outcome, error) {
	return sdk.Outcome{State: sdk.Rejected}, nil
}

// Webhook compares the secret.
func (connector) Webhook(_ context.Context, s *sdk.Session, call sdk.WebhookCall) ([]sdk.Hint, error) {
	if call.Header.Get("Signature") != string(s.WebhookSecret) {
		return nil, fmt.Errorf("%w: wrong signature", sdk.ErrAuth)
	}
	return []sdk.Hint{{Administration: "a", Stream: sdk.Invoices, ID: string(call.Body), Event: "e"}}, nil
}

// Pull does what config "pull" asks; config "n" is a number of invoices.
func (connector) Pull(ctx context.Context, s *sdk.Session, req sdk.PullRequest, sink sdk.Sink) error {
	n, _ := strconv.Atoi(s.Config["n"])
	switch s.Config["pull"] {
	case "synthetic":
		return synthetic(n, s.Config, req.Cursor, sink)
	case "crash":
		if err := synthetic(n, s.Config, req.Cursor, unfinished{sink}); err != nil {
			return err
		}
		time.Sleep(200 * time.Millisecond) // what was sent is on its way
		os.Exit(9)
	case "auth", "later":
		if err := synthetic(n, s.Config, req.Cursor, unfinished{sink}); err != nil {
			return err
		}
		return broken[s.Config["pull"]]
	case "shuffled":
		return shuffled(n, sink)
	case "hang":
		_ = synthetic(n, s.Config, req.Cursor, unfinished{sink})
		select {}
	case "flood":
		for i := 0; ; i++ {
			if err := sink.Invoice(invoice(i)); err != nil {
				return err
			}
		}
	case "empty":
		for {
			if err := sink.Progress(sdk.Invoices, 1); err != nil {
				return err
			}
		}
	case "disorder":
		return disorder(sink)
	case "compare":
		return compare(n, sink)
	case "targeted":
		for _, id := range req.Invoices {
			if err := sink.Gone(sdk.Invoices, id); err != nil {
				return err
			}
		}
	case "calls":
		// Many calls for all books, one for each invoice that is asked for.
		if len(req.Invoices) > 0 {
			n = len(req.Invoices)
		}
		for range n {
			if err := get(ctx, s); err != nil {
				return err
			}
		}
		return synthetic(5, s.Config, req.Cursor, sink)
	case "resync":
		return fmt.Errorf("%w: too old", sdk.ErrResync)
	case "slow":
		for range 100 {
			if err := get(ctx, s); err != nil {
				return err
			}
		}
	case "dial":
		c, err := net.Dial("tcp", s.Config["address"])
		if err != nil {
			return fmt.Errorf("%w: %w", sdk.ErrInvalid, err)
		}
		return c.Close()
	}
	return nil
}

// broken are the ends of a pull that the package breaks off.
var broken = map[string]error{
	"auth":  fmt.Errorf("%w: the token was revoked", sdk.ErrAuth),
	"later": &sdk.RetryAfter{Wait: 90 * time.Second, Why: "429 Too Many Requests"},
}

// unfinished is a sink for a pull that does not come to its end.
type unfinished struct{ sdk.Sink }

// Complete says nothing.
func (unfinished) Complete(sdk.Stream) error { return nil }

// synthetic sends n invoices of n/10 parties and a payment for every third, with
// config "resume" from the checkpoint on. Config "unreadable" names an invoice that cannot be told, and
// "same" two that bear one number.
func synthetic(n int, config map[string]string, cursor []byte, sink sdk.Sink) error {
	every, _ := strconv.Atoi(config["checkpoint"])
	from := 0
	if config["resume"] != "" {
		from, _ = strconv.Atoi(string(cursor))
	}
	for i := from; i < n; i++ {
		if i%10 == 0 {
			if err := sink.Party(party(i / 10)); err != nil {
				return err
			}
		}
		if err := tell(invoice(i), config, sink); err != nil {
			return err
		}
		if i%3 == 0 {
			if err := sink.Payment(payment(i)); err != nil {
				return err
			}
		}
		if every > 0 && (i+1)%every == 0 {
			if err := sink.Checkpoint([]byte(strconv.Itoa(i + 1))); err != nil {
				return err
			}
		}
	}
	if from > 0 {
		return nil // some of it came in an earlier pull
	}
	return sink.Complete(sdk.Invoices)
}

func tell(v sdk.Invoice, config map[string]string, sink sdk.Sink) error {
	if v.ID == config["unreadable"] {
		return sink.Unreadable(sdk.Invoices, v.ID, "no date")
	}
	if slices.Contains(strings.Split(config["same"], ","), v.ID) {
		v.Number = "2026-SAME"
	}
	return sink.Invoice(v)
}

// shuffled sends what synthetic sends, the other way round and twice.
func shuffled(n int, sink sdk.Sink) error {
	for range 2 {
		for i := n - 1; i >= 0; i-- {
			if i%3 == 0 {
				if err := sink.Payment(payment(i)); err != nil {
					return err
				}
			}
			if err := sink.Invoice(invoice(i)); err != nil {
				return err
			}
			if i%10 == 0 {
				if err := sink.Party(party(i / 10)); err != nil {
					return err
				}
			}
		}
	}
	return sink.Complete(sdk.Invoices)
}

func party(i int) sdk.Party {
	k := strconv.Itoa(i)
	return sdk.Party{
		ID: "p" + k, Revision: "1774569600", Name: "Bakkerij " + k + " B.V.", Kind: sdk.Business, Attention: "Crediteurenadministratie",
		Email: "administratie" + k + "@bakkerij.example", Phone: "+31 20 555 01 23", Language: "nl", IBAN: "NL91ABNA0417164300",
		Address:   sdk.Address{Line1: "Dorpsstraat " + k, PostalCode: "1234 AB", City: "Ons Dorp", Country: "NL"},
		VATNumber: "NL001234567B01", Registration: "12345678", URL: "https://books.example/parties/" + k,
	}
}

var firstDay = date.New(2026, 1, 1)

func invoice(i int) sdk.Invoice {
	k := strconv.Itoa(i)
	day := firstDay.AddDays(i % 300)
	return sdk.Invoice{
		ID: "i" + k, Revision: "1774569600", PartyID: "p" + strconv.Itoa(i/10), Number: "2026-" + k, Kind: sdk.SalesInvoice, Status: sdk.Open,
		Issued: day, Due: day.AddDays(14), Total: money.EUR(int64(10_000 + i)), Open: money.EUR(int64(10_000 + i)),
		Reference: "Project " + k, PaymentReference: "RF18539007547034", Document: true, URL: "https://books.example/invoices/" + k,
	}
}

func payment(i int) sdk.Payment {
	k := strconv.Itoa(i)
	return sdk.Payment{
		ID: "y" + k, Revision: "1", PartyID: "p" + strconv.Itoa(i/10), InvoiceID: "i" + k, Amount: money.EUR(int64(100 + i)),
		ValueDate: firstDay.AddDays(i % 300), Reference: "tr_" + k,
	}
}

// disorder sends what a careless package does: a payment before its invoice, an
// invoice before its party, twice, with other contents the second time, gone and
// back again, and one that cannot be read.
func disorder(sink sdk.Sink) error {
	again := invoice(0)
	again.Status, again.Open = sdk.Paid, money.EUR(0)
	for _, do := range []func() error{
		func() error { return sink.Payment(payment(0)) },
		func() error { return sink.Invoice(invoice(0)) },
		func() error { return sink.Party(party(0)) },
		func() error { return sink.Invoice(again) },
		func() error { return sink.Gone(sdk.Invoices, "i1") },
		func() error { return sink.Invoice(invoice(1)) },
		func() error {
			v := invoice(2)
			v.Total.Currency, v.Open.Currency = "XXX", "XXX"
			return sink.Invoice(v)
		},
		func() error { return sink.Unreadable(sdk.Invoices, "i3", "no date") },
		func() error { return sink.Progress(sdk.Invoices, 4) },
		func() error { return sink.Complete(sdk.Invoices) },
		func() error { return sink.Checkpoint([]byte{}) },
	} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// compare lists n invoices and sends those that are wanted.
func compare(n int, sink sdk.Sink) error {
	list := make([]sdk.Revision, n)
	for i := range list {
		list[i] = sdk.Revision{ID: "i" + strconv.Itoa(i), Revision: "1"}
	}
	wanted, err := sink.Compare(sdk.Invoices, list)
	if err != nil {
		return err
	}
	for _, id := range wanted {
		i, err := strconv.Atoi(strings.TrimPrefix(id, "i"))
		if err != nil {
			return err
		}
		if err := sink.Invoice(invoice(i)); err != nil {
			return err
		}
	}
	return nil
}
