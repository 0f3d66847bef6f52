package present_test

import (
	"context"
	"testing"

	"kyso/app/docsys"
	"kyso/app/present"
	"kyso/app/secrecy"
)

// marked has the first document bear a mark of secrecy.
func marked(o *office, sure bool) present.ReaderState {
	o.services.MaySend = func(context.Context, *docsys.Document, string, []byte) error {
		return secrecy.Finding{Level: secrecy.Mat, Sure: sure, Page: 1}.Err(false)
	}
	o.desk.Start()
	o.settle()
	o.desk.Queue.OpenRow(0)
	o.settle()
	return o.desk.Reader.State()
}

func TestADoubtfulMarkOfSecrecyIsAskedAboutBeforeThePIN(t *testing.T) {
	o := newOffice(t)
	if s := marked(o, false); s.Doubt == nil || s.CanSign || s.Refusal != nil {
		t.Fatalf("got doubt %v, CanSign %v, refusal %v", s.Doubt, s.CanSign, s.Refusal)
	}
	o.desk.Reader.Vouch()
	if s := o.desk.Reader.State(); s.Doubt != nil || !s.CanSign {
		t.Fatalf("got doubt %v, CanSign %v after the person's word", s.Doubt, s.CanSign)
	}
	o.desk.Reader.Confirm()
	o.settle()
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.settle()
	if len(o.road.jobs) != 1 || !o.road.jobs[0].NotSecret {
		t.Errorf("got %+v, want the person's word with the document", o.road.jobs)
	}
}

func TestASecretDocumentIsNotSignedForTheNetwork(t *testing.T) {
	o := newOffice(t)
	s := marked(o, true)
	if s.Refusal == nil || s.CanSign {
		t.Errorf("got refusal %v, CanSign %v", s.Refusal, s.CanSign)
	}
	o.desk.Reader.Vouch()
	if o.desk.Reader.State().CanSign {
		t.Error("the person's word was taken for a sure mark")
	}
	o.desk.Go(present.PlaceQueue)
	o.desk.Queue.SignTogether()
	o.settle()
	if c := o.desk.Contact.State().Cards; len(c) != 1 || c[0].Problem == nil {
		t.Errorf("got %+v, want the contact sheet to refuse it", c)
	}
}
