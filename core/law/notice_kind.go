package law

import (
	"maps"
	"slices"
)

// Enclosure is a form or an information sheet that goes with a notice.
type Enclosure struct {
	Title      string   `yaml:"title" json:"title"`
	Paragraphs []string `yaml:"paragraphs" json:"paragraphs,omitempty"`
	Fields     []string `yaml:"fields" json:"fields,omitempty"` // to fill in by hand
}

// NoticeOf returns the kind of notice that a step of a flow is before a debtor
// under this law; false when the step is an ordinary message there.
func (c *Country) NoticeOf(step string, debtor DebtorType) (kind string, ok bool) {
	for i := range c.file.Notices {
		r := &c.file.Notices[i]
		if slices.Contains(r.Steps, step) && slices.Contains(r.Debtors, debtor.Protected()) {
			return r.ID, true
		}
	}
	return "", false
}

// NoticeKinds lists the kinds of notice of the country.
func (c *Country) NoticeKinds() []string {
	kinds := make([]string, len(c.file.Notices))
	for i, r := range c.file.Notices {
		kinds[i] = r.ID
	}
	return kinds
}

// NoticeName returns what a kind of notice is called in the country.
func (c *Country) NoticeName(kind string) string { return c.noticeRule(kind).Name }

// NoticeByEmail reports whether an e-mail alone will do for a kind of notice;
// else it goes by letter, since an e-mail does not prove its receipt.
func (c *Country) NoticeByEmail(kind string) bool { return c.noticeRule(kind).EmailEnough }

// NoticeHasTerm reports whether the law gives the debtor a term in the notice.
func (c *Country) NoticeHasTerm(kind string) bool { return c.noticeRule(kind).Days > 0 }

// NoticeLanguage returns the first of the languages that a kind of notice has a
// text in, else English, else one of its own.
func (c *Country) NoticeLanguage(kind string, wanted ...string) string {
	return pick(c.noticeRule(kind).Wording, wanted)
}

// pick returns the first wanted key of a map, else "en", else its first.
func pick[T any](have map[string]T, wanted []string) string {
	for _, w := range append(slices.Clone(wanted), "en") {
		if _, ok := have[w]; ok {
			return w
		}
	}
	for _, key := range slices.Sorted(maps.Keys(have)) {
		return key
	}
	return ""
}

// DueIsFirm reports whether a due date counts as fixed by contract unless the
// creditor says otherwise.
func (c *Country) DueIsFirm(debtor DebtorType) bool {
	return c.file.Defaults[debtor.Protected()].Firm
}

func (c *Country) noticeRule(kind string) *noticeRule {
	for i := range c.file.Notices {
		if c.file.Notices[i].ID == kind {
			return &c.file.Notices[i]
		}
	}
	return &c.file.Notices[0]
}

// noticeFor is the notice that default and costs of a debtor follow; nil where
// the law knows none.
func (f *file) noticeFor(debtor DebtorType) *noticeRule {
	for i := range f.Notices {
		if slices.Contains(f.Notices[i].Debtors, debtor.Protected()) {
			return &f.Notices[i]
		}
	}
	return nil
}
