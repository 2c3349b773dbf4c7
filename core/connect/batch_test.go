package connect

import (
	"testing"

	"github.com/voldaan/voldaan/sdk"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/protobuf/proto"
)

// What a careless connector in another language may send.
func TestBatchOfACarelessConnector(t *testing.T) {
	t.Parallel()
	var b Batch
	err := b.fill(&pb.PullResponse{
		Invoices: []*pb.Invoice{{Id: "1", Currency: "EUR"}, {Id: "2", Currency: "EUR", Kind: 1, Status: 2, Due: 20261301}},
		Payments: []*pb.Payment{{Id: "3", Currency: "euro"}},
		Progress: []*pb.Progress{{Stream: pb.Stream_STREAM_INVOICES, Expected: -5}},
	})
	if err != nil || len(b.Invoices)+len(b.Payments) != 0 || len(b.Unreadable) != 3 || b.Expected[sdk.Invoices] != 0 || b.Checkpoint != nil {
		t.Errorf("%+v, %v", b, err)
	}
	for name, m := range map[string]*pb.PullResponse{
		"party without id":      {Parties: []*pb.Party{{Name: "x"}}},
		"invoice without id":    {Invoices: []*pb.Invoice{{}}},
		"payment without id":    {Payments: []*pb.Payment{{}}},
		"unreadable without id": {Unreadable: []*pb.Unreadable{{Stream: 2}}},
		"gone without id":       {Gone: []*pb.Gone{{Stream: 2}}},
		"gone of what":          {Gone: []*pb.Gone{{Id: "1", Stream: 9}}},
		"complete what":         {Complete: []pb.Stream{0}},
	} {
		if err := b.fill(m); err == nil {
			t.Errorf("%s was accepted: %+v", name, b)
		}
	}
	if err := b.fill(&pb.PullResponse{Checkpoint: []byte{}}); err != nil || b.Checkpoint == nil || b.records() != 0 {
		t.Errorf("an empty checkpoint: %+v, %v", b, err)
	}
}

func TestFileNamesLeadNowhere(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a.pdf": "a.pdf", "../../etc/passwd": "passwd", `C:\x\a b.pdf`: "a b.pdf", "..": "", "/": "", "": "",
	} {
		if got := fileName(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func FuzzBatch(f *testing.F) {
	seed, err := proto.Marshal(&pb.PullResponse{
		Parties:  []*pb.Party{{Id: "p", Address: &pb.Address{City: "x"}}},
		Invoices: []*pb.Invoice{{Id: "i", Currency: "EUR", Kind: 1, Status: 2, Issued: 20260228}},
		Gone:     []*pb.Gone{{Stream: 1, Id: "x"}}, Checkpoint: []byte("c"),
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		var m pb.PullResponse
		if proto.Unmarshal(data, &m) != nil {
			return
		}
		var b Batch
		if b.fill(&m) != nil {
			return
		}
		for _, v := range b.Invoices {
			if v.ID == "" || v.Kind == "" || v.Status == "" || v.Total.Currency != v.Open.Currency {
				t.Fatalf("half an invoice: %+v", v)
			}
		}
	})
}
