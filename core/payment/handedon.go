package payment

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// handedOn is what a line brings that a bailiff received before: the debtor paid
// there, and it is booked already.
type handedOn struct {
	notes []uuid.UUID // the reports that it pays out; none when that is for a person
	why   string
}

// handsOn finds out whether a line is money that a bailiff hands on. What it is for
// is known by what it names, the bailiff's own references before those of cases, and
// never by its amount alone: who pays the same amount twice paid twice.
func (o *openItems) handsOn(l statement.Line) *handedOn {
	text := strings.Join([]string{l.Text, l.EndToEndID, l.StructuredReference}, " ")
	var exact, about []db.BailiffMoneyRow
	theirs := false
	for _, m := range o.bailiffs {
		from := sameName(l.CounterpartyName, m.Name)
		theirs = theirs || from
		switch {
		case m.HandedOn != "" || m.Currency != string(l.Amount.Currency):
		case names(text, m.Reference):
			exact = append(exact, m)
		case from && (names(text, m.Office) || names(text, m.Number)):
			about = append(about, m)
		}
	}
	for _, list := range [][]db.BailiffMoneyRow{exact, about, slices.Concat(exact, about)} {
		if len(list) == 0 {
			continue
		}
		if kept, ok := paysOut(l.Amount.Minor, list); ok {
			out := &handedOn{why: fmt.Sprintf("%s hands on what the debtor paid there for case %s. It is booked already.", list[0].Name, list[0].Number)}
			if kept > 0 {
				out.why = fmt.Sprintf("%s hands on what the debtor paid there for case %s, less %s that they keep. It is booked already.", list[0].Name, list[0].Number, money.Of(kept, l.Amount.Currency))
			}
			for _, m := range list {
				out.notes = append(out.notes, m.ID)
			}
			return out
		}
	}
	if named := slices.Concat(exact, about); len(named) > 0 {
		return &handedOn{why: fmt.Sprintf("%s hands this on for case %s, and it is another amount than what they reported: %s, which is booked already. Ask them what it is.", named[0].Name, named[0].Number, money.Of(total(named), l.Amount.Currency))}
	}
	if theirs {
		return &handedOn{why: "A bailiff hands this on, and it does not say for what. What the bailiff reported is booked already: ignore it, unless it is more than that."}
	}
	return nil
}

func total(list []db.BailiffMoneyRow) (n int64) {
	for _, m := range list {
		n += m.AmountMinor
	}
	return n
}

// paysOut reports whether an amount is all of what was received, or all but the part
// that the bailiff keeps.
func paysOut(amount int64, list []db.BailiffMoneyRow) (kept int64, ok bool) {
	all := total(list)
	if amount == all {
		return 0, true
	}
	kept = (2*all*int64(list[0].FeeBp) + 10_000) / 20_000
	return kept, kept > 0 && amount == all-kept
}

// paidOut notes that reports are handed on, for the lines after this one.
func (o *openItems) paidOut(notes []uuid.UUID, line string) {
	for i := range o.bailiffs {
		if slices.Contains(notes, o.bailiffs[i].ID) {
			o.bailiffs[i].HandedOn = line
		}
	}
}

// names reports whether a text has a reference as a whole: number 1 is not in 10.
func names(text, reference string) bool {
	if reference == "" {
		return false
	}
	text, reference = strings.ToLower(text), strings.ToLower(reference)
	for at := 0; ; {
		i := strings.Index(text[at:], reference)
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(reference)
		if !wordAt(text[:start], true) && !wordAt(text[end:], false) {
			return true
		}
		at = end
	}
}

// wordAt reports whether a letter or figure touches: the last of what is before, or
// the first of what is after.
func wordAt(text string, before bool) bool {
	var last rune
	for _, r := range text {
		last = r
		if !before {
			break
		}
	}
	return text != "" && (unicode.IsLetter(last) || unicode.IsDigit(last))
}

// sameName reports whether the name of an account is that of a bailiff.
func sameName(account, bailiff string) bool {
	account, bailiff = strings.ToLower(account), strings.ToLower(bailiff)
	return account != "" && (strings.Contains(account, bailiff) || strings.Contains(bailiff, account))
}
