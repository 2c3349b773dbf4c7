package law

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/sdk/money"
	"gopkg.in/yaml.v3"
)

// Load reads a country pack and checks it whole: unknown keys, statuses and
// sources, tables out of order, gaps in a scale. It returns every problem at
// once, so that an editor of a pack can mend them in one go.
func Load(r io.Reader) (*Country, error) {
	c := &Country{}
	dec := yaml.NewDecoder(r)
	dec.KnownFields(true)
	if err := dec.Decode(&c.file); err != nil {
		return nil, fmt.Errorf("read the country pack: %w", err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the country pack: a second document follows the first")
	}
	if problems := c.file.check(); len(problems) > 0 {
		return nil, fmt.Errorf("the country pack %q is not sound: %w", c.file.CountryCode, errors.Join(problems...))
	}
	var err error
	if c.holidays, err = calendar.For(c.file.Calendar); err != nil {
		return nil, err
	}
	return c, nil
}

type checker struct {
	file     *file
	problems []error
}

func (f *file) check() []error {
	c := &checker{file: f}
	c.want(len(f.CountryCode) == 2, "country is not an ISO 3166-1 code")
	_, err := money.ParseCurrency(string(f.Currency))
	c.want(err == nil, "currency: %v", err)
	c.want(amountForms[f.Currency] != nil, "no letter can be checked for amounts in %q yet", f.Currency)
	c.want(!f.Retrieved.IsZero(), "retrieved is missing")
	c.want(!f.ConfirmedUntil.IsZero() && !f.ConfirmedUntil.After(f.Retrieved), "confirmed_until is missing or after retrieved")
	c.oneOf("conventions.day_count", f.Conventions.DayCount, "act/act", "act/365")
	c.oneOf("conventions.compounding", f.Conventions.Compounding, "anniversary", "none")
	c.oneOf("conventions.rate_lookup", f.Conventions.RateLookup, "running", "start_day")
	c.oneOf("conventions.rounding", f.Conventions.Rounding, "half_up")
	for _, debtor := range []DebtorType{Consumer, Business, PublicBody} {
		costs, ok := f.Costs[debtor]
		c.want(ok, "costs.%s is missing", debtor)
		c.costs("costs."+string(debtor), &costs)
		rule, ok := f.Defaults[debtor]
		c.want(ok, "default.%s is missing", debtor)
		c.provenance("default."+string(debtor), rule.Provenance)
		c.want(!rule.Notice || f.noticeFor(debtor) != nil, "default.%s needs a notice that the pack does not have", debtor)
	}
	c.want(len(f.Costs) == 3 && len(f.Defaults) == 3, "costs and default know only consumer, business and public_body")
	for debtor, rule := range f.ReminderFees {
		at := "reminder_fees." + string(debtor)
		c.oneOf(at, string(debtor), string(Consumer), string(Business), string(PublicBody))
		c.provenance(at, rule.Provenance)
		c.want(rule.Free >= 0 && rule.MaxCents >= 0, "%s is negative", at)
	}
	for i, text := range f.Texts {
		c.text(fmt.Sprintf("texts[%d] %s", i, text.ID), text)
	}
	c.want(len(f.Notices) > 0, "notices is empty")
	for i := range f.Notices {
		c.notice(&f.Notices[i])
	}
	for debtor, rule := range f.Interests {
		at := "interest." + string(debtor)
		c.oneOf(at, string(debtor), string(Consumer), string(Business), string(PublicBody))
		c.provenance(at, rule.Provenance)
		c.want(len(f.Tables[rule.Table]) > 0 || rule.None != "" && rule.Table == "", "%s: there is no table %q", at, rule.Table)
		if rule.Agreed.AtLeast != "" || rule.Agreed.AtMost != "" || rule.Agreed.Status != "" {
			c.provenance(at+".agreed", rule.Agreed.Provenance)
			c.want(rule.Agreed.AtLeast == "" || rule.Agreed.AtMost == "", "%s.agreed has both a least and a most", at)
			c.want(!rule.Agreed.Void || rule.Agreed.AtMost != "", "%s.agreed is void above a limit that it does not have", at)
		}
		for _, limit := range []string{rule.Agreed.AtLeast, rule.Agreed.AtMost} {
			c.want(limit == "" || len(f.Tables[limit]) > 0, "%s.agreed: there is no table %q", at, limit)
		}
		if !rule.Transitional.ContractsBefore.IsZero() {
			c.provenance(at+".transitional", rule.Transitional.Provenance)
			c.want(!rule.Transitional.Points.IsZero(), "%s.transitional.points is missing", at)
		}
	}
	c.want(len(f.Interests) == 3, "interest must have a rule for consumer, business and public_body")
	for name, rows := range f.Tables {
		c.rows("tables."+name, rows)
	}
	c.provenance("payment_allocation", f.Allocation.Provenance)
	order := slices.Clone(f.Allocation.Order)
	slices.Sort(order)
	c.want(slices.Equal(order, []Part{CostsPart, InterestPart, PrincipalPart}), "payment_allocation.order must name costs, interest and principal once each")
	for i, t := range f.Terms {
		c.provenance(fmt.Sprintf("payment_terms[%d] %s", i, t.Who), t.Provenance)
	}
	for language, words := range f.Interruption.Wording {
		c.provenance("interruption.wording."+language, words.Provenance)
		c.want(words.Text != "", "interruption.wording.%s has no text", language)
	}
	c.want(f.Interruption.Wording["en"].Text != "", "interruption.wording.en is missing")
	c.provenance("interruption.acknowledgement", f.Interruption.Acknowledgement.Provenance)
	for _, k := range f.Interruption.Acknowledgement.By {
		c.want(slices.Contains(Acknowledgements(), k), "interruption.acknowledgement.by has %q", k)
	}
	for i, l := range f.Limitations {
		c.provenance(fmt.Sprintf("limitation[%d] %s", i, l.ID), l.Provenance)
		c.want(l.ID != "" && l.Years > 0, "limitation[%d] needs an id and years", i)
	}
	c.provenance("interruption", f.Interruption.Provenance)
	c.provenance("collectors", f.CollectorRules.Provenance)
	for i, l := range f.CollectorRules.LetterContent {
		c.provenance(fmt.Sprintf("collectors.letter_content[%d]", i), l.Provenance)
	}
	return c.problems
}

func (c *checker) costs(at string, r *costsRule) {
	c.provenance(at, r.Provenance)
	c.want(r.Name != "", "%s.name is missing", at)
	if r.None != "" {
		c.want(len(r.Bands) == 0 && r.MaxCents == 0 && r.WithoutNotice.Cents == 0, "%s says that there are none, and has a scale", at)
		return
	}
	c.want(!r.EffectiveFrom.IsZero(), "%s.effective_from is missing", at)
	c.oneOf(at+".count", string(r.Count), string(together), string(each), string(lower))
	c.want(len(r.Bands) > 0, "%s.bands is empty", at)
	for i, b := range r.Bands {
		last := i == len(r.Bands)-1
		c.want(!b.Percent.IsZero(), "%s.bands[%d].percent is missing", at, i)
		c.want(b.FixedCents == nil || *b.FixedCents >= 0, "%s.bands[%d].fixed_cents is negative", at, i)
		c.want(last == (b.UpToCents == 0), "%s.bands[%d]: only the last band has no upper end", at, i)
		c.want(last || i == 0 || b.UpToCents > r.Bands[i-1].UpToCents, "%s.bands[%d] does not end above the band before it", at, i)
	}
	c.want(0 <= r.MinCents && r.MinCents <= r.MaxCents, "%s.min_cents is above max_cents", at)
	for part, p := range map[string]Provenance{
		"basis": r.Basis.Provenance, "scope": r.Scope.Provenance, "several_claims": r.SeveralClaims.Provenance,
		"partial_payment": r.PartialPayment.Provenance, "once_only": r.OnceOnly.Provenance,
	} {
		c.provenance(at+"."+part, p)
	}
	if r.WithoutNotice.Cents != 0 {
		c.provenance(at+".without_notice", r.WithoutNotice.Provenance)
	}
	if r.Recurring.CapCents != 0 {
		c.provenance(at+".recurring", r.Recurring.Provenance)
		c.provenance(at+".recurring.split", r.Recurring.Split.Provenance)
	}
	if len(r.VAT.Rates) == 0 && len(r.VAT.Conditions) == 0 {
		return // no VAT on these costs
	}
	c.provenance(at+".vat", r.VAT.Provenance)
	c.rows(at+".vat.rates", r.VAT.Rates)
	var ids []string
	for _, cond := range r.VAT.Conditions {
		ids = append(ids, cond.ID)
	}
	c.want(slices.Equal(ids, []string{"third_party", "not_deductible", "declared"}), "%s.vat.conditions must be third_party, not_deductible and declared, not %v", at, ids)
}

func (c *checker) text(at string, t textRule) {
	c.provenance(at, t.Provenance)
	c.want(t.ID != "", "%s needs an id", at)
	c.oneOf(at+".on", string(t.On), string(OnInvoice), string(OnReminder))
	for _, d := range t.Debtors {
		c.oneOf(at+".debtors", string(d), string(Consumer), string(Business), string(PublicBody))
	}
	c.want(len(t.Debtors) > 0 && len(t.Wording) > 0, "%s needs debtors and a wording", at)
	for lang, w := range t.Wording {
		c.provenance(at+".wording."+lang, w.Provenance)
		c.want(w.Text != "", "%s.wording.%s is empty", at, lang)
	}
}

func (c *checker) notice(r *noticeRule) {
	c.provenance("notice", r.Provenance)
	c.want(r.ID != "" && r.Days >= 0, "notice needs an id and days")
	c.want(len(r.Debtors) > 0 && len(r.Steps) > 0, "notice %s needs debtors and steps", r.ID)
	for _, d := range r.Debtors {
		c.oneOf("notice.debtors", string(d), string(Consumer), string(Business), string(PublicBody))
	}
	for lang := range r.Enclosures {
		c.want(r.Wording[lang].Heading != "", "notice.enclosures.%s has no wording", lang)
	}
	for i, q := range r.Required {
		c.provenance(fmt.Sprintf("notice.required[%d] %s", i, q.ID), q.Provenance)
	}
	for _, channel := range []Channel{Post, Email} {
		rule, ok := r.Receipt[channel]
		c.want(ok, "notice.receipt.%s is missing", channel)
		c.provenance("notice.receipt."+string(channel), rule.Provenance)
		c.dayNames("notice.receipt."+string(channel)+".not_counted", rule.NotCounted)
	}
	c.want(len(r.Receipt) == 2, "notice.receipt knows only post and email")
	if len(r.Roll.NotOn) > 0 {
		c.provenance("notice.roll", r.Roll.Provenance)
		c.dayNames("notice.roll.not_on", r.Roll.NotOn)
	}
	if r.Safe.DaysAfterSending > 0 {
		c.provenance("notice.safe", r.Safe.Provenance)
	}
	c.want(len(r.Wording) > 0, "notice.wording is empty")
	for lang, w := range r.Wording {
		at := "notice.wording." + lang
		c.provenance(at, w.Provenance)
		c.want(w.Heading != "", "%s.heading is missing", at)
		for _, id := range r.order() {
			c.want(w.Blocks[id] != "", "%s.blocks.%s is missing", at, id)
		}
		for id, text := range w.Charged {
			c.want(w.Blocks[id] != "" && text != "", "%s.charged.%s changes no block", at, id)
		}
		c.want(w.Charged["term"] == "" || containsText(w.Charged["term"], w.Term), "%s.charged.term does not use the term's wording", at)
		c.want(len(w.Blocks) == len(r.order()), "%s.blocks has a block that no letter uses", at)
		if r.Days == 0 {
			c.want(w.Term == "", "%s has a term, and the notice has none", at)
			continue
		}
		c.want(w.Term != "" && len(w.Invalid) > 0, "%s needs a term and the invalid terms", at)
		c.want(plain(w.Blocks["term"]) != "" && containsText(w.Blocks["term"], w.Term), "%s.blocks.term does not use the term's wording", at)
	}
}

func (c *checker) rows(at string, rows []RateRow) {
	c.want(len(rows) > 0, "%s is empty", at)
	for i, row := range rows {
		here := fmt.Sprintf("%s[%d]", at, i)
		c.provenance(here, row.Provenance)
		c.want(!row.EffectiveFrom.IsZero(), "%s.effective_from is missing", here)
		c.want(!row.Rate.IsZero(), "%s.rate is missing", here)
		c.want(i == 0 || row.EffectiveFrom.After(rows[i-1].EffectiveFrom), "%s is not later than the row before it", here)
	}
}

func (c *checker) dayNames(at string, names []string) {
	for _, name := range names {
		_, known := weekdays[name]
		c.want(known || name == holidayName, "%s: %q is not a day", at, name)
	}
}

func (c *checker) provenance(at string, p Provenance) {
	c.want(slices.Contains(statuses, p.Status), "%s: status %q is not known", at, p.Status)
	c.want(len(p.Src) > 0, "%s has no source", at)
	for _, key := range p.Src {
		c.want(c.file.Sources[key] != "", "%s: source %q is not listed", at, key)
	}
}

func (c *checker) oneOf(at, got string, allowed ...string) {
	c.want(slices.Contains(allowed, got), "%s is %q, not one of %v", at, got, allowed)
}

func (c *checker) want(ok bool, format string, args ...any) {
	if !ok {
		c.problems = append(c.problems, fmt.Errorf(format, args...))
	}
}
