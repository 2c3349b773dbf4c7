package conformance

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// scenarios are tried in order; the matrix comes after them.
var scenarios = slices.Concat([]scenario{
	{
		area: Contract, name: "check", sentence: "Check proves a connection with at most two requests and little data, and the program can do what its manifest says.",
		do: func(ctx context.Context, s *stage) (string, error) {
			s.phase("check")
			asked := s.desk.begin()
			if err := s.s.Check(ctx); err != nil {
				return "", wrong("Check fails on a good connection: %v", err)
			}
			size := 0
			for _, q := range asked() {
				size += len(q.answer.body)
			}
			// A session that has to be opened first is not the check's.
			if n := len(asked()); n > 3 || size > 256<<10 {
				return "", wrong("it makes %d requests and reads %d KiB", n, size>>10)
			}
			return fmt.Sprintf("%d requests", len(asked())), nil
		},
	},
	{
		area: Contract, name: "access refused", sentence: "Without access, Check says that a person must sign in.",
		do: func(ctx context.Context, s *stage) (string, error) {
			if none(s.r.m) {
				return "", nil
			}
			m := Mutation{Times: -1, play: status(401, nil, "Unauthorized")}
			s.phase("check")
			s.desk.arm(&m, 0)
			err := s.s.Check(ctx)
			fired := s.desk.shots()
			s.desk.arm(nil, 0)
			if fired > 0 && ClassOf(err) != Auth {
				return "", wrong("it says %q: %v", ClassOf(err), err)
			}
			return "", nil
		},
	},
	{
		area: Contract, name: "administrations", sentence: "The administrations have an id, a name, a country, a currency and a time zone, and are the same when asked again.",
		do: func(ctx context.Context, s *stage) (string, error) {
			s.phase("administrations")
			first, err := s.s.Administrations(ctx)
			if err != nil {
				return "", wrong("they cannot be listed: %v", err)
			}
			if len(first) == 0 {
				return "", wrong("there is none")
			}
			again, err := s.s.Administrations(ctx)
			if err != nil || !slices.Equal(first, again) {
				return "", wrong("asked again, they differ: %v, %v", again, err)
			}
			seen := map[string]bool{}
			for _, a := range first {
				if a.ID == "" || a.Name == "" || seen[a.ID] || !country.MatchString(a.Country) || len(a.Currency) != 3 {
					return "", wrong("%q (%s) has country %q, currency %q; ids must differ", a.ID, a.Name, a.Country, a.Currency)
				}
				seen[a.ID] = true
				if _, err := time.LoadLocation(a.TimeZone); err != nil || a.TimeZone == "" {
					return "", wrong("%s has the time zone %q", a.Name, a.TimeZone)
				}
			}
			if s.adm == "" || !seen[s.adm] {
				s.adm = first[0].ID
			}
			return fmt.Sprintf("%d", len(first)), nil
		},
	},
	{
		area: Reading, name: "first load", sentence: "A first load brings records that keep the rules: ids, names, currencies, dates, kinds, debtors that exist, sums that add up.",
		do: firstLoad,
	},
	{
		area: Reading, name: "exact amounts", sentence: "Every invoice of the books is there, with the very total and open amount that it has there.", reads: manifest.DataInvoices,
		do: exact,
	},
	{
		area: Reading, name: "twice is once", sentence: "A second load over the first changes nothing.",
		do: func(ctx context.Context, s *stage) (string, error) {
			if s.r.base == nil {
				return "", skip("There was no first load.")
			}
			s.phase("full")
			b := s.r.base.Clone()
			b.Cursor = nil
			if err := s.pull(ctx, b); err != nil {
				return "", wrong("the second load fails: %v", err)
			}
			if d := s.r.base.compareTo(b); len(d) > 0 {
				return "", wrong("%s", few(d))
			}
			return "", nil
		},
	},
	{
		area: Reading, name: "resume", sentence: "A load that breaks off at a checkpoint goes on from it, and ends up with the same books.",
		do: resume,
	},
	{
		area: Reading, name: "nothing new", sentence: "A pull after a load brings nothing that is not there, and takes nothing away.",
		do: func(ctx context.Context, s *stage) (string, error) {
			if s.r.base == nil {
				return "", skip("There was no first load.")
			}
			s.phase("incremental")
			b := s.r.base.Clone()
			asked := s.desk.begin()
			if err := s.pull(ctx, b); err != nil {
				return "", wrong("it fails: %v", err)
			}
			s.r.again = asked()
			s.r.report.CallsIdle = len(s.r.again)
			if d := s.r.base.compareTo(b); len(d) > 0 {
				return "", wrong("%s", few(d))
			}
			return fmt.Sprintf("%d requests, %d records", len(s.r.again), b.Sent), nil
		},
	},
	{
		area: Reading, name: "targeted", sentence: "Named invoices are read exactly, in few requests: the gate asks this before every reminder.", reads: manifest.DataInvoices,
		do: targeted,
	},
	{
		area: Documents, name: "document", sentence: "The PDF of an invoice is a PDF; of an invoice that does not exist there is none.", needs: manifest.Documents,
		do: document,
	},
	{
		area: Manners, name: "cancel", sentence: "A call that is cancelled ends at once, does nothing more, and the next one works.",
		do: cancelled,
	},
	{
		area: Manners, name: "no leaks", sentence: "Call after call, the process takes no more memory, files or threads.",
		do: leaks,
	},
	{
		area: Manners, name: "no way in", sentence: "Forged and empty calls of a webhook are refused for their signature.", needs: manifest.Webhooks,
		do: func(ctx context.Context, s *stage) (string, error) {
			for _, body := range []string{"", "{}", `{"administration_id":"1","entity_type":"SalesInvoice","entity_id":"1","action":"x"}`, "a=b&c=d", "<x/>"} {
				for _, secret := range []string{"sesam", ""} {
					call := sdk.WebhookCall{Header: map[string][]string{"Content-Type": {"application/json"}, "Signature": {"t=1,v1=00"}}, Body: []byte(body)}
					hints, err := s.s.Webhook(ctx, call, []byte(secret))
					if c := ClassOf(err); c != Auth {
						return "", wrong("a call without a good signature (%q, secret %q) gives %d hints and %q: %v", body, secret, len(hints), c, err)
					}
				}
			}
			return "", nil
		},
	},
}, changeScenarios, writeScenarios, webhookScenarios)

func none(m *manifest.Manifest) bool {
	return !slices.ContainsFunc(m.Auth, func(a manifest.Auth) bool { return a.Type != manifest.None })
}

func firstLoad(ctx context.Context, s *stage) (string, error) {
	s.phase("full")
	asked := s.desk.begin()
	b, err := s.books(ctx)
	if err != nil {
		return "", wrong("it fails: %v", err)
	}
	log := asked()
	if len(b.Parties)+len(b.Invoices) == 0 {
		return "", wrong("it brings nothing")
	}
	if b.Cursor == nil {
		return "", wrong("it ends without a checkpoint, so that every pull is a first load")
	}
	s.r.base, s.r.load = b.Clone(), log
	if p := b.Problems(); len(p) > 0 {
		return "", wrong("%s", strings.Join(p[:min(3, len(p))], "; "))
	}
	return fmt.Sprintf("%d parties, %d invoices, %d payments in %d requests", len(b.Parties), len(b.Invoices), len(b.Payments), len(log)), nil
}

func exact(_ context.Context, s *stage) (string, error) {
	if s.r.base == nil {
		return "", skip("There was no first load.")
	}
	if s.play.Books == nil {
		return "", skip("A recording does not say what is in the books.")
	}
	return "", s.matches(s.r.base)
}

// matches compares books with what the played books have.
func (s *stage) matches(b *Books) error {
	list, err := s.play.Books.Invoices()
	if err != nil {
		return broken{err}
	}
	byNumber := map[string]sdk.Invoice{}
	for _, v := range b.Invoices {
		byNumber[v.Number] = v
	}
	for _, e := range list {
		v, ok := byNumber[e.Number]
		if !ok {
			return wrong("invoice %s of the books is missing", e.Number)
		}
		delete(byNumber, e.Number)
		total, open := v.Total.Decimal(), v.Open.Decimal()
		if v.Kind == sdk.CreditNote {
			continue // the sign differs between packages
		}
		if same(total, e.Total) && same(open, e.Open) {
			continue
		}
		return wrong("invoice %s has a total of %s and %s open; in the books that is %s and %s", e.Number, total, open, e.Total, e.Open)
	}
	for number, v := range byNumber {
		if v.Status != sdk.Draft && v.Status != sdk.Void {
			return wrong("invoice %s is not in the books", number)
		}
	}
	return nil
}

// same compares decimals by value.
func same(a, b string) bool {
	trim := func(s string) string {
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
	return trim(a) == trim(b)
}

// errEnough is what a sink says that wants no more.
type errEnough struct{}

func (errEnough) Error() string { return "the sink wants no more" }

func resume(ctx context.Context, s *stage) (string, error) {
	if s.r.base == nil {
		return "", skip("There was no first load.")
	}
	s.phase("full")
	tried := 0
	for _, at := range []int{1, 2} {
		b := NewBooks()
		b.stop = func(n int) error {
			if n >= at {
				return errEnough{}
			}
			return nil
		}
		err := s.pull(ctx, b)
		if err == nil {
			break // there are not that many checkpoints
		}
		if c := ClassOf(err); c == Crash || c == Hang {
			return "", wrong("when the host wants no more: %v", err)
		}
		tried++
		b.stop = nil
		if err := s.pull(ctx, b); err != nil {
			return "", wrong("it does not go on from checkpoint %d: %v", at, err)
		}
		if d := s.r.base.compareTo(b); len(d) > 0 {
			return "", wrong("gone on from checkpoint %d: %s", at, few(d))
		}
	}
	return fmt.Sprintf("from %d checkpoints", tried), nil
}

// Named returns the invoices that are read by their ids: one of them, and ten. A
// recording asks for the same.
func (b *Books) Named() [][]string {
	ids := slices.Sorted(maps.Keys(b.Invoices))
	if len(ids) == 0 {
		return nil
	}
	return [][]string{ids[:1], ids[:min(10, len(ids))]}
}

func targeted(ctx context.Context, s *stage) (string, error) {
	if s.r.base == nil || len(s.r.base.Invoices) == 0 {
		return "", skip("There are no invoices.")
	}
	s.phase("targeted")
	note := ""
	for _, want := range s.r.base.Named() {
		b, asked := NewBooks(), s.desk.begin()
		if err := s.pull(ctx, b, want...); err != nil {
			return "", wrong("reading %d invoices fails: %v", len(want), err)
		}
		calls := len(asked())
		for _, id := range want {
			got, ok := b.Invoices[id]
			if !ok {
				return "", wrong("invoice %s was asked for and did not come", id)
			}
			if what := explain(s.r.base.Invoices[id], got); what != "" {
				return "", wrong("invoice %s is not as in a full pull: %s", id, what)
			}
		}
		if len(b.Invoices) != len(want) || len(b.gone) > 0 || b.ends {
			return "", wrong("%d invoices came of %d; it may bring nothing else, and say of no stream that it is complete", len(b.Invoices), len(want))
		}
		if calls > 4+2*len(want) {
			return "", wrong("%d invoices took %d requests", len(want), calls)
		}
		note = strings.TrimPrefix(note+fmt.Sprintf(", %d in %d requests", len(want), calls), ", ")
	}
	return note, nil
}

func document(ctx context.Context, s *stage) (string, error) {
	if s.r.base == nil {
		return "", skip("There was no first load.")
	}
	s.phase("document")
	for _, id := range slices.Sorted(maps.Keys(s.r.base.Invoices)) {
		if !s.r.base.Invoices[id].Document {
			continue
		}
		d, err := s.s.Document(ctx, sdk.DocumentRequest{Administration: s.adm, Invoice: id, Format: sdk.PDF})
		if err != nil && s.play.Books == nil {
			continue // a recording has one of them
		}
		if err != nil {
			return "", wrong("the PDF of invoice %s, which has one: %v", id, err)
		}
		if !strings.HasPrefix(string(d.Content), "%PDF-") {
			return "", wrong("the PDF of invoice %s begins with %q", id, clip(string(d.Content[:min(20, len(d.Content))])))
		}
		return fmt.Sprintf("%d KiB", len(d.Content)>>10), nil
	}
	return "", skip("No invoice in these books has a document.")
}

func cancelled(ctx context.Context, s *stage) (string, error) {
	if s.r.base == nil {
		return "", skip("There was no first load.")
	}
	s.phase("full")
	slow := Mutation{Times: -1, play: func(x *scene) answer { x.sleep(20 * time.Second); return x.answer() }}
	s.desk.arm(&slow, 0)
	defer s.desk.arm(nil, 0)
	call, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.s.Pull(call, sdk.PullRequest{Administration: s.adm}, NewBooks().Sink()) }()
	for range 200 {
		if s.desk.shots() > 0 {
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	stop()
	began := time.Now()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		return "", wrong("it goes on for more than ten seconds")
	}
	took := time.Since(began)
	s.desk.arm(nil, 0)
	if took > 5*time.Second {
		return "", wrong("it goes on for %s", took.Round(time.Millisecond))
	}
	if before, ok := s.r.Target.Usage(); ok {
		time.Sleep(1200 * time.Millisecond)
		if after, ok := s.r.Target.Usage(); ok && after.CPU-before.CPU > 0.15 {
			return "", wrong("it keeps computing after the call: %.2f s of processor time in 1.2 s", after.CPU-before.CPU)
		}
	}
	if err := s.s.Check(ctx); err != nil {
		return "", wrong("the next call fails: %v", err)
	}
	return took.Round(time.Millisecond).String(), nil
}

func leaks(ctx context.Context, s *stage) (string, error) {
	if s.r.base == nil {
		return "", skip("There was no first load.")
	}
	s.phase("full")
	rounds := 14
	if s.r.Short {
		rounds = 8
	}
	var first Usage
	for i := range rounds {
		if err := s.pull(ctx, NewBooks()); err != nil {
			return "", wrong("load %d in a row fails: %v", i+1, err)
		}
		if i == 3 {
			u, ok := s.r.Target.Usage()
			if !ok {
				return "", nil // nobody can tell
			}
			first = u
		}
	}
	u, ok := s.r.Target.Usage()
	if !ok {
		return "", nil
	}
	if u.Memory-first.Memory > 48<<20 || u.Files-first.Files > 6 || u.Threads-first.Threads > 12 {
		return "", wrong("in %d loads, memory goes from %d to %d MiB, open files from %d to %d, threads from %d to %d",
			rounds-4, first.Memory>>20, u.Memory>>20, first.Files, u.Files, first.Threads, u.Threads)
	}
	return fmt.Sprintf("%d MiB", u.Memory>>20), nil
}
