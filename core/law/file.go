package law

import (
	"fmt"
	"math/big"
	"regexp"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"gopkg.in/yaml.v3"
)

// file is a country pack as it stands in YAML.
type file struct {
	CountryCode    string                      `yaml:"country"`
	Currency       money.Currency              `yaml:"currency"`
	Retrieved      date.Date                   `yaml:"retrieved"`
	ConfirmedUntil date.Date                   `yaml:"confirmed_until"`
	Calendar       string                      `yaml:"calendar"`
	Sources        map[string]string           `yaml:"sources"`
	Conventions    conventions                 `yaml:"conventions"`
	Costs          map[DebtorType]costsRule    `yaml:"costs"`
	ReminderFees   map[DebtorType]feeRule      `yaml:"reminder_fees"`
	Notices        []noticeRule                `yaml:"notices"` // the first that protects a debtor is the one that default and costs follow
	Defaults       map[DebtorType]defaultRule  `yaml:"default"`
	Interests      map[DebtorType]interestRule `yaml:"interest"`
	Texts          []textRule                  `yaml:"texts"`
	Allocation     allocationRule              `yaml:"payment_allocation"`
	Terms          []PaymentTerm               `yaml:"payment_terms"`
	Limitations    []limitationRule            `yaml:"limitation"`
	Interruption   interruptionRule            `yaml:"interruption"`
	CollectorRules CollectorRules              `yaml:"collectors"`
	Tables         map[string][]RateRow        `yaml:"tables"`
	Examples       yaml.Node                   `yaml:"examples"` // read by the tests only
}

type conventions struct {
	DayCount    string            `yaml:"day_count"`
	Compounding string            `yaml:"compounding"`
	RateLookup  string            `yaml:"rate_lookup"`
	Rounding    string            `yaml:"rounding"`
	Notes       map[string]string `yaml:"notes"`
}

// statement is a rule in words with its source.
type statement struct {
	Provenance `yaml:",inline"`
	Text       string `yaml:"text"`
}

type costsRule struct {
	Provenance     `yaml:",inline"`
	Name           string        `yaml:"name"`
	None           string        `yaml:"none"` // why nothing can be asked; then the rest is empty
	EffectiveFrom  date.Date     `yaml:"effective_from"`
	AfterNotice    bool          `yaml:"after_notice"`  // due when the term of a valid statutory notice ran out
	AfterDefault   bool          `yaml:"after_default"` // due from default on, else from the day after the due date
	NeedsClause    bool          `yaml:"needs_clause"`  // due only as far as the contract claims them
	Count          count         `yaml:"count"`
	Basis          statement     `yaml:"basis"`
	Bands          []band        `yaml:"bands"`
	MinCents       int64         `yaml:"min_cents"`
	MaxCents       int64         `yaml:"max_cents"`
	VAT            vatRule       `yaml:"vat"`
	Scope          scopeRule     `yaml:"scope"`
	WithoutNotice  fixedCosts    `yaml:"without_notice"`
	SeveralClaims  statement     `yaml:"several_claims"`
	PartialPayment statement     `yaml:"partial_payment"`
	OnceOnly       statement     `yaml:"once_only"`
	Recurring      recurringRule `yaml:"recurring"`
}

// count says what the scale is applied to when there are several claims.
type count string

const (
	together count = "together" // the sum of the claims
	each     count = "each"     // every claim by itself
	lower    count = "lower"    // the lower of the two: no source says which
)

// band is a part of a scale: FixedCents, when given, replaces what the bands
// below add up to, and Percent is of the part of the principal in the band.
type band struct {
	UpToCents  int64   `yaml:"up_to_cents"` // 0: no upper end
	FixedCents *int64  `yaml:"fixed_cents"`
	Percent    Percent `yaml:"percent"`
}

type vatRule struct {
	Provenance `yaml:",inline"`
	Rates      []RateRow `yaml:"rates"`
	Conditions []struct {
		ID   string `yaml:"id"`
		Text string `yaml:"text"`
	} `yaml:"conditions"`
}

type scopeRule struct {
	Provenance   `yaml:",inline"`
	AppliesTo    string `yaml:"applies_to"`
	NotAppliesTo string `yaml:"not_applies_to"`
	Consumer     string `yaml:"consumer"`
	Business     string `yaml:"business"`
}

type fixedCosts struct {
	statement `yaml:",inline"`
	Cents     int64 `yaml:"cents"`
}

type recurringRule struct {
	statement             `yaml:",inline"`
	EffectiveFrom         date.Date `yaml:"effective_from"`
	InstalmentBelowCents  int64     `yaml:"instalment_below_cents"`
	CapCents              int64     `yaml:"cap_cents"`
	CapMonths             int       `yaml:"cap_months"`
	MaxPerInstalmentCents int64     `yaml:"max_per_instalment_cents"`
	Split                 statement `yaml:"split"`
}

type noticeRule struct {
	Provenance     `yaml:",inline"`
	ID             string                  `yaml:"id"`
	Name           string                  `yaml:"name"`
	Debtors        []DebtorType            `yaml:"debtors"`
	Steps          []string                `yaml:"steps"`        // of a flow, whose message is this notice
	Template       string                  `yaml:"template"`     // of the message around it; none: the one for notices
	EmailEnough    bool                    `yaml:"email_enough"` // an e-mail alone will do
	Days           int                     `yaml:"days"`         // 0: a demand without a term, which works from the day after receipt
	Blocks         []string                `yaml:"blocks"`       // of the text, in order; none: blockOrder
	Required       []Requirement           `yaml:"required"`
	WrongTerm      string                  `yaml:"wrong_term"`
	NotRequiredFor string                  `yaml:"not_required_for"`
	Receipt        map[Channel]receiptRule `yaml:"receipt"`
	Roll           rollRule                `yaml:"roll"`
	Safe           safeRule                `yaml:"safe"`
	Wording        map[string]wording      `yaml:"wording"`
	Enclosures     map[string][]Enclosure  `yaml:"enclosures"` // by language
}

type receiptRule struct {
	statement   `yaml:",inline"`
	CountedDays int      `yaml:"counted_days"`
	IsDayOne    bool     `yaml:"is_day_one"` // the day counted to is day 1 of the term, whenever the debtor got the notice before it
	NotCounted  []string `yaml:"not_counted"`
}

type rollRule struct {
	statement `yaml:",inline"`
	NotOn     []string `yaml:"not_on"`
}

type safeRule struct {
	statement        `yaml:",inline"`
	DaysAfterSending int `yaml:"days_after_sending"`
}

type wording struct {
	Provenance `yaml:",inline"`
	Heading    string            `yaml:"heading"`
	Term       string            `yaml:"term"`
	Literal    string            `yaml:"literal"`
	Invalid    []string          `yaml:"invalid"`
	CostsWords []string          `yaml:"costs_words"` // that a sentence speaks of costs by; none: costsWords
	Blocks     map[string]string `yaml:"blocks"`
	Charged    map[string]string `yaml:"charged"` // blocks that read otherwise when the notice itself costs something
}

type interestRule struct {
	Provenance   `yaml:",inline"`
	Table        string       `yaml:"table"`
	None         string       `yaml:"none"` // why there is no statutory interest; then there is no table
	NeedsDefault bool         `yaml:"needs_default"`
	Name         string       `yaml:"name"`
	Starts       string       `yaml:"starts"`
	Through      string       `yaml:"through"`
	Compounding  string       `yaml:"compounding"`
	Formula      string       `yaml:"formula"`
	AgreedRate   string       `yaml:"agreed_rate"`
	Agreed       agreedRule   `yaml:"agreed"`
	Transitional transitional `yaml:"transitional"`
}

// agreedRule is what the law makes of a rate in the contract.
type agreedRule struct {
	statement `yaml:",inline"`
	AtLeast   string `yaml:"at_least"` // table: the higher of the two holds on each day
	AtMost    string `yaml:"at_most"`  // table: the lower of the two holds on each day
	Void      bool   `yaml:"void"`     // above at_most on any day the clause is void, and the statutory rate holds
}

type transitional struct {
	statement       `yaml:",inline"`
	ContractsBefore date.Date `yaml:"contracts_before"`
	Points          Percent   `yaml:"points"`  // added to the table
	From            date.Date `yaml:"from"`    // first day of it; none: contracts_before
	Through         date.Date `yaml:"through"` // last day of it; none: without end
}

type allocationRule struct {
	statement `yaml:",inline"`
	Order     []Part `yaml:"order"`
}

type limitationRule struct {
	statement `yaml:",inline"`
	ID        string    `yaml:"id"`
	Years     int       `yaml:"years"`
	From      string    `yaml:"from"`
	YearEnd   bool      `yaml:"year_end"` // runs from the end of the calendar year
	OnlyBy    []ActKind `yaml:"only_by"`  // the acknowledgements that count, where it is not all of the law
}

type interruptionRule struct {
	statement       `yaml:",inline"`
	MaxYears        int                 `yaml:"max_years"` // 0: a demand interrupts nothing
	Wording         map[string]sentence `yaml:"wording"`   // of a letter when limitation comes near, by language
	Acknowledgement acknowledgementRule `yaml:"acknowledgement"`
}

// RateRow is a yearly rate from a day on.
type RateRow struct {
	Provenance    `yaml:",inline"`
	EffectiveFrom date.Date `yaml:"effective_from"`
	Rate          Percent   `yaml:"rate"`
	XcheckECB     bool      `yaml:"xcheck_ecb"` // reproduced from the ECB's steps
}

// Percent is an exact decimal number of percents.
type Percent struct {
	text string
	rat  *big.Rat
}

var percentForm = regexp.MustCompile(`^-?[0-9]{1,4}(\.[0-9]{1,8})?$`)

// ParsePercent reads a plain decimal, as "10.15".
func ParsePercent(s string) (Percent, error) {
	if !percentForm.MatchString(s) {
		return Percent{}, fmt.Errorf("%q is not a percentage; write it as 10.15", s)
	}
	rat, _ := new(big.Rat).SetString(s)
	return Percent{text: s, rat: rat}, nil
}

// String returns the decimal as it was written.
func (p Percent) String() string { return p.text }

// MarshalText writes the decimal.
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.text), nil }

// UnmarshalText reads the decimal.
func (p *Percent) UnmarshalText(b []byte) error {
	parsed, err := ParsePercent(string(b))
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}

// IsZero reports whether no percentage was given.
func (p Percent) IsZero() bool { return p.rat == nil }

// of returns the exact percentage of a number of minor units.
func (p Percent) of(minor int64) *big.Rat {
	r := new(big.Rat).SetInt64(minor)
	r.Mul(r, p.rat)
	return r.Quo(r, big.NewRat(100, 1))
}

// above reports whether p is the higher percentage.
func (p Percent) above(q Percent) bool { return p.rat.Cmp(q.rat) > 0 }

// plus returns the sum of two percentages.
func (p Percent) plus(q Percent) Percent {
	sum := new(big.Rat).Add(p.rat, q.rat)
	return Percent{text: sum.FloatString(2), rat: sum}
}

// Between reports whether p is from low through high.
func (p Percent) Between(low, high int64) bool {
	return p.rat.Cmp(new(big.Rat).SetInt64(low)) >= 0 && p.rat.Cmp(new(big.Rat).SetInt64(high)) <= 0
}
