package statement

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// informed adds what field 86 says to a line, in whichever dialect it is.
func informed(l *Line, text, own string) {
	switch {
	case germanPattern.MatchString(text):
		german(l, unwrap(text))
	case dutchTag.MatchString(unwrap(text)):
		dutch(l, unwrap(text))
	default:
		freeText(l, rewrap(text), own)
	}
	if l.CounterpartyIBAN == own {
		l.CounterpartyIBAN = ""
	}
}

// unwrap joins lines that were cut at 65 characters; structured fields are cut
// in the middle of a word.
func unwrap(text string) string { return strings.ReplaceAll(text, "\n", "") }

// rewrap joins the lines of plain text: a full line runs on, a shorter one ends
// a word.
func rewrap(text string) string {
	var b strings.Builder
	full := true
	for line := range strings.SplitSeq(text, "\n") {
		if !full {
			b.WriteByte(' ')
		}
		b.WriteString(line)
		full = utf8.RuneCountInString(line) >= 65
	}
	return b.String()
}

// Dutch codewords, as ABN AMRO, ING and Rabobank use them.
var dutchTag = regexp.MustCompile(`/(TRTP|IBAN|BIC|NAME|REMI|EREF|PREF|MARF|CSID|RTRN|CNTP|ORDP|BENM|ISDT|ADDR|ULTB|ULTD|PURP|TRCD|OCMT|COAM|EXCH|CHGS|SVCL|ID|NRTX|BUSP|INIT|ORDI)/`)

func dutch(l *Line, text string) {
	values := map[string]string{}
	at := dutchTag.FindStringSubmatchIndex(text)
	before := strings.TrimSpace(text[:at[0]])
	for at != nil {
		tag := text[at[2]:at[3]]
		// The slash that ends a codeword may begin the next one.
		rest := text[at[1]-1:]
		next := dutchTag.FindStringSubmatchIndex(rest)
		value := strings.TrimPrefix(rest, "/")
		if next != nil {
			value = strings.TrimPrefix(rest[:next[0]], "/")
		}
		if _, twice := values[tag]; !twice {
			values[tag] = value
		}
		if next == nil {
			break
		}
		text, at = rest, next
	}
	clean := func(tag string) string { return strings.TrimSpace(strings.Trim(values[tag], "/")) }
	l.CounterpartyName = clean("NAME")
	setIBAN(l, clean("IBAN"))
	// ING: /CNTP/account/BIC/name/city/
	if parts := strings.Split(values["CNTP"], "/"); len(parts) > 2 {
		setIBAN(l, parts[0])
		l.CounterpartyName = strings.TrimSpace(parts[2])
	}
	if e := given(clean("EREF")); e != "" {
		l.EndToEndID = e
	}
	l.MandateID = given(clean("MARF"))
	l.ReturnReason = clean("RTRN")
	remittance := values["REMI"]
	if s, ok := strings.CutPrefix(remittance, "STRD/"); ok {
		// ING: STRD/CUR/kenmerk/ or STRD/ISO/RF…/
		_, ref, _ := strings.Cut(s, "/")
		l.StructuredReference, remittance = strings.Trim(ref, "/ "), ""
	}
	remittance = strings.TrimPrefix(remittance, "USTD//")
	l.Text = joinText(before, strings.TrimSuffix(remittance, "/"))
	if l.Text == "" && l.StructuredReference == "" {
		l.Text = clean("TRTP")
	}
}

func setIBAN(l *Line, s string) {
	if a := account(s); a != "" {
		l.CounterpartyIBAN = a
	}
}

// Three digits of transaction code, a separator, and its first sub-field.
var (
	germanPattern = regexp.MustCompile(`^[0-9]{3}[?>~][0-9]{2}`)
	germanTag     = regexp.MustCompile(`(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|PURP|COAM|OAMT|IBAN|BIC|MTLG)[+:]`)
)

// returnCodes are the German text keys of returned payments that statements
// show together with their reason in words.
var returnCodes = map[string]string{"901": "AC01", "903": "AC06", "914": "MS03"}

func german(l *Line, text string) {
	code, separator := text[:3], text[3:4]
	var purpose strings.Builder
	starts := map[int]bool{} // where a sub-field of the purpose begins
	var name, posting, returned string
	for part := range strings.SplitSeq(text[4:], separator) {
		if len(part) < 2 || part[0] < '0' || part[0] > '9' || part[1] < '0' || part[1] > '9' {
			// The separator was part of the text.
			purpose.WriteString(separator + part)
			continue
		}
		value := part[2:]
		switch sub := part[:2]; {
		case sub == "00":
			posting = strings.TrimSpace(value)
		case sub >= "20" && sub <= "29", sub >= "60" && sub <= "63":
			starts[purpose.Len()] = true
			purpose.WriteString(value)
		case sub == "31":
			setIBAN(l, value)
		case sub == "32", sub == "33":
			name += value
		case sub == "34":
			returned = strings.TrimSpace(value)
		}
	}
	l.CounterpartyName = strings.TrimSpace(name)
	germanPurpose(l, purpose.String(), starts)
	if l.Text == "" {
		l.Text = posting
	}
	// Codes of returned credits and debits.
	if code == "159" || code == "109" || code == "108" {
		if l.ReturnReason = returnCodes[returned]; l.ReturnReason == "" {
			l.ReturnReason = returned
		}
	}
}

// germanPurpose takes the purpose apart at its tags. A tag counts at the start
// of a sub-field or after a space: else it is text.
func germanPurpose(l *Line, s string, starts map[int]bool) {
	tag, from := "", 0
	put := func(value string) {
		value = strings.TrimSpace(value)
		switch tag {
		case "EREF":
			l.EndToEndID = given(value)
		case "MREF":
			l.MandateID = given(value)
		case "SVWZ", "MTLG", "":
			l.Text = joinText(l.Text, value)
		case "IBAN":
			setIBAN(l, value)
		}
	}
	for _, at := range germanTag.FindAllStringSubmatchIndex(s, -1) {
		if !starts[at[0]] && (at[0] == 0 || s[at[0]-1] != ' ') {
			continue
		}
		put(s[from:at[0]])
		tag, from = s[at[2]:at[3]], at[1]
	}
	put(s[from:])
}

// Labels that ABN AMRO writes in plain text.
var (
	plainLabel = regexp.MustCompile(`(?:^|\s)(IBAN|BIC|NAAM|OMSCHRIJVING|KENMERK|MACHTIGING|INCASSANT):\s*`)
	ibanShape  = regexp.MustCompile(`\b[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\b`)
)

// freeText keeps the text and takes out only what cannot be anything else.
func freeText(l *Line, text, own string) {
	l.Text = strings.Join(strings.Fields(text), " ")
	found := plainLabel.FindAllStringSubmatchIndex(text, -1)
	for i, at := range found {
		end := len(text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		value := strings.Join(strings.Fields(text[at[1]:end]), " ")
		switch text[at[2]:at[3]] {
		case "IBAN":
			if a, _, _ := strings.Cut(value, " "); isIBAN(account(a)) {
				setIBAN(l, a)
			}
		case "NAAM":
			l.CounterpartyName = value
		case "KENMERK":
			l.EndToEndID = given(value)
		case "MACHTIGING":
			l.MandateID = given(value)
		}
	}
	if l.CounterpartyIBAN != "" {
		return
	}
	var only string
	for _, a := range ibanShape.FindAllString(text, -1) {
		if a == own || !isIBAN(a) || a == only {
			continue
		}
		if only != "" {
			return
		}
		only = a
	}
	l.CounterpartyIBAN = only
}
