// Voldaan-temporal is a Temporal server with its web UI in one process, on Postgres, for one machine.
//
// It lives in a module of its own so that the server's two hundred requirements stay out of the
// main go.mod. It creates its two databases, brings their schema up to date, registers a namespace
// with its search attributes, listens on 127.0.0.1 only, and prints one JSON line when it is ready.
package main
