package present_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/app/docsys"
	"kyso/app/present"
)

func TestWhatArrivesIsToldByItsNumberOnly(t *testing.T) {
	o := newOffice(t)
	var told []present.Text
	o.desk.Alert = func(text present.Text) { told = append(told, text) }
	o.desk.Start()
	o.settle()
	if len(told) != 0 {
		t.Fatalf("what was there at the start is told: %v", told)
	}
	o.system.waiting = append(o.system.waiting, docsys.Document{ID: "new 1", Subject: "Mật", Version: "v"}, docsys.Document{ID: "new 2", Version: "v"})
	o.desk.Queue.Refresh()
	o.settle()
	o.desk.Queue.Refresh() // nothing new
	o.settle()
	o.outbox.list = append(o.outbox.list, present.Delivery{ID: "d1", Title: "Mật", State: present.Refused})
	o.desk.Sent.Refresh()
	o.settle()
	o.desk.Sent.Refresh()
	o.settle()
	want := []present.Text{
		{Key: "alert.arrived", Args: map[string]any{"Count": 2}}, {Key: "alert.refused", Args: map[string]any{"Count": 1}},
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
