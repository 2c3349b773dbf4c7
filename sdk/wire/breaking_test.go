package wire_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// TestOldConnectorsAreUnderstood holds the contract to released.binpb, the image
// that "buf build" made of it at the last release: whatever a connector of then
// sends and expects must still be there, under the same number and name and of the
// same type. "make verify" asks buf the same with all its rules.
func TestOldConnectorsAreUnderstood(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("released.binpb")
	if err != nil {
		t.Fatal(err)
	}
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(raw, &set); err != nil {
		t.Fatal(err)
	}
	released, err := protodesc.NewFiles(&set)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range broken(released, protoregistry.GlobalFiles) {
		t.Error(p)
	}
}

// TestBreakingChangesAreFound turns the comparison around on contracts that differ
// on purpose.
func TestBreakingChangesAreFound(t *testing.T) {
	t.Parallel()
	now := protodesc.ToFileDescriptorProto(pb.File_voldaan_connector_v1_record_proto)
	for name, c := range map[string]struct {
		change func(*descriptorpb.FileDescriptorProto)
		want   string
	}{
		"field removed": {func(f *descriptorpb.FileDescriptorProto) { m := f.MessageType[0]; m.Field = m.Field[1:] }, "Address.line1 is gone"},
		"field renamed": {func(f *descriptorpb.FileDescriptorProto) { f.MessageType[0].Field[0].Name = new("other") }, "is named other now"},
		"type changed": {func(f *descriptorpb.FileDescriptorProto) {
			f.MessageType[0].Field[0].Type = new(descriptorpb.FieldDescriptorProto_TYPE_BYTES)
		}, "is a bytes now"},
		"became a list": {func(f *descriptorpb.FileDescriptorProto) {
			f.MessageType[0].Field[0].Label = new(descriptorpb.FieldDescriptorProto_LABEL_REPEATED)
		}, "is repeated now"},
		"value removed": {func(f *descriptorpb.FileDescriptorProto) { e := f.EnumType[0]; e.Value = e.Value[:1] }, "STREAM_PARTIES is gone"},
		"field is added": {func(f *descriptorpb.FileDescriptorProto) {
			f.MessageType[0].Field = append(f.MessageType[0].Field, &descriptorpb.FieldDescriptorProto{
				Name: new("more"), Number: new(int32(99)), Type: new(descriptorpb.FieldDescriptorProto_TYPE_STRING), Label: new(descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL), JsonName: new("more"),
			})
		}, ""},
	} {
		changed := proto.CloneOf(now)
		c.change(changed)
		after, err := protodesc.NewFiles(&descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{changed}})
		if err != nil {
			t.Fatal(err)
		}
		before, err := protodesc.NewFiles(&descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{now}})
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(broken(before, after), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}
}

// finder finds what a contract has, by its full name.
type finder interface {
	FindDescriptorByName(protoreflect.FullName) (protoreflect.Descriptor, error)
}

// broken says what of the released contract is not as it was.
func broken(released *protoregistry.Files, now finder) (problems []string) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	find := func(d protoreflect.Descriptor) protoreflect.Descriptor {
		found, err := now.FindDescriptorByName(d.FullName())
		if err != nil {
			say("%s is gone", d.FullName())
		}
		return found
	}
	released.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		for i := range f.Messages().Len() {
			m := f.Messages().Get(i)
			found, ok := find(m).(protoreflect.MessageDescriptor)
			if !ok || m.IsMapEntry() {
				continue
			}
			for j := range m.Fields().Len() {
				was := m.Fields().Get(j)
				is := found.Fields().ByNumber(was.Number())
				switch {
				case is == nil:
					say("%s is gone", was.FullName())
				case is.Name() != was.Name():
					say("%s is named %s now", was.FullName(), is.Name())
				case is.Kind() != was.Kind() || target(is) != target(was):
					say("%s is a %s now and was a %s", was.FullName(), is.Kind(), was.Kind())
				case is.Cardinality() != was.Cardinality() || is.HasPresence() != was.HasPresence() || is.IsMap() != was.IsMap():
					say("%s is %s now and was %s", was.FullName(), is.Cardinality(), was.Cardinality())
				}
			}
		}
		for i := range f.Enums().Len() {
			e := f.Enums().Get(i)
			found, ok := find(e).(protoreflect.EnumDescriptor)
			for j := 0; ok && j < e.Values().Len(); j++ {
				was := e.Values().Get(j)
				if is := found.Values().ByNumber(was.Number()); is == nil || is.Name() != was.Name() {
					say("%s is gone or renamed", was.Name())
				}
			}
		}
		for i := range f.Services().Len() {
			s := f.Services().Get(i)
			found, ok := find(s).(protoreflect.ServiceDescriptor)
			for j := 0; ok && j < s.Methods().Len(); j++ {
				was := s.Methods().Get(j)
				is := found.Methods().ByName(was.Name())
				if is == nil || is.Input().FullName() != was.Input().FullName() || is.Output().FullName() != was.Output().FullName() ||
					is.IsStreamingClient() != was.IsStreamingClient() || is.IsStreamingServer() != was.IsStreamingServer() {
					say("%s is gone or takes or gives something else", was.FullName())
				}
			}
		}
		return true
	})
	return problems
}

// target is the message or enum that a field holds.
func target(f protoreflect.FieldDescriptor) protoreflect.FullName {
	switch {
	case f.Message() != nil:
		return f.Message().FullName()
	case f.Enum() != nil:
		return f.Enum().FullName()
	default:
		return ""
	}
}
