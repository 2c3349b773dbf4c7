package sync

import (
	"encoding/json"
	"fmt"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/store/db"
)

// connectionOf is how the connector host knows a connection. Which version answers
// is for the host to find out at each call: the one it was made with is history.
func connectionOf(row db.Connection) (connect.Connection, error) {
	c := connect.Connection{ID: row.ID, Tenant: row.TenantID, Connector: row.Connector, Config: map[string]string{}}
	if err := json.Unmarshal(row.Config, &c.Config); err != nil {
		return c, fmt.Errorf("read the settings of connection %s: %w", row.ID, err)
	}
	return c, nil
}
