package law

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/money"
)

// Problem is a reason to refuse the text of a statutory notice, with what to
// change. ID is that of the requirement it fails.
type Problem struct {
	ID      string `json:"id"`
	Message string `json:"message"`
}

// Refusal makes an error of the problems that CheckNotice found, of kind
// Invalid, or nil when there are none.
func Refusal(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	messages := make([]string, len(problems))
	for i, p := range problems {
		messages[i] = p.Message
	}
	return fault.New(fault.Invalid, "notice_refused", "This text would lose the right to costs: %s", strings.Join(messages, " "))
}

var (
	otherTerm  = regexp.MustCompile(`(?:binnen|within|termijn van|term of|period of) (?:de |the |een |a |uiterlijk |next )?([a-z0-9]+) (?:kalender|werk|calendar |working |business )?(?:dagen|dag|days|day|weken|week|weeks|uur|hours|maanden|maand|months|month)\b|(?:dans|sous|délai de|innerhalb|binnen|frist) (?:un délai de |einer frist von |les |von )?([\p{L}0-9]+) (?:kalender|werk)?(?:jours?|semaines?|heures|mois|tagen?|wochen?|stunden|monaten?)\b`)
	costsWords = regexp.MustCompile(`incassokosten|buitengerechtelijke kosten|collection costs`)
	feeWords   = regexp.MustCompile(`(?:aanmanings|herinnerings|administratie)kosten|(?:reminder|administration|late payment) fee|frais de (?:rappel|dossier|relance)|(?:mahn|bearbeitungs)gebühr`)
	condition  = regexp.MustCompile(`\b(?:als|indien|wanneer|anders|niet|geen|if|unless|otherwise|not|si|sinon|défaut|pas|wenn|falls|sofern|sonst|nicht)\b`)
)

// CheckNotice reads a rendered notice, HTML or text, and returns every reason
// for which no costs would become due on it: sent too early, a claim left out,
// a wrong or shorter term, a missing or wrong amount, a missing declaration on
// VAT (R95, R98). A notice without problems may be sent.
func (c *Country) CheckNotice(n Notice, rendered string) ([]Problem, error) {
	words, costs, err := c.noticeFigures(n)
	if err != nil {
		return nil, err
	}
	total, err := n.total(costs.Principal)
	if err != nil {
		return nil, err
	}
	k := noticeCheck{law: c, rule: c.noticeRule(n.Kind), total: total, notice: n, words: words, costs: costs, text: plain(rendered)}
	k.inDefault()
	k.claims()
	k.named()
	if k.rule.Days > 0 {
		k.term()
		if err := k.days(); err != nil {
			return nil, err
		}
	}
	k.exactCosts()
	if len(n.Charges) == 0 {
		k.free()
	}
	if err := k.vat(); err != nil {
		return nil, err
	}
	return k.problems, nil
}

type noticeCheck struct {
	law      *Country
	rule     *noticeRule
	total    money.Amount // principal and charges
	notice   Notice
	words    wording
	costs    Costs
	text     string
	problems []Problem
}

func (k *noticeCheck) refuse(id, format string, args ...any) {
	k.problems = append(k.problems, Problem{ID: id, Message: fmt.Sprintf(format, args...)})
}

func (k *noticeCheck) money(a money.Amount) string {
	return strings.ReplaceAll(FormatAmount(a, k.notice.Language), nbsp, " ")
}

func (k *noticeCheck) inDefault() {
	for _, claim := range k.notice.Claims {
		if due := claim.Due; k.rule.requires("after_due") {
			if due.IsZero() && !claim.DefaultSince.IsZero() {
				due = claim.DefaultSince.AddDays(-1)
			}
			if due.IsZero() || !k.notice.Sent.After(due) {
				k.refuse("after_due", "%s is not overdue on %s; wait, or leave it out.", claim.Reference, k.notice.Sent)
			}
			continue
		}
		if claim.DefaultSince.IsZero() || k.notice.Sent.Before(claim.DefaultSince) {
			k.refuse("after_default", "%s is not in default on %s; wait, or leave it out.", claim.Reference, k.notice.Sent)
		}
	}
}

func (k *noticeCheck) claims() {
	for _, claim := range k.notice.Claims {
		if claim.Reference == "" || !strings.Contains(k.text, strings.ToLower(claim.Reference)) {
			k.refuse("one_letter", "The letter does not name %q; name every claim it covers.", claim.Reference)
		}
	}
	if !slices.Contains(k.law.amounts(k.text), k.total) {
		k.refuse("demand", "The letter does not state the amount to pay, %s; state it.", k.money(k.total))
	}
}

// named refuses a letter without the particulars that the law lists.
func (k *noticeCheck) named() {
	wants := func(id, what, said string) {
		if k.rule.requires(id) && (said == "" || !strings.Contains(k.text, plain(said))) {
			k.refuse(id, "The letter does not state %s %q; state it.", what, said)
		}
	}
	wants("creditor", "the creditor", k.notice.Creditor.Name)
	wants("creditor", "the enterprise number", k.notice.Creditor.Number)
	for _, claim := range k.notice.Claims {
		wants("subject", "what "+claim.Reference+" is for,", claim.Subject)
		if !claim.Due.IsZero() {
			wants("subject", "the day "+claim.Reference+" fell due,", FormatDay(claim.Due, k.notice.Language))
		}
	}
}

func (k *noticeCheck) term() {
	safe := plain(k.words.Term)
	if !strings.Contains(k.text, safe) {
		k.refuse("term", "The term is missing; write %q.", k.words.Term)
	}
	// Whatever remains outside the safe wording is a second, competing term.
	rest := strings.ReplaceAll(k.text, safe, "")
	said := map[string]bool{}
	for _, invalid := range append(slices.Clone(k.words.Invalid), k.words.Literal) {
		if phrase := plain(invalid); strings.Contains(rest, phrase) {
			said[phrase] = true
			rest = strings.ReplaceAll(rest, phrase, "")
		}
	}
	for _, phrase := range otherTerm.FindAllString(rest, -1) {
		said[phrase] = true
	}
	var phrases []string
	for phrase := range said {
		phrases = append(phrases, phrase)
	}
	slices.Sort(phrases)
	for _, phrase := range phrases {
		k.refuse("term", "The letter says %q, which can be read as a shorter or wrong term; write only %q.", phrase, k.words.Term)
	}
}

func (k *noticeCheck) days() error {
	term, err := k.law.NoticeTerm(Delivery{Kind: k.notice.Kind, Sent: k.notice.Sent, Channel: k.notice.Channel, AddressInUse: true})
	if err != nil {
		return err
	}
	for _, named := range payByDays(k.text) {
		// A day before the letter tells of the past.
		if !named.day.Before(k.notice.Sent) && named.day.Before(term.LastDayRolled) {
			k.refuse("term", "The letter says %q, but the term runs through %s; leave the date out.", named.phrase, term.LastDayRolled)
		}
	}
	return nil
}

func (k *noticeCheck) exactCosts() {
	allowed := []money.Amount{k.costs.Total, k.costs.Fee, k.costs.VAT, k.costs.Principal, k.total}
	allowed = append(append(allowed, k.notice.Charges...), k.notice.Stated...)
	if sum, err := k.costs.Principal.Add(k.costs.Total); err == nil {
		allowed = append(allowed, sum)
	}
	for _, claim := range k.notice.Claims {
		allowed = append(allowed, claim.Principal)
	}
	stated, conditional := false, false
	for _, sentence := range sentences(k.text) {
		if !k.speaksOfCosts(sentence) {
			continue
		}
		for _, a := range k.law.amounts(k.unnamed(sentence)) {
			if a == k.costs.Total {
				stated = true
				conditional = conditional || condition.MatchString(sentence)
			}
			if !slices.Contains(allowed, a) {
				k.refuse("exact_costs", "The letter states %s where it speaks of collection costs; by the scale they are %s.", k.money(a), k.money(k.right()))
			}
		}
	}
	switch {
	case k.costs.Total.IsZero():
	case !stated:
		k.refuse("exact_costs", "The letter does not state the exact collection costs, %s; state them.", k.money(k.costs.Total))
	case !conditional:
		k.refuse("consequences", "The letter does not say that the collection costs of %s follow if the debtor does not pay in time; say so.", k.money(k.costs.Total))
	}
}

// unnamed takes the numbers of the claims out of a sentence, which beside a sign of
// currency read like an amount.
func (k *noticeCheck) unnamed(sentence string) string {
	for _, claim := range k.notice.Claims {
		if claim.Reference != "" {
			sentence = strings.ReplaceAll(sentence, strings.ToLower(claim.Reference), "")
		}
	}
	return sentence
}

// right is the sum of the costs that the letter may state.
func (k *noticeCheck) right() money.Amount {
	sum := k.costs.Total
	for _, a := range k.notice.Charges {
		sum.Minor += a.Minor
	}
	return sum
}

func (k *noticeCheck) speaksOfCosts(sentence string) bool {
	if len(k.words.CostsWords) == 0 {
		return costsWords.MatchString(sentence)
	}
	return slices.ContainsFunc(k.words.CostsWords, func(w string) bool { return strings.Contains(sentence, w) })
}

// free refuses a price on the reminder itself.
func (k *noticeCheck) free() {
	for _, sentence := range sentences(k.text) {
		if words := feeWords.FindString(sentence); words != "" && len(k.law.amounts(sentence)) > 0 {
			k.refuse("demand", "The letter charges %q; a consumer gets this letter free of charge.", words)
		}
	}
}

func (k *noticeCheck) vat() error {
	if !k.costs.VAT.Positive() {
		return nil
	}
	text, err := k.law.NoticeText(k.notice)
	if err != nil {
		return err
	}
	for _, b := range text.Blocks {
		if b.ID == "vat" && !strings.Contains(k.text, plain(b.Text)) {
			k.refuse("vat", "The letter adds VAT without the declaration that it needs; add: %s", b.Text)
		}
	}
	return nil
}
