package conformance

import (
	"context"
	"fmt"
	"slices"
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
			// Every request: where the token is in the body, a renewed one makes another.
			m := Mutation{every: true, play: status(401, nil, "Unauthorized")}
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
					call := sdk.WebhookCall{
						Method: "POST", URL: "https://hub.example/hooks/1", Header: map[string][]string{"Content-Type": {"application/json"}, "Signature": {"t=1,v1=00"}}, Body: []byte(body),
					}
					heard, err := s.s.Webhook(ctx, call, []byte(secret))
					if c := ClassOf(err); c != Auth && !(err == nil && heard.Greeting && len(heard.Hints) == 0) {
						return "", wrong("a call without a good signature (%q, secret %q) gives %d hints and %q: %v", body, secret, len(heard.Hints), c, err)
					}
				}
			}
			return "", nil
		},
	},
}, changeScenarios, writeScenarios, messageScenarios, creditScenarios, webhookScenarios)

func none(m *manifest.Manifest) bool {
	return !slices.ContainsFunc(m.Auth, func(a manifest.Auth) bool { return a.Type != manifest.None })
}
