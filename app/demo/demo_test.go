package demo_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/demo"
	"kyso/app/docsys"
	"kyso/app/explain"
)

// tools builds the programs that the demonstration runs.
func tools(t *testing.T) demo.Tools {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", dir+string(os.PathSeparator),
		"kyso/cmd/kyso-token", "kyso/cmd/kyso-provision", "kyso/cmd/docserver").CombinedOutput()
	if err != nil {
		t.Fatalf("build the tools: %v\n%s", err, out)
	}
	return demo.ToolsIn(dir)
}

// placeholders are files in the places of the tools, for what runs none of them.
func placeholders(t *testing.T) demo.Tools {
	t.Helper()
	p := demo.ToolsIn(t.TempDir())
	for _, file := range []string{p.Helper, p.Provision, p.Server} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// start starts the services and stops them at the test's end.
func start(t *testing.T, d *demo.Demo, programs demo.Tools) *demo.Services {
	t.Helper()
	var log bytes.Buffer
	s, err := d.Start(t.Context(), programs, &log)
	if err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("%v\n%s", err, log.String())
		}
	})
	return s
}

func TestTheDemonstrationRuns(t *testing.T) {
	programs := tools(t)
	dir := filepath.Join(t.TempDir(), "minh họa")
	var log bytes.Buffer
	if err := demo.Prepare(t.Context(), dir, programs, time.Now(), &log); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	for _, p := range demo.People() {
		if n := strings.Count(log.String(), p.PIN); n != 1 {
			t.Errorf("the PIN of %s was printed %d times, want once", p.Name, n)
		}
	}
	d, err := demo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("no PIN and no key is on the disk", func(t *testing.T) { noSecrets(t, dir) })
	t.Run("the initials are a signature", func(t *testing.T) { initialed(t, d) })
	s := start(t, d, programs)
	t.Run("six letters wait for the chairman", func(t *testing.T) { sixWait(t, s) })
	t.Run("nothing listens beyond this machine", func(t *testing.T) { onLoopback(t, s) })
	t.Run("the chairman's signatures move the board", func(t *testing.T) { allSigned(t, s) })
	t.Run("a second start tells that the port is taken", func(t *testing.T) {
		_, err := d.Start(t.Context(), programs, io.Discard)
		if m := explain.For(err, explain.Vietnamese); m.Code != "demo-port" {
			t.Errorf("got %v (%s), want a PortError", err, m.Code)
		}
	})
	t.Run("a second preparation changes nothing", func(t *testing.T) {
		if err := demo.Prepare(t.Context(), dir, programs, time.Now().AddDate(1, 0, 0), io.Discard); err != nil {
			t.Fatal(err)
		}
		again, err := demo.Open(dir)
		if err != nil || !again.Prepared().Equal(d.Prepared()) {
			t.Errorf("prepared anew (error %v)", err)
		}
	})
}

func sixWait(t *testing.T, s *demo.Services) {
	t.Helper()
	h, err := s.Handover(t.Context(), demo.Chairman())
	if err != nil {
		t.Fatal(err)
	}
	if h.Person.Name != demo.Chairman().Name || len(h.Person.Authorities) != 2 {
		t.Errorf("the server knows the chairman as %+v", h.Person)
	}
	for _, path := range []string{h.SignatureImage, h.InitialsImage, h.SoftHSM, h.Trust, h.Data, h.Modules[0]} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("the handover names what is not there: %v", err)
		}
	}
	client := docsys.NewClient(h.Server, h.Token, &http.Client{Timeout: time.Minute})
	waiting, err := client.Waiting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(waiting) != len(demo.Letters()) {
		t.Errorf("waiting: got %d, want %d", len(waiting), len(demo.Letters()))
	}
	for _, doc := range waiting {
		content, err := client.Content(t.Context(), doc.Version)
		if err != nil {
			t.Fatal(err)
		}
		head := make([]byte, 5)
		if _, err := io.ReadFull(content, head); err != nil || string(head) != "%PDF-" {
			t.Errorf("%s: got %q (%v), want a PDF", doc.Subject, head, err)
		}
		if err := content.Close(); err != nil {
			t.Error(err)
		}
	}
}

func onLoopback(t *testing.T, s *demo.Services) {
	t.Helper()
	for _, address := range []string{s.Server(), s.TSA()} {
		u, err := url.Parse(address)
		if err != nil || !net.ParseIP(u.Hostname()).IsLoopback() {
			t.Errorf("%s is not on loopback (%v)", address, err)
		}
	}
}

func initialed(t *testing.T, d *demo.Demo) {
	t.Helper()
	for _, l := range demo.Letters() {
		if !l.Initialed {
			continue
		}
		run(t, "qpdf", "--check", d.Letter(l))
		got := run(t, "pdfsig", "-nocert", d.Letter(l))
		for _, want := range []string{"KyNhay1", demo.SectionHead().Name, "ETSI.CAdES.detached", "Signature is Valid", "Total document signed"} {
			if !strings.Contains(got, want) {
				t.Errorf("pdfsig does not say %q:\n%s", want, got)
			}
		}
	}
}

// noSecrets looks through the folder, SoftHSM's own store excepted.
func noSecrets(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			if e != nil && e.Name() == "tokens" {
				return filepath.SkipDir
			}
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		secrets := []string{"PRIVATE KEY"}
		if e.Name() != "server.db" && filepath.Ext(path) != ".pdf" { // digits occur in them by chance
			for _, p := range demo.People() {
				secrets = append(secrets, p.PIN)
			}
		}
		for _, secret := range secrets {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s holds %q", path, secret)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPrepareLeavesAForeignFolderAlone(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "luận văn.odt")
	if err := os.WriteFile(precious, []byte("…"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := demo.Prepare(t.Context(), dir, placeholders(t), morning(), io.Discard)
	if !errors.Is(err, demo.ErrOccupied) {
		t.Errorf("got %v, want ErrOccupied", err)
	}
	if _, err := os.Stat(precious); err != nil {
		t.Error(err)
	}
}

func TestABrokenOffPreparationLeavesNoDemonstration(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := demo.Prepare(ctx, dir, placeholders(t), morning(), io.Discard); err == nil {
		t.Fatal("got no error")
	}
	if _, err := demo.Open(dir); !errors.Is(err, demo.ErrNone) {
		t.Errorf("got %v, want ErrNone", err)
	}
}

func TestPrepareNamesTheProgramThatIsMissing(t *testing.T) {
	dir := t.TempDir()
	err := demo.Prepare(t.Context(), filepath.Join(dir, "demo"), demo.ToolsIn(dir), morning(), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "kyso-token") {
		t.Errorf("got %v, want an error that names kyso-token", err)
	}
}
