package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// verdict is what came of one spoilt request.
type verdict struct {
	tried    bool // the request came
	absorbed bool
	wrong    string // empty when all is well
}

// matrix spoils every request of a first load and of a later pull in every way.
func (r *run) matrix(ctx context.Context, shared *stage) {
	type job struct {
		m     Mutation
		area  Area
		at    int
		label string
	}
	var jobs []job
	for _, part := range []struct {
		area Area
		log  []asked
	}{{FirstLoad, r.load}, {NextLoad, r.again}} {
		for _, m := range Mutations() {
			if r.Only != nil && !r.Only[m.Name] || r.Short && !m.Brief || !r.concerned(&m) {
				continue
			}
			for _, at := range r.choose(part.log) {
				if m.variant != "" && at != part.log[at].nth(part.log) {
					continue
				}
				if m.Lists && !part.log[at].answer.lists() && !(m.Late && len(part.log[at].answer.body) > 300) {
					continue
				}
				jobs = append(jobs, job{m: m, area: part.area, at: at, label: label(part.log[at], at, m.variant)})
			}
		}
	}
	verdicts := make([]verdict, len(jobs))
	took := make([]time.Duration, len(jobs))
	var wg sync.WaitGroup
	next := make(chan int)
	for range r.Parallel {
		wg.Go(func() {
			for i := range next {
				began := time.Now()
				verdicts[i] = r.spoil(ctx, shared, jobs[i].m, jobs[i].area, jobs[i].at)
				took[i] = time.Since(began)
			}
		})
	}
	for i := range jobs {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()

	type group struct {
		area Area
		name string
	}
	results, order := map[group]*Result{}, []group{}
	for i := range jobs {
		j, v := &jobs[i], verdicts[i]
		if !v.tried && v.wrong == "" {
			continue
		}
		g := group{j.area, j.m.Name}
		res := results[g]
		if res == nil {
			res = &Result{Area: j.area, Name: j.m.Name, Sentence: j.m.Sentence, State: Passed}
			results[g] = res
			order = append(order, g)
		}
		res.Tried++
		res.TookMS += took[i].Milliseconds()
		if v.absorbed {
			res.Absorbed++
		}
		if v.wrong != "" {
			res.State = Failed
			res.Note = strings.TrimPrefix(res.Note+"\n"+j.label+": "+v.wrong, "\n")
		}
	}
	for _, g := range order {
		r.add(*results[g])
	}
}

// concerned reports whether a mutation can happen to a connector.
func (r *run) concerned(m *Mutation) bool {
	if m.allows(Auth) {
		return slices.ContainsFunc(r.m.Auth, func(a manifest.Auth) bool { return a.Type != manifest.None })
	}
	return true
}

// choose returns the requests of a pull to spoil: all of them up to 12, or the
// first and the last ones when time is short.
func (r *run) choose(log []asked) []int {
	var out []int
	for i := range log {
		switch {
		case r.Short && i != 0 && i != len(log)/2 && i != len(log)-1:
		case len(log) > 12 && i >= 8 && i < len(log)-4:
		default:
			out = append(out, i)
		}
	}
	return out
}

// nth returns the first request of a log that goes to the same place.
func (a *asked) nth(log []asked) int {
	return slices.IndexFunc(log, func(b asked) bool { return a.place() == b.place() })
}

func label(q asked, at int, variant string) string {
	_, rest, _ := strings.Cut(q.url, "://")
	_, path, _ := strings.Cut(rest, "/")
	s := fmt.Sprintf("request %d, %s /%s", at+1, q.method, clip(path))
	if variant != "" {
		s += ", " + variant
	}
	return s
}

// spoil runs one pull of which one request goes wrong, and the one after it.
func (r *run) spoil(ctx context.Context, shared *stage, m Mutation, area Area, at int) verdict {
	s, err := r.connect(ctx, shared.play, shared.clock)
	if err != nil {
		return verdict{wrong: err.Error()}
	}
	defer s.close()
	s.adm = shared.adm
	before, phase := NewBooks(), "full"
	if area == NextLoad {
		before, phase = r.base, "incremental"
	}
	s.phase(phase)
	got := before.Clone()
	s.desk.arm(&m, at)
	err = s.pull(ctx, got)
	fired := s.desk.shots()
	s.desk.arm(nil, 0)
	v := verdict{tried: fired > 0}
	if fired == 0 {
		return v
	}
	v.wrong, v.absorbed = r.judge(ctx, s, &m, before, got, err)
	if _, missing := s.unanswered(); missing && v.wrong != "" {
		return verdict{} // not the connector's doing
	}
	if v.wrong == "" && m.Most > 0 && fired > m.Most {
		v.wrong = fmt.Sprintf("the request was sent %d times", fired)
	}
	return v
}

// judge says what is wrong with the books after a spoilt pull, and with what comes
// after it.
func (r *run) judge(ctx context.Context, s *stage, m *Mutation, before, got *Books, err error) (string, bool) {
	class := ClassOf(err)
	if class == Crash || class == Hang {
		return fmt.Sprintf("%s: %v", class, err), false
	}
	diffs := r.base.compareTo(got)
	if err == nil {
		switch {
		case len(diffs) == 0:
			return "", true
		case m.Contained && contained(diffs):
			return "", false
		case !m.Late || !onlyMissing(diffs, before):
			return "wrong books without an error: " + few(diffs), false
		}
		return r.heals(ctx, s, got, "what is missing does not come with the next pull"), false
	}
	if !m.allows(class) || m.Renewed && s.renews {
		return fmt.Sprintf("it fails as %q: %v", class, clip(err.Error())), false
	}
	if later, ok := errors.AsType[*sdk.RetryAfter](err); ok && later.Wait < m.Least {
		return fmt.Sprintf("it asks to be called again in %s, and the package said 120 s", later.Wait), false
	}
	if !onlyMissing(diffs, before) && !(m.Contained && contained(diffs)) {
		return fmt.Sprintf("it fails (%s), and has changed the books before: %s", class, few(diffs)), false
	}
	if class == Resync {
		got.Cursor = nil
	}
	return r.heals(ctx, s, got, "the next pull does not put it right"), false
}

// heals pulls once more, by a connection on which nothing is spoilt.
func (r *run) heals(ctx context.Context, s *stage, got *Books, otherwise string) string {
	fresh, err := r.connect(ctx, s.play, s.clock)
	if err != nil {
		return err.Error()
	}
	defer fresh.close()
	fresh.adm = s.adm
	if _, taped := s.desk.answer.(Tape); !taped {
		fresh.desk.answer = s.desk.answer
	}
	fresh.phase("full")
	if err := fresh.pull(ctx, got); err != nil {
		if _, missing := fresh.unanswered(); missing {
			return ""
		}
		return fmt.Sprintf("%s: %v", otherwise, err)
	}
	if diffs := r.base.compareTo(got); len(diffs) > 0 {
		return otherwise + ": " + few(diffs)
	}
	return ""
}

// onlyMissing reports whether all that differs is that records have not come yet,
// which were not known before either.
func onlyMissing(diffs []difference, before *Books) bool {
	for _, d := range diffs {
		if !d.missing || before.has(d) {
			return false
		}
	}
	return true
}

func (b *Books) has(d difference) bool {
	return slices.Contains(b.ids(d.stream), d.id)
}

// contained reports whether the harm is done to one record, and not to its money:
// it differs in something else, or it is said to be unreadable.
func contained(diffs []difference) bool {
	touched, told := map[string]bool{}, map[string]bool{}
	for _, d := range diffs {
		told[key(d.stream, d.id)] = told[key(d.stream, d.id)] || strings.HasPrefix(d.what, "it cannot be read")
	}
	for _, d := range diffs {
		if told[key(d.stream, d.id)] {
			continue
		}
		if d.stream == "payments" && d.missing {
			continue // of the one invoice
		}
		if d.money || d.missing || d.extra {
			return false
		}
		touched[key(d.stream, d.id)] = true
	}
	return len(touched) <= 2
}
