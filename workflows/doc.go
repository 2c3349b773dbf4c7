// Package workflows models each invoice's process as a durable Temporal
// workflow: a timer to the next step, an activity that takes it, and updates
// that bring a new plan.
//
// What to do and why is decided by package dunning in one transaction with the
// record of it; a workflow carries the resulting plan and waits. So a change of
// policy changes no workflow code, and a history holds ids, steps and moments but
// nothing about a person.
package workflows
