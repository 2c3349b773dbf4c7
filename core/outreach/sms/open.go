package sms

import (
	"regexp"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
)

// What others may read says nothing about money or being late (R119). The words
// are of the languages that messages are written in.
var (
	isAmount = regexp.MustCompile(`(?i)(€|£|\$|\beur\b|\beuro'?s?\b|\bgbp\b|\bpounds?\b)|\d[.,]\d{2}\b`)
	revealed = regexp.MustCompile(`(?i)\b(` + strings.Join([]string{
		`incasso\w*`, `collect(ion|or|ing)s?`, `inkasso\w*`, `recouvrement`, `deurwaarder\w*`, `bailiff\w*`, `gerichtsvollzieher\w*`, `huissier\w*`,
		`achterstand\w*`, `arrears?`, `openstaand\w*`, `overdue`, `outstanding`, `unpaid`, `onbetaald\w*`, `r[üu]ckst[aä]nd\w*`, `[üu]berf[aä]llig\w*`, `impay[ée]\w*`,
		`schuld\w*`, `debts?`, `debtor`, `dettes?`, `schulden`, `aanmaning\w*`, `herinnering\w*`, `reminder\w*`, `mahnung\w*`, `zahlungserinnerung\w*`, `rappel`,
		`relance\w*`, `sommatie\w*`, `summons`, `betal(en|ing|ingen)`, `pay(ment|ments|able)?`, `zahl(en|ung|ungen)`, `paiement\w*`, `payer`, `rente`, `interest`,
	}, `|`) + `)\b`)
	address = regexp.MustCompile(`https?://\S+`)
)

// CheckOpen refuses a text that others can see and that names an amount, arrears
// or collection (R119). The address of a page is not read as words; what is allowed
// by name, such as that of the creditor, is left out of the look.
func CheckOpen(text string, names ...string) error {
	rest := address.ReplaceAllString(text, " ")
	for _, name := range names {
		if name != "" {
			rest = strings.ReplaceAll(rest, name, " ")
		}
	}
	for _, found := range []string{isAmount.FindString(rest), revealed.FindString(rest)} {
		if found != "" {
			return fault.New(fault.Invalid, "message_reveals",
				"Others can see this text, so it must not say %q. It may name the creditor and a reference only (R119).", strings.TrimSpace(found))
		}
	}
	return nil
}
