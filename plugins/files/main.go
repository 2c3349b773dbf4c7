// Command files is the connector program for invoice files.
package main

import (
	files "github.com/voldaan/voldaan/plugins/files/connector"
	"github.com/voldaan/voldaan/sdk/serve"
)

func main() { serve.Run(files.New()) }
