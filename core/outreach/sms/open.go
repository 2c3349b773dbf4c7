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
	revealed = regexp.MustCompile(`(?i)(?:^|[^\pL])(` + strings.Join([]string{
		`incasso\pL*`, `collect(ion|or|ing)s?`, `inkasso\pL*`, `recouvrement`, `deurwaarder\pL*`, `bailiff\pL*`, `gerichtsvollzieher\pL*`, `huissier\pL*`,
		`achterstand\pL*`, `arrears?`, `openstaand\pL*`, `overdue`, `outstanding`, `unpaid`, `onbetaald\pL*`, `r[üu]ckst[aä]nd\pL*`, `[üu]berf[aä]llig\pL*`, `impay[ée]\pL*`,
		`schuld\pL*`, `debts?`, `debtor`, `dettes?`, `schulden`, `aanmaning\pL*`, `herinnering\pL*`, `reminder\pL*`, `mahnung\pL*`, `zahlungserinnerung\pL*`, `rappel`,
		`vordering\pL*`, `forderung\pL*`, `cr[ée]ances?`, `mise en demeure`, `ingebrekestelling`, `[ée]chue?s?`, `f[äa]llig\pL*`, `unbezahlt\pL*`, `court`, `rechter`, `gericht`, `tribunal`,
		`relance\pL*`, `sommatie\pL*`, `summons`, `betal(en|ing|ingen)`, `pay(ment|ments|able)?`, `zahl(en|ung|ungen)`, `paiement\pL*`, `payer`, `rente`, `interest`,
	}, `|`) + `)(?:$|[^\pL])`)
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
	word := ""
	if m := revealed.FindStringSubmatch(rest); m != nil {
		word = m[1]
	}
	for _, found := range []string{isAmount.FindString(rest), word} {
		if found != "" {
			return fault.New(fault.Invalid, "message_reveals",
				"Others can see this text, so it must not say %q. It may name the creditor and a reference only (R119).", strings.TrimSpace(found))
		}
	}
	return nil
}
