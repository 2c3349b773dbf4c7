package law

// Interruption is what a letter says when a claim is about to expire.
type Interruption struct {
	Text string
	// Interrupts says that the letter itself makes a new term begin. Where it does
	// not, the text asks for an acknowledgement, and only that or a court helps.
	Interrupts bool
	Basis
}

// InterruptionText is the protected text of a letter about limitation by the law
// of the country (R111), in a language or else in English.
func (c *Country) InterruptionText(language string) Interruption {
	rule := &c.file.Interruption
	language = pick(rule.Wording, []string{language})
	words := rule.Wording[language]
	out := Interruption{Text: words.Text, Interrupts: rule.MaxYears > 0}
	c.rest(&out.Basis, rule.Provenance, "the rule on interruption")
	name := "the " + language + " wording about limitation"
	c.restOn(&out.Basis, words.Provenance, name, name, words.Text)
	out.Explanation = capital(rule.Text) + "."
	return out
}
