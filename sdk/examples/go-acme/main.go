// Command go-acme is a connector for Acme Books, written in Go.
package main

import "github.com/voldaan/voldaan/sdk/serve"

func main() { serve.Run(Connector{}) }
