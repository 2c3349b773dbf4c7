package connect

import (
	"math/rand/v2"
	"testing"

	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// TestPullCodec reads messages with every field that the contract has, now and
// later, as the ordinary codec does. A field that was added to the contract and
// not to the codec fails here.
func TestPullCodec(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	c := newPullCodec()
	for i := range 2000 {
		// Some fields at random, all of them at first, none at last.
		want := &pb.PullResponse{}
		populate(r, want.ProtoReflect(), float64(2000-i)/1000)
		b, err := proto.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got := &pb.PullResponse{}
		if err := c.Unmarshal(mem.BufferSlice{mem.SliceBuffer(b[:len(b)/2]), mem.SliceBuffer(b[len(b)/2:])}, got); err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(got, want) || c.size != len(b) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
		// What is cut off or changed is refused or taken in the same way.
		if len(b) == 0 {
			continue
		}
		broken := append([]byte(nil), b...)
		broken[r.IntN(len(broken))] ^= byte(1 << r.IntN(8))
		for _, b := range [][]byte{b[:r.IntN(len(b))], broken} {
			got, want := &pb.PullResponse{}, &pb.PullResponse{}
			gotErr, wantErr := c.read(string(b), got), proto.Unmarshal(b, want)
			if (gotErr == nil) != (wantErr == nil) {
				t.Fatalf("%x: %v, want %v", b, gotErr, wantErr)
			}
			if gotErr == nil && !sameKnown(got, want) {
				t.Fatalf("%x:\ngot  %v\nwant %v", b, got, want)
			}
		}
	}
	// Fields of later versions are passed over.
	invoice := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "i1")
	invoice = protowire.AppendFixed32(protowire.AppendTag(invoice, 99, protowire.Fixed32Type), 7)
	b := protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), invoice)
	got := &pb.PullResponse{}
	if err := c.read(string(b), got); err != nil || got.Invoices[0].Id != "i1" || got.Invoices[0].Number != "" {
		t.Errorf("%v, %v", got, err)
	}
}

// sameKnown compares without the fields that neither knows.
func sameKnown(a, b proto.Message) bool {
	a, b = proto.Clone(a), proto.Clone(b)
	forget(a.ProtoReflect())
	forget(b.ProtoReflect())
	return proto.Equal(a, b)
}

func forget(m protoreflect.Message) {
	m.SetUnknown(nil)
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Message() == nil:
		case f.IsList():
			for i := range v.List().Len() {
				forget(v.List().Get(i).Message())
			}
		default:
			forget(v.Message())
		}
		return true
	})
}

func populate(r *rand.Rand, m protoreflect.Message, share float64) {
	for i := range m.Descriptor().Fields().Len() {
		f := m.Descriptor().Fields().Get(i)
		if r.Float64() > share {
			continue
		}
		if f.IsList() {
			l := m.Mutable(f).List()
			for range r.IntN(3) + 1 {
				if f.Message() != nil {
					populate(r, l.AppendMutable().Message(), share)
				} else {
					l.Append(scalar(r, f))
				}
			}
			continue
		}
		if f.Message() != nil {
			populate(r, m.Mutable(f).Message(), share)
			continue
		}
		m.Set(f, scalar(r, f))
	}
}

func scalar(r *rand.Rand, f protoreflect.FieldDescriptor) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString([]string{"", "x", "Bäckerei", "2026-17", "a longer text that is not short"}[r.IntN(5)])
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte{1, 2, 0xff})
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(r.IntN(5)))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind:
		return protoreflect.ValueOfInt32(int32(r.Uint32()))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind:
		return protoreflect.ValueOfInt64(int64(r.Uint64()))
	default:
		panic("a kind of field that this test does not know: " + f.Kind().String())
	}
}
