package registry_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/fault"
)

func candidate(t testing.TB, version string, percent int, change ...func(*registry.Candidate)) registry.Candidate {
	t.Helper()
	v, err := registry.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	c := registry.Candidate{Version: v, Percent: percent}
	for _, f := range change {
		f(&c)
	}
	return c
}

func halted(c *registry.Candidate)  { c.Halted = true }
func yanked(c *registry.Candidate)  { c.Yanked, c.Why = true, "loses payments" }
func revoked(c *registry.Candidate) { c.Revoked = true }

func TestResolve(t *testing.T) {
	t.Parallel()
	c := func(version string, percent int, change ...func(*registry.Candidate)) registry.Candidate {
		return candidate(t, version, percent, change...)
	}
	list := func(l ...registry.Candidate) []registry.Candidate { return l }
	for name, k := range map[string]struct {
		state registry.State
		want  registry.Choice
		code  string
	}{
		"the newest":                        {registry.State{Candidates: list(c("1.0.0", 100), c("1.10.0", 100), c("1.9.0", 100))}, registry.Choice{Version: "1.10.0", Why: registry.Newest}, ""},
		"not yet":                           {registry.State{Candidates: list(c("1.0.0", 100), c("1.1.0", 0))}, registry.Choice{Version: "1.0.0", Why: registry.Settled}, ""},
		"halted":                            {registry.State{Candidates: list(c("1.0.0", 100), c("1.1.0", 100, halted))}, registry.Choice{Version: "1.0.0", Why: registry.Newest}, ""},
		"back from what was halted":         {registry.State{Installed: "1.1.0", Candidates: list(c("1.0.0", 100), c("1.1.0", 50, halted))}, registry.Choice{Version: "1.0.0", Why: registry.Newest}, ""},
		"back from what was yanked":         {registry.State{Installed: "1.1.0", Candidates: list(c("1.0.0", 100), c("1.1.0", 100, yanked))}, registry.Choice{Version: "1.0.0", Why: registry.Newest}, ""},
		"key revoked":                       {registry.State{Candidates: list(c("1.0.0", 100), c("1.1.0", 100, revoked))}, registry.Choice{Version: "1.0.0", Why: registry.Newest}, ""},
		"a major change waits":              {registry.State{Installed: "1.0.0", Candidates: list(c("1.0.0", 100), c("1.1.0", 100), c("2.0.0", 100))}, registry.Choice{Version: "1.1.0", Why: registry.Newest}, ""},
		"before 1.0.0 a minor one does":     {registry.State{Installed: "0.1.0", Candidates: list(c("0.1.0", 100), c("0.1.1", 100), c("0.2.0", 100))}, registry.Choice{Version: "0.1.1", Why: registry.Newest}, ""},
		"a new tenant gets the newest line": {registry.State{Candidates: list(c("1.1.0", 100), c("2.0.0", 100))}, registry.Choice{Version: "2.0.0", Why: registry.Newest}, ""},
		"pinned to an old one":              {registry.State{Pin: "1.0.0", Installed: "1.1.0", Candidates: list(c("1.0.0", 100), c("1.1.0", 100))}, registry.Choice{Version: "1.0.0", Why: registry.Pinned}, ""},
		"pinned to a major change":          {registry.State{Pin: "2.0.0", Installed: "1.1.0", Candidates: list(c("1.1.0", 100), c("2.0.0", 100))}, registry.Choice{Version: "2.0.0", Why: registry.Pinned}, ""},
		"pinned to what was halted":         {registry.State{Pin: "1.1.0", Candidates: list(c("1.0.0", 100), c("1.1.0", 100, halted))}, registry.Choice{Version: "1.1.0", Why: registry.Pinned}, ""},
		"pinned to what was yanked":         {registry.State{Pin: "1.1.0", Candidates: list(c("1.0.0", 100), c("1.1.0", 100, yanked))}, registry.Choice{}, "connector_yanked"},
		"pinned, key revoked":               {registry.State{Pin: "1.1.0", Candidates: list(c("1.0.0", 100), c("1.1.0", 100, revoked))}, registry.Choice{}, "connector_revoked"},
		"pinned to what is not there":       {registry.State{Pin: "7.0.0", Candidates: list(c("1.0.0", 100))}, registry.Choice{}, "connector_version_unknown"},
		"the line has ended":                {registry.State{Installed: "1.0.0", Candidates: list(c("1.0.0", 100, yanked), c("2.0.0", 100))}, registry.Choice{}, "connector_line_ended"},
		"has it, though it is for nobody":   {registry.State{Installed: "1.0.0", Candidates: list(c("1.0.0", 0))}, registry.Choice{Version: "1.0.0", Why: registry.Settled}, ""},
		"nothing for anybody":               {registry.State{Candidates: list(c("1.0.0", 0))}, registry.Choice{}, "connector_not_offered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := registry.Resolve(uuid.New(), "acme", k.state)
			if k.code != "" {
				if err == nil || fault.Of(err).Code != k.code {
					t.Errorf("got %+v, %v, want %s", got, err, k.code)
				}
				return
			}
			if err != nil || got != k.want {
				t.Errorf("got %+v, %v, want %+v", got, err, k.want)
			}
		})
	}
}

func TestStagesReachTheShareTheySay(t *testing.T) {
	t.Parallel()
	tenants := make([]uuid.UUID, 4000)
	for i := range tenants {
		tenants[i] = uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "tenant %d", i))
	}
	got := map[uuid.UUID]bool{}
	for _, percent := range []int{10, 50, 100} {
		n := 0
		for _, tenant := range tenants {
			choice, err := registry.Resolve(tenant, "acme", registry.State{Candidates: []registry.Candidate{candidate(t, "1.0.0", 100), candidate(t, "1.1.0", percent)}})
			if err != nil {
				t.Fatal(err)
			}
			if has := choice.Version == "1.1.0"; has {
				n++
				got[tenant] = true
			} else if got[tenant] {
				t.Fatalf("at %d%% a tenant lost what it had", percent)
			}
		}
		if share := 100 * n / len(tenants); share < percent-3 || share > percent+3 {
			t.Errorf("at %d%% it reached %d%%", percent, share)
		}
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	good := registry.Tally{Calls: 10_000, Failures: 100}
	for name, c := range map[string]struct {
		percent int
		after   time.Duration
		tally   registry.Tally
		halt    bool
		want    int
	}{
		"just begun":                  {10, time.Hour, registry.Tally{Calls: 10}, false, 10},
		"too few calls to judge":      {10, time.Hour, registry.Tally{Calls: 49, Failures: 49}, false, 10},
		"fails more":                  {10, time.Hour, registry.Tally{Calls: 50, Failures: 4}, true, 10},
		"fails a little more":         {10, time.Hour, registry.Tally{Calls: 100, Failures: 6}, false, 10},
		"fails more when all have it": {100, time.Hour, registry.Tally{Calls: 1000, Failures: 500}, true, 100},
		"a day went well":             {10, 25 * time.Hour, registry.Tally{Calls: 200, Failures: 2}, false, 50},
		"another day":                 {50, 25 * time.Hour, registry.Tally{Calls: 200, Failures: 2}, false, 100},
		"a day of few calls":          {10, 25 * time.Hour, registry.Tally{Calls: 20}, false, 10},
		"three days of few calls":     {10, 73 * time.Hour, registry.Tally{Calls: 20}, false, 50},
		"a day without a call":        {10, 25 * time.Hour, registry.Tally{}, false, 50},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := registry.Plan{}.Judge(c.percent, start, start.Add(c.after), c.tally, good)
			if v.Halt != c.halt || v.Percent != c.want || v.Halt != (v.Why != "") {
				t.Errorf("got %+v, want halt %v at %d%%", v, c.halt, c.want)
			}
		})
	}
}

func TestLevelOf(t *testing.T) {
	t.Parallel()
	short := &registry.Report{Passed: 40, Short: true}
	clean, failing, partial := &registry.Report{Passed: 40}, &registry.Report{Passed: 40, Failed: 1}, &registry.Report{Passed: 30, Skipped: 10}
	for name, c := range map[string]struct {
		verified      bool
		own, attested *registry.Report
		want          registry.Level
	}{
		"nobody knows them":                 {false, clean, clean, registry.Community},
		"known, no report":                  {true, nil, nil, registry.Community},
		"known, their report fails":         {true, failing, nil, registry.Community},
		"known, an empty report":            {true, &registry.Report{}, nil, registry.Community},
		"known, their report is clean":      {true, clean, nil, registry.Verified},
		"known, their report is short":      {true, short, nil, registry.Community},
		"known, ours is short":              {true, clean, short, registry.Verified},
		"known, ours left something out":    {true, clean, partial, registry.Verified},
		"known, ours fails":                 {true, clean, failing, registry.Verified},
		"known, ours is clean and complete": {true, nil, clean, registry.Certified},
	} {
		if got := registry.LevelOf(c.verified, c.own, c.attested); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
