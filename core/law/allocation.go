package law

import (
	"fmt"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk/money"
)

// Part is what a payment can be put to.
type Part string

// The parts of a claim.
const (
	CostsPart     Part = "costs"
	InterestPart  Part = "interest"
	PrincipalPart Part = "principal"
)

// Order is the order in which a payment is put to the parts of a claim.
type Order string

// The orders. The zero value is the statutory one.
const (
	Statutory Order = "statutory"
	// PrincipalFirst is a waiver by the creditor, to be logged (R30).
	PrincipalFirst Order = "principal_first"
	// InTerm is for a payment inside the term of the statutory notice: costs
	// are not due yet, and it goes to the principal first (R31).
	InTerm Order = "in_term"
)

// Parts are amounts per part of a claim.
type Parts struct {
	Costs     money.Amount `json:"costs"`
	Interest  money.Amount `json:"interest"`
	Principal money.Amount `json:"principal"`
}

// Allocation says where a payment went.
type Allocation struct {
	Paid     Parts        `json:"paid"`
	Open     Parts        `json:"open"`
	Overpaid money.Amount `json:"overpaid"` // to be kept as unapplied credit (R32)
	Order    []Part       `json:"order"`
	Waived   bool         `json:"waived"` // the creditor put principal first
	Basis
}

// Allocate puts a payment without a designation to the parts that are open
// (R30, R31). Amounts must not be negative.
func (c *Country) Allocate(payment money.Amount, open Parts, order Order) (Allocation, error) {
	left, err := c.paidOff("the payment", payment)
	if err != nil {
		return Allocation{}, err
	}
	out := Allocation{Order: slices.Clone(c.file.Allocation.Order)}
	switch order {
	case PrincipalFirst, InTerm:
		out.Order = []Part{PrincipalPart}
		for _, p := range c.file.Allocation.Order {
			if p != PrincipalPart && (p != CostsPart || order == PrincipalFirst) {
				out.Order = append(out.Order, p)
			}
		}
		out.Waived = order == PrincipalFirst
	}
	rest := map[Part]int64{}
	for part, a := range map[Part]money.Amount{CostsPart: open.Costs, InterestPart: open.Interest, PrincipalPart: open.Principal} {
		if rest[part], err = c.paidOff("the open "+string(part), a); err != nil {
			return Allocation{}, err
		}
	}
	paid := map[Part]int64{}
	var said []string
	for _, part := range out.Order {
		paid[part] = min(left, rest[part])
		left -= paid[part]
		rest[part] -= paid[part]
		if paid[part] > 0 {
			said = append(said, fmt.Sprintf("%s to %s", c.amount(paid[part]), part))
		}
	}
	out.Paid, out.Open, out.Overpaid = c.parts(paid), c.parts(rest), c.amount(left)
	if left > 0 {
		said = append(said, fmt.Sprintf("%s is left over", c.amount(left)))
	}
	if order == PrincipalFirst {
		out.Citations = []Citation{{Article: "the creditor's waiver of the statutory order", Status: ConfirmedPrimary}}
	} else {
		c.rest(&out.Basis, c.file.Allocation.Provenance, "the order of payment")
	}
	out.Explanation = fmt.Sprintf("The payment of %s went %s: %s.", payment, orderInWords(order, out.Order), strings.Join(said, ", "))
	return out, nil
}

func orderInWords(o Order, parts []Part) string {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = string(p)
	}
	list := strings.Join(names, ", then ")
	switch o {
	case PrincipalFirst:
		return "to " + list + ", as the creditor waived the statutory order"
	case InTerm:
		return "to " + list + ", because costs are not due inside the term of the notice"
	}
	return "in the statutory order (" + list + ")"
}

func (c *Country) parts(m map[Part]int64) Parts {
	return Parts{Costs: c.amount(m[CostsPart]), Interest: c.amount(m[InterestPart]), Principal: c.amount(m[PrincipalPart])}
}
