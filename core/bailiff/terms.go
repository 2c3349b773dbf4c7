package bailiff

import (
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/core/store/db"
)

// Terms are what was agreed on with a bailiff, in words; empty when nothing was.
func Terms(b db.Bailiff) string {
	var parts []string
	if b.NoCureNoPay {
		parts = append(parts, "No cure, no pay: paid only from what it brings in.")
	}
	if b.FeeBp > 0 {
		parts = append(parts, fmt.Sprintf("Keeps %s%% of what comes in.", strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%02d", b.FeeBp/100, b.FeeBp%100), "0"), ".")))
	}
	return strings.TrimSpace(strings.Join(append(parts, b.Terms), " "))
}
