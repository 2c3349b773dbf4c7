package recipe

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/metrics"

	"github.com/itchyny/gojq"
)

// What one evaluation may take. An expression over a page of a thousand records
// takes well below a hundredth of the steps.
const (
	maxSteps = 20_000_000
	maxHeap  = 256 << 20 // bytes by which the program grows meanwhile
	maxMade  = 8 << 20   // letters of a text, or entries of a list, that + and * make
)

// allowance counts what an evaluation does: the machine of jq asks its context
// before each step. It is of one evaluation and not safe for concurrent use.
type allowance struct {
	context.Context
	steps int
	heap  uint64 // in use at the first look
	over  error
}

var closed = func() <-chan struct{} { c := make(chan struct{}); close(c); return c }()

// lookEvery is how many steps go by between looks at the heap.
const lookEvery = 4096

// Done implements context.Context.
func (a *allowance) Done() <-chan struct{} {
	if a.steps++; a.steps%lookEvery == 0 && a.over == nil {
		a.look()
	}
	if a.over != nil {
		return closed
	}
	return a.Context.Done()
}

func (a *allowance) look() {
	now := heapInUse()
	switch {
	case a.heap == 0:
		a.heap = now
	case now > a.heap+maxHeap:
		a.over = fmt.Errorf("takes more than %d MiB of memory", maxHeap>>20)
	}
	if a.steps >= maxSteps {
		a.over = fmt.Errorf("takes more than %d million steps", maxSteps/1_000_000)
	}
}

// Err implements context.Context.
func (a *allowance) Err() error {
	if a.over != nil {
		return a.over
	}
	return a.Context.Err()
}

func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// The functions that + and * become, so that what doubles again and again ends.
const (
	withinName = "_within"
	timesName  = "_times"
)

var errMade = fmt.Errorf("makes a text or a list of more than %d million parts", maxMade>>20)

var boundFunctions = []gojq.CompilerOption{
	gojq.WithFunction(withinName, 0, 0, func(in any, _ []any) any {
		switch v := in.(type) {
		case string:
			if len(v) > maxMade {
				return errMade
			}
		case []any:
			if len(v) > maxMade {
				return errMade
			}
		}
		return in
	}),
	gojq.WithFunction(timesName, 2, 2, func(_ any, args []any) any {
		for i, v := range args {
			if s, ok := v.(string); ok {
				if n, ok := gojq.ToFloat64(args[1-i]); ok && n*float64(len(s)) > maxMade {
					return errMade
				}
			}
		}
		v, _ := multiply.Run(args).Next()
		return v
	}),
}

var multiply = func() *gojq.Code {
	q, err := gojq.Parse(".[0] * .[1]")
	if err == nil {
		var c *gojq.Code
		if c, err = gojq.Compile(q); err == nil {
			return c
		}
	}
	panic(err) // it is a constant
}()

var errUpdate = errors.New("+= and *= are not known here; write .a = .a + 1")

// bounded rewrites + and * so that what they make has bounds.
func bounded(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return bounded(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := bounded(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if err := bounded(v.Field(i)); err != nil {
				return err
			}
		}
		if v.Type() == queryType {
			return boundedQuery(v.Addr().Interface().(*gojq.Query))
		}
	}
	return nil
}

func boundedQuery(q *gojq.Query) error {
	switch q.Op {
	case gojq.OpUpdateAdd, gojq.OpUpdateMul:
		return errUpdate
	case gojq.OpAdd:
		sum := &gojq.Query{Left: q.Left, Op: q.Op, Right: q.Right}
		q.Left = &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeQuery, Query: sum}}
		q.Op, q.Right = gojq.OpPipe, call(withinName)
	case gojq.OpMul:
		q.Term = call(timesName, q.Left, q.Right).Term
		q.Left, q.Op, q.Right = nil, 0, nil
	}
	return nil
}

func call(name string, args ...*gojq.Query) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: name, Args: args}}}
}
