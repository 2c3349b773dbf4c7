package rest

import (
	"encoding/base64"
	"encoding/json"

	"github.com/voldaan/voldaan/core/fault"
)

// Paged are the parameters of a list that comes in pages.
type Paged struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most"`
	Cursor string `query:"cursor" maxLength:"400" doc:"next_cursor of the page before"`
}

// Sought are the parameters of a list of arrangements.
type Sought struct {
	Search string `query:"search" maxLength:"100" doc:"Part of the debtor's name or of an invoice's number"`
	Due    string `query:"due" enum:"late,week" doc:"Only what is late, or is due within a week, on the day of the organisation"`
}

func seal(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// unseal reads a cursor into v; an empty one leaves it alone and is false.
func (p Paged) unseal(v any) (bool, error) {
	if p.Cursor == "" {
		return false, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil || json.Unmarshal(b, v) != nil {
		return false, fault.New(fault.Invalid, "cursor_unreadable", "This cursor is not one of this list. Begin again without it.")
	}
	return true, nil
}
