package dossier

import (
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/sdk/money"
)

// of adds the lines of some kinds.
func (p *papers) of(kinds ...letter.StatementKind) money.Amount {
	sum := money.Of(0, p.file.Case.Currency)
	for _, r := range p.statement.Rows {
		for _, k := range kinds {
			if r.Kind == k {
				sum.Minor += r.Amount.Minor
			}
		}
	}
	return sum
}

func (p *papers) claimed() money.Amount { return p.of(letter.ClaimedLine) }
func (p *papers) charged() money.Amount {
	return p.of(letter.CostsLine, letter.CostsLess, letter.WaivedLine)
}
func (p *papers) accrued() money.Amount { return p.of(letter.InterestLine) }
func (p *papers) paid() money.Amount    { return p.of(letter.PaidLine).Neg() }
