package sync

import (
	"encoding/json"
	"fmt"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/store/db"
)

// connectionOf is how the connector host knows a connection.
func connectionOf(row db.Connection) (connect.Connection, error) {
	c := connect.Connection{ID: row.ID, Tenant: row.TenantID, Connector: row.Connector, Version: row.Version, Config: map[string]string{}}
	if err := json.Unmarshal(row.Config, &c.Config); err != nil {
		return c, fmt.Errorf("read the settings of connection %s: %w", row.ID, err)
	}
	return c, nil
}
