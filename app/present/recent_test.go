package present_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/app/present"
)

// shelf keeps recent files in memory.
type shelf struct {
	paths []string
	err   error
}

func (s *shelf) List() []string { return slices.Clone(s.paths) }

func (s *shelf) Add(path string) error {
	if s.err == nil {
		s.paths = slices.Insert(s.paths, 0, path)
	}
	return s.err
}

func (s *shelf) Clear() error {
	s.paths = nil
	return s.err
}

func TestAnOpenedFileIsOfferedAgain(t *testing.T) {
	o := newOffice(t)
	kept := &shelf{paths: []string{"/nhà/Tờ trình.pdf"}}
	o.services.Recent = kept
	o.desk.Recent.Refresh()
	o.settle()
	o.desk.OpenFiles([]string{"/nhà/Công văn.pdf"})
	o.settle()
	want := []present.RecentFile{{Name: "Công văn.pdf", Folder: "/nhà"}, {Name: "Tờ trình.pdf", Folder: "/nhà"}}
	if d := cmp.Diff(want, o.desk.Recent.State()); d != "" {
		t.Error(d)
	}
	o.desk.Leave()
	kept.err = errors.New("no room")
	o.desk.Recent.Choose(1)
	o.settle()
	if s := o.desk.State(); s.Place != present.PlaceReader || o.desk.Reader.State().Title != "Tờ trình.pdf" {
		t.Errorf("at %s with %q", s.Place, o.desk.Reader.State().Title)
	}
	if d := cmp.Diff(want, o.desk.Recent.State()); d != "" {
		t.Errorf("a list that cannot be kept: %s", d)
	}
	kept.err = nil
	o.desk.Recent.Clear()
	o.settle()
	if got := o.desk.Recent.State(); len(got) != 0 {
		t.Errorf("after Clear: %v", got)
	}
}

func TestDocumentsOfTheServerAreNoRecentFiles(t *testing.T) {
	o := newOffice(t)
	kept := &shelf{}
	o.services.Recent = kept
	o.desk.Start()
	o.settle()
	o.desk.Queue.OpenRow(0)
	o.settle()
	if len(kept.paths) != 0 {
		t.Errorf("remembered %q", kept.paths)
	}
}
