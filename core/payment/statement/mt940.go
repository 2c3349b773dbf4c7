package statement

import (
	"regexp"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// field is one ":61:" with its text; a line break inside is kept.
type field struct {
	tag, text string
	line      int
}

var tagged = regexp.MustCompile(`^:([0-9]{2}[A-Z]?|NS):`)

// parseMT940 reads SWIFT text as Dutch and German banks deliver it: with or
// without envelope, several messages behind each other, each page a statement.
func parseMT940(text string) ([]Statement, error) {
	var list []Statement
	var s *Statement
	var open bool // a :61: awaits its :86:
	for _, f := range fields(text) {
		switch f.tag {
		case "20":
			list = append(list, Statement{Format: "MT940", ID: f.text})
			s, open = &list[len(list)-1], false
			continue
		case "NS":
			continue
		}
		if s == nil {
			return nil, fault.New(fault.Invalid, "statement_syntax", "Line %d of the statement has :%s: before the first :20:. Download the statement from the bank again.", f.line, f.tag)
		}
		var err error
		switch f.tag {
		case "25":
			s.IBAN = swiftAccount(f.text)
		case "28C", "28":
			s.Sequence = f.text
		case "60F", "60M":
			s.Opening, err = swiftBalance(f)
			s.Currency = s.Opening.Amount.Currency
		case "62F", "62M":
			s.Closing, err = swiftBalance(f)
			open = false
		case "61":
			if s.Currency == "" {
				return nil, fault.New(fault.Invalid, "statement_syntax", "Line %d of the statement books money before the opening balance (:60F:) gave its currency.", f.line)
			}
			var l Line
			l, err = swiftLine(f, s.Currency)
			s.Lines = append(s.Lines, l)
			open = true
		case "86":
			// After the closing balance it is about the statement as a whole.
			if open {
				informed(&s.Lines[len(s.Lines)-1], f.text, s.IBAN)
				open = false
			}
		}
		if err != nil {
			return nil, err
		}
	}
	for _, s := range list {
		if s.IBAN == "" || !s.Opening.Known() {
			return nil, fault.New(fault.Invalid, "statement_account", "Statement %s lacks its account (:25:) or its opening balance (:60F:). Download it from the bank again.", s.name())
		}
		if !s.Closing.Known() {
			return nil, fault.New(fault.Invalid, "statement_syntax", "Statement %s breaks off before its closing balance (:62F:). Download it from the bank again.", s.name())
		}
	}
	return list, nil
}

// fields cuts the text into tagged fields. Lines between messages (envelopes,
// "940", "-", "-XXX") belong to none.
func fields(text string) []field {
	var out []field
	inside := false
	for i, line := range strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n") {
		// An envelope may precede the first tag on its line: "{4:" or "{1:…}{4:".
		if at := strings.Index(line, "{4:"); at >= 0 {
			line = line[at+3:]
		}
		if m := tagged.FindStringSubmatch(line); m != nil {
			out = append(out, field{tag: m[1], text: strings.TrimRight(line[len(m[0]):], " "), line: i + 1})
			inside = true
			continue
		}
		// ":940:" and the end of a message close the field before.
		if strings.HasPrefix(line, "-") && len(strings.TrimSpace(line)) <= 5 || strings.HasPrefix(line, ":940:") {
			inside = false
		}
		if inside && strings.TrimSpace(line) != "" {
			out[len(out)-1].text += "\n" + line
		}
	}
	return out
}

// swiftAccount takes an IBAN apart from the currency that some banks add.
func swiftAccount(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	a := account(s)
	if n := len(a); n > 18 && isIBAN(a[:n-3]) {
		if _, err := money.ParseCurrency(a[n-3:]); err == nil {
			return a[:n-3]
		}
	}
	return a
}

var balancePattern = regexp.MustCompile(`^([CD])([0-9]{6})([A-Z]{3})([0-9]+(?:,[0-9]*)?)`)

func swiftBalance(f field) (Balance, error) {
	m := balancePattern.FindStringSubmatch(f.text)
	bad := fault.New(fault.Invalid, "statement_syntax", "Line %d of the statement has a balance %.40q that cannot be read (expected like C261121EUR1234,56).", f.line, f.text)
	if m == nil {
		return Balance{}, bad
	}
	day, err := shortDate(m[2])
	if err != nil {
		return Balance{}, bad.Because(err)
	}
	amount, err := swiftAmount(m[4], m[3])
	if err != nil {
		return Balance{}, bad.Because(err)
	}
	if m[1] == "D" {
		amount = amount.Neg()
	}
	return Balance{Amount: amount, Date: day}, nil
}

func swiftAmount(text, currency string) (money.Amount, error) {
	c, err := money.ParseCurrency(currency)
	if err != nil {
		return money.Amount{}, err
	}
	return money.Parse(strings.TrimSuffix(strings.Replace(text, ",", ".", 1), "."), c)
}

// shortDate reads YYMMDD; 80 to 99 are of the last century.
func shortDate(s string) (date.Date, error) {
	century := "20"
	if s >= "80" {
		century = "19"
	}
	return date.Parse(century + s[:2] + "-" + s[2:4] + "-" + s[4:6])
}

// value date, entry date, mark, third letter of the currency, amount, type, references
var linePattern = regexp.MustCompile(`^([0-9]{6})([0-9]{4})?(RC|RD|EC|ED|C|D)([A-Z])?([0-9]+(?:,[0-9]*)?)([A-Z][A-Z0-9]{3})(.*)$`)

func swiftLine(f field, currency money.Currency) (Line, error) {
	first, supplement, _ := strings.Cut(f.text, "\n")
	bad := fault.New(fault.Invalid, "statement_syntax", "Line %d of the statement has a booking %.60q that cannot be read (expected like 2611211121C12,50NTRFNONREF).", f.line, first)
	m := linePattern.FindStringSubmatch(first)
	if m == nil {
		return Line{}, bad
	}
	var l Line
	var err error
	if l.ValueDate, err = shortDate(m[1]); err != nil {
		return Line{}, bad.Because(err)
	}
	l.BookingDate = entryDate(m[2], l.ValueDate)
	if l.Amount, err = swiftAmount(m[5], string(currency)); err != nil {
		return Line{}, bad.Because(err)
	}
	// RC takes a credit back, so money goes out; EC and ED announce and are
	// booked with the next statement.
	mark := m[3]
	if mark == "D" || mark == "RC" || mark == "ED" {
		l.Amount = l.Amount.Neg()
	}
	l.Reversal = mark == "RC" || mark == "RD"
	own, bank, _ := strings.Cut(m[7], "//")
	l.BankReference = given(bank)
	l.EndToEndID = swiftOwn(own)
	// Rabobank puts the other account into the supplement.
	if a := account(supplement); ibanShape.FindString(a) == a {
		l.CounterpartyIBAN = a
	}
	return l, nil
}

// swiftOwn is the customer reference when it is one: codewords only say that
// the reference is in the information field.
func swiftOwn(s string) string {
	switch strings.TrimSpace(s) {
	case "EREF", "PREF", "MARF", "KREF+", "EREF+", "MREF+", "CRED+":
		return ""
	}
	return given(s)
}

// entryDate puts MMDD into the year that is nearest to the value date.
func entryDate(mmdd string, value date.Date) date.Date {
	if mmdd == "" {
		return value
	}
	month, day := time.Month(10*(mmdd[0]-'0')+mmdd[1]-'0'), int(10*(mmdd[2]-'0')+mmdd[3]-'0')
	best := date.Date{}
	for year := value.Year() - 1; year <= value.Year()+1; year++ {
		d := date.New(year, month, day)
		if d.Month() != month || d.Day() != day {
			continue
		}
		if best.IsZero() || distance(d, value) < distance(best, value) {
			best = d
		}
	}
	if best.IsZero() {
		return value
	}
	return best
}

func distance(a, b date.Date) int { return max(a.DaysSince(b), b.DaysSince(a)) }
