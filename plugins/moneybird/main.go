// Command moneybird is the connector program for Moneybird.
package main

import (
	moneybird "github.com/voldaan/voldaan/plugins/moneybird/connector"
	"github.com/voldaan/voldaan/sdk/serve"
)

func main() { serve.Run(moneybird.New(moneybird.Options{})) }
