package recipe

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/yamldoc"
)

func nearest(word string, known []string) string { return yamldoc.Nearest(word, known) }

// function is a helper for the facts of the field, beside those of jq.
type function struct {
	name     string
	min, max int
	usage    string
	doc      string
	call     func(in any, args []any) any
}

// Function describes a helper for the documentation.
type Function struct{ Usage, Doc string }

// Functions lists the helpers that expressions may use besides those of jq.
func Functions() []Function {
	var out []Function
	for _, f := range functions(time.UTC) {
		out = append(out, Function{f.usage, f.doc})
	}
	return out
}

// functions returns the helpers; zone is that of moments without one.
func functions(zone *time.Location) []function {
	list := []function{
		{"plus", 2, 2, "plus(a; b)", "Exact sum of two numbers or decimal texts. jq's own + is not exact for cents.", exact2((*big.Rat).Add)},
		{"minus", 2, 2, "minus(a; b)", "Exact difference.", exact2((*big.Rat).Sub)},
		{"times", 2, 2, "times(a; b)", "Exact product.", exact2((*big.Rat).Mul)},
		{"divided", 3, 3, "divided(a; b; places)", "Quotient, rounded half up to so many decimals; null when b is 0.", divided},
		{"total", 0, 0, "[…] | total", "Exact sum of a list; null elements are skipped.", total},
		{"neg", 0, 0, ".x | neg", "The exact number with the other sign.", exact1((*big.Rat).Neg)},
		{"rounded", 1, 1, ".x | rounded(2)", "The exact number, rounded half up; for packages that send 1209.9999999.", rounded},
		{"decimal", 0, 1, ".x | decimal(\",\")", "An exact number from a text such as 1.210,00; the argument is the sign before the decimals, a point when it is left out.", decimal},
		{"day", 0, 2, ".x | day(\"dd-MM-yyyy\"; \"Europe/Amsterdam\")", "The day 2026-11-21 of a date or moment. Without a layout it reads 2026-11-21, 20261121, 2026-11-21T23:00:00Z, 2026-11-21 23:00:00 and /Date(…)/, and takes the day as written. With a zone it takes the day in that zone.", dayFunc(zone)},
		{"moment", 0, 2, ".x | moment(\"yyyy-MM-dd HH:mm:ss\"; \"UTC\")", "The moment 2026-11-21T12:00:00Z of a text or number. Layouts: letters as yyyy MM dd HH mm ss, `unix`, `unix_ms`, or `iso` for what is read without a layout. The zone is that of a text without one; `time_zone` when left out.", momentFunc(zone)},
		{"in_layout", 1, 2, "$since | in_layout(\"yyyy-MM-dd HH:mm\"; \"Europe/Stockholm\")", "A moment or day, written in a layout and zone; `unix` and `unix_ms` give numbers. null stays null.", layoutFunc(zone)},
		{"add_days", 1, 1, ".term as $n | .date | day | add_days($n)", "The day so many days later; null when either is missing. The argument sees the day, so take a field of the record before.", addDays},
		{"end_of_month", 0, 0, ".date | day | end_of_month", "The last day of the day's month.", endOfMonth},
		{"country", 0, 0, ".x | country", "ISO 3166 code of two letters from a code or from the country's name in a European language; null when it is not known.", countryFunc},
		{"language_tag", 0, 0, ".x | language_tag", "BCP 47 tag from nl_NL, NL-nl, dut, Dutch or Nederlands; null when it is not known.", languageFunc},
		{"list", 0, 0, ".x | list", "null as [], a list as it is, anything else as a list of one: for XML, where one child looks unlike two.", listFunc},
		{"first_text", 0, 0, "[.a, .b] | first_text", "The first element that is not blank; null when all are.", firstText},
		{"clean", 0, 0, ".x | clean", "The text without control characters and space around it, at most 500 characters. Fields of records get this anyway.", cleanFunc},
		{"from_xml", 0, 0, ".x | from_xml", "The object that an XML text inside of an answer holds.", fromXML},
		{"sha256", 0, 0, ".x | sha256", "SHA-256 of a text in hex, for an id where the package has none.", sha},
		{"digits", 0, 0, ".x | digits", "Only the digits of a text.", digits},
	}
	return list
}

func exact2(op func(z, a, b *big.Rat) *big.Rat) func(any, []any) any {
	return func(_ any, args []any) any {
		a, err := rational(args[0])
		if err != nil {
			return err
		}
		b, err := rational(args[1])
		if err != nil {
			return err
		}
		return number(op(new(big.Rat), a, b))
	}
}

func exact1(op func(z, a *big.Rat) *big.Rat) func(any, []any) any {
	return func(in any, _ []any) any {
		a, err := rational(in)
		if err != nil {
			return err
		}
		return number(op(new(big.Rat), a))
	}
}

func places(v any) (int, error) {
	r, err := rational(v)
	if err != nil || !r.IsInt() || r.Sign() < 0 || r.Cmp(big.NewRat(12, 1)) > 0 {
		return 0, errors.New("expected a number of decimals from 0 to 12")
	}
	return int(r.Num().Int64()), nil
}

// halfUp rounds away from zero at the half.
func halfUp(r *big.Rat, n int) any {
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
	x := new(big.Rat).Mul(r, scale)
	half := big.NewRat(1, 2)
	if x.Sign() < 0 {
		half.Neg(half)
	}
	x.Add(x, half)
	return number(new(big.Rat).Quo(new(big.Rat).SetInt(new(big.Int).Quo(x.Num(), x.Denom())), scale))
}

func divided(_ any, args []any) any {
	a, err := rational(args[0])
	if err != nil {
		return err
	}
	b, err := rational(args[1])
	if err != nil {
		return err
	}
	n, err := places(args[2])
	if err != nil {
		return err
	}
	if b.Sign() == 0 {
		return nil
	}
	return halfUp(new(big.Rat).Quo(a, b), n)
}

func rounded(in any, args []any) any {
	f, is := in.(float64)
	a := new(big.Rat)
	if is {
		a.SetFloat64(f)
	} else {
		var err error
		if a, err = rational(in); err != nil {
			return err
		}
	}
	n, err := places(args[0])
	if err != nil {
		return err
	}
	return halfUp(a, n)
}

func total(in any, _ []any) any {
	list, ok := in.([]any)
	if !ok && in != nil {
		return fmt.Errorf("total needs a list, found %s", TypeOf(in))
	}
	sum := new(big.Rat)
	for _, v := range list {
		if v == nil {
			continue
		}
		r, err := rational(v)
		if err != nil {
			return err
		}
		sum.Add(sum, r)
	}
	return number(sum)
}

func decimal(in any, args []any) any {
	if in == nil || in == "" {
		return nil
	}
	s, ok := in.(string)
	if !ok || len(args) == 0 {
		r, err := rational(in)
		if err != nil {
			return err
		}
		return number(r)
	}
	mark, _ := args[0].(string)
	if mark != "," && mark != "." {
		return errors.New(`the sign before the decimals is "," or "."`)
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r == '-', r == '+', string(r) == mark:
			return r
		case r == '.', r == ',', r == ' ', r == '\'', r == '\u00a0', r == '\u202f':
			return -1
		}
		return 'x' // no number has a letter, so that it is refused below
	}, s)
	r, err := rational(strings.Replace(s, mark, ".", 1))
	if err != nil {
		return fmt.Errorf("expected a number, found %s", TypeOf(in))
	}
	return number(r)
}

func listFunc(in any, _ []any) any {
	switch v := in.(type) {
	case nil:
		return []any{}
	case []any:
		return v
	}
	return []any{in}
}

func firstText(in any, _ []any) any {
	list, ok := in.([]any)
	if !ok {
		return fmt.Errorf("first_text needs a list, found %s", TypeOf(in))
	}
	for _, v := range list {
		if s, ok := TextOf(v); ok && strings.TrimSpace(s) != "" {
			return v
		}
	}
	return nil
}

func cleanFunc(in any, _ []any) any {
	s, ok := TextOf(in)
	if !ok {
		return fmt.Errorf("clean needs a text, found %s", TypeOf(in))
	}
	return Clean(s)
}

func sha(in any, _ []any) any {
	s, ok := TextOf(in)
	if !ok {
		return fmt.Errorf("sha256 needs a text, found %s", TypeOf(in))
	}
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func digits(in any, _ []any) any {
	s, ok := TextOf(in)
	if !ok {
		return fmt.Errorf("digits needs a text, found %s", TypeOf(in))
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
