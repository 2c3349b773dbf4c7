package statement

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/xmldoc"
)

// camtEntry adds the lines of one Ntry. Only booked entries are money.
func (s *Statement) camtEntry(n *xmldoc.Node) error {
	if n.Get("Sts/Cd", "Sts") != "BOOK" {
		return nil
	}
	amount, err := camtAmount(n)
	if err != nil {
		return err
	}
	whole := Line{
		Amount: amount, BookingDate: camtDate(n.Child("BookgDt")), ValueDate: camtDate(n.Child("ValDt")),
		BankReference: given(n.Get("AcctSvcrRef", "NtryRef")), Reversal: isTrue(n.Get("RvslInd")),
	}
	if whole.BookingDate.IsZero() {
		whole.BookingDate = whole.ValueDate
	}
	if whole.ValueDate.IsZero() {
		whole.ValueDate = whole.BookingDate
	}
	if whole.BookingDate.IsZero() {
		return fault.New(fault.Invalid, "statement_date", "Statement %s has an entry of %s without a date. Download it from the bank again.", s.name(), amount)
	}
	details := n.All("NtryDtls/TxDtls")
	switch len(details) {
	case 0:
		whole.Text = n.Get("AddtlNtryInf")
		s.Lines = append(s.Lines, whole)
	case 1:
		// The entry has what moved on this account; the detail's own amount may be
		// in the payer's currency.
		s.Lines = append(s.Lines, camtLine(whole, n, details[0]))
	default:
		s.Lines = append(s.Lines, s.camtBatch(whole, n, details)...)
	}
	return nil
}

// camtBatch splits an entry into its parts when they make up the entry.
func (s *Statement) camtBatch(whole Line, entry *xmldoc.Node, details []*xmldoc.Node) []Line {
	for _, ownDirection := range []bool{true, false} {
		amounts, ok := camtParts(whole.Amount, details, ownDirection)
		if !ok {
			continue
		}
		lines := make([]Line, len(details))
		for i, d := range details {
			part := whole
			part.Amount = amounts[i]
			lines[i] = camtLine(part, entry, d)
		}
		return lines
	}
	// Nothing is guessed: the money is one line, and what the parts say is text.
	var texts []string
	for _, d := range details {
		l := camtLine(whole, nil, d)
		texts = append(texts, joinText(l.CounterpartyName, l.StructuredReference, l.Text))
	}
	whole.Text = joinText(strings.Join(texts, " | "), entry.Get("AddtlNtryInf"))
	whole.Doubt = fmt.Sprintf("The bank booked %s for a batch of %d payments whose amounts do not add up to it.", whole.Amount, len(details))
	return []Line{whole}
}

// camtParts returns the amount of each part in the entry's currency, and
// whether they make up the entry. A part's direction is its own, when it has
// one and ownDirection is set, else the entry's.
func camtParts(whole money.Amount, details []*xmldoc.Node, ownDirection bool) ([]money.Amount, bool) {
	amounts := make([]money.Amount, len(details))
	sum := money.Of(0, whole.Currency)
	for i, d := range details {
		a, ok := camtPart(whole.Currency, d)
		if !ok {
			return nil, false
		}
		if indicator := d.Get("CdtDbtInd"); ownDirection && indicator != "" {
			var err error
			if a, err = directed(a, indicator); err != nil {
				return nil, false
			}
		} else if whole.Minor < 0 {
			a = a.Neg()
		}
		var err error
		if sum, err = sum.Add(a); err != nil {
			return nil, false
		}
		amounts[i] = a
	}
	return amounts, sum == whole
}

// camtPart finds the amount of a part in the currency of the entry: in newer
// versions in Amt, else among the amount details.
func camtPart(c money.Currency, d *xmldoc.Node) (money.Amount, bool) {
	for _, path := range []string{"Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt"} {
		n := d.Child(path)
		if n == nil || n.Attribute("Ccy") != string(c) {
			continue
		}
		a, err := camtMoney(n)
		return a, err == nil
	}
	return money.Amount{}, false
}

// camtLine adds what a TxDtls says to a line.
func camtLine(l Line, entry, d *xmldoc.Node) Line {
	l.EndToEndID, l.MandateID = given(d.Get("Refs/EndToEndId")), given(d.Get("Refs/MndtId"))
	if r := given(d.Get("Refs/AcctSvcrRef")); r != "" {
		l.BankReference = r
	}
	// Money in comes from the debtor; a return names the parties of the payment
	// that came back, so the other side is then the creditor.
	side, ultimate := "Dbtr", "UltmtDbtr"
	if l.Amount.Minor < 0 {
		side, ultimate = "Cdtr", "UltmtCdtr"
	}
	parties := d.Child("RltdPties")
	returned := d.Child("RtrInf")
	if returned != nil && parties.Child(side+"Acct") == nil {
		side, ultimate = other(side), other(ultimate)
	}
	l.CounterpartyName = parties.Get(side+"/Nm", side+"/Pty/Nm", ultimate+"/Nm", ultimate+"/Pty/Nm")
	l.CounterpartyIBAN = account(parties.Get(side+"Acct/Id/IBAN", side+"Acct/Id/Othr/Id"))
	var structured []string
	text := remittance(d.All("RmtInf/Ustrd"))
	for _, st := range d.All("RmtInf/Strd") {
		if ref := st.Get("CdtrRefInf/Ref", "CdtrRefInf/CdtrRef"); ref != "" {
			structured = append(structured, ref)
		}
		text = joinText(text, st.Get("RfrdDocInf/Nb"), st.Get("AddtlRmtInf"))
	}
	if len(structured) > 0 {
		l.StructuredReference = structured[0]
		text = joinText(append([]string{text}, structured[1:]...)...)
	}
	l.ReturnReason = returned.Get("Rsn/Cd", "Rsn/Prtry")
	l.Text = joinText(text, d.Get("AddtlTxInf"), strings.Join(textsOf(returned.All("AddtlInf")), " "))
	if l.Text == "" {
		l.Text = entry.Get("AddtlNtryInf")
	}
	return l
}

// remittance joins repeated Ustrd elements. One that is full at 140 characters
// runs on in the next; any other ends a word.
func remittance(nodes []*xmldoc.Node) string {
	var b strings.Builder
	full := true
	for _, u := range nodes {
		if !full {
			b.WriteByte(' ')
		}
		b.WriteString(u.Text)
		full = utf8.RuneCountInString(u.Text) >= 140
	}
	return b.String()
}

func other(side string) string {
	if strings.Contains(side, "Dbtr") {
		return strings.Replace(side, "Dbtr", "Cdtr", 1)
	}
	return strings.Replace(side, "Cdtr", "Dbtr", 1)
}

func textsOf(nodes []*xmldoc.Node) []string {
	out := make([]string, 0, len(nodes))
	for _, n := range nodes {
		out = append(out, n.Text)
	}
	return out
}

// given leaves out what banks write where there is no reference.
func given(s string) string {
	switch strings.ToUpper(strings.TrimSpace(s)) {
	case "NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOREF", "NICHT ANGEGEBEN", "NONE":
		return ""
	}
	return strings.TrimSpace(s)
}

func isTrue(s string) bool { return s == "true" || s == "1" }

// joinText puts texts behind each other with a space, skipping empty ones.
func joinText(texts ...string) string {
	var kept []string
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			kept = append(kept, t)
		}
	}
	return strings.Join(kept, " ")
}
