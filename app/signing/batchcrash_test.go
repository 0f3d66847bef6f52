package signing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kyso/app/outbox"
	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/token"
	"kyso/signer/token/provision"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

// device writes a token into SoftHSM behind the misbehaving module.
func device(t *testing.T, rules ...string) *tokentest.Faults {
	t.Helper()
	tok := holder(t, authority(t), "Trần Minh Khôi")
	module, env := tokentest.SoftHSM(t, provision.Token{Label: "Thiết bị thử", SOPIN: tok.SOPIN, PIN: tok.PIN, Chain: tok.Chain, Identities: tok.Identities})
	return tokentest.Faulty(t, module, env, rules...)
}

// helper starts a helper for a device.
func helper(t *testing.T, f *tokentest.Faults, l remote.Limits) *remote.Provider {
	t.Helper()
	p := remote.Start(remote.Options{Helper: tokentest.Helper(t), Module: f.Module, Env: f.Env, Limits: l})
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func TestARealTokenPulledAtDocument27Of50GoesOn(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]string{
		"told by the driver":                  "removed-as 0x32",
		"told as a general error, as by PCSC": "removed-as 0x5",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := device(t, rule, "absent-after C_Sign 27", "pin-tries 3")
			l := newLanes(t, helper(t, f, remote.Limits{}))
			docs := l.documents(50)
			pulls := 0
			l.told = func(_ *signing.Batch, e signing.Event) {
				if e.Lane != nil && e.Lane.State == signing.LaneRemoved && pulls == 0 {
					pulls++
					time.AfterFunc(700*time.Millisecond, func() { f.Set("pin-tries 3") })
				}
			}
			l.run(docs)
			l.wantOnce(50)
			if n := f.Answers("C_Sign", 0); n != 50 || pulls != 1 {
				t.Errorf("the token made %d signatures and was pulled %d times", n, pulls)
			}
			if want := []signing.Why{signing.WhyFirst, signing.WhyBack}; !slices.Equal(l.whys(), want) || f.Answers("C_Login", 0xA0) != 0 {
				t.Errorf("the PIN was asked for %v", l.whys())
			}
		})
	}
}

func TestAHelperThatIsKilledInTheMiddleCostsNoDocumentAndNoTry(t *testing.T) {
	t.Parallel()
	f := device(t, "pin-tries 3", "delay C_Sign 20")
	p := helper(t, f, remote.Limits{Restarts: 10})
	l := newLanes(t, p)
	docs := l.documents(30)
	kills := map[int]bool{5: true, 14: true, 22: true}
	l.told = func(_ *signing.Batch, e signing.Event) {
		if kills[e.Progress.Signed] {
			delete(kills, e.Progress.Signed)
			kill9(t, p.PID())
		}
	}
	l.run(docs)
	l.wantOnce(30)
	// A kill behind the last signature, or of a helper that is just starting, asks for nothing.
	if whys := l.whys(); len(whys) < 2 || len(whys) > 4 || whys[1] != signing.WhyDriver || len(kills) != 0 {
		t.Errorf("the PIN was asked for %v, %d kills were not made", whys, len(kills))
	}
	if n := f.Answers("C_Login", 0xA0); n != 0 {
		t.Errorf("%d tries were spent", n)
	}
}

func TestAWrongPINReachesARealTokenOnce(t *testing.T) {
	t.Parallel()
	f := device(t, "pin-tries 3")
	l := newLanes(t, helper(t, f, remote.Limits{}))
	docs := l.documents(4)
	l.answer = func(q signing.Question) ([]byte, error) {
		if q.Why == signing.WhyFirst {
			return []byte("000000"), nil
		}
		return nil, context.Canceled
	}
	b := l.run(docs)
	if n := f.Calls("C_Login"); n != 1 || count(b, signing.RowUnsigned) != 4 {
		t.Errorf("C_Login was called %d times, rows %+v", n, b.Rows())
	}
}

func TestAPINThatCannotBeRightDoesNotLeaveTheProgram(t *testing.T) {
	t.Parallel()
	f := device(t, "pin-tries 3")
	l := newLanes(t, helper(t, f, remote.Limits{}))
	docs := l.documents(1)
	l.answer = func(signing.Question) ([]byte, error) { return []byte("1"), nil }
	b := l.run(docs)
	if n := f.Calls("C_Login"); n != 0 || !errors.Is(b.Rows()[0].Err, token.ErrPINFormat) || len(l.asked) != 5 {
		t.Errorf("C_Login was called %d times, asked %d times, %v", n, len(l.asked), b.Rows()[0].Err)
	}
}

func kill9(t *testing.T, pid int) {
	t.Helper()
	if pid == 0 {
		return
	}
	p, err := os.FindProcess(pid)
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		t.Log(err) // it may just have ended
	}
}

// childPlan is what the program that is killed is told, on its standard input.
type childPlan struct {
	Helper, Module string
	Env            []string
	Batches, Data  string
	Folder         string
	Paths          []string
}

// childVariable makes this test's program the one that is killed.
const childVariable = "KYSO_TEST_BATCH_CHILD"

// desk is the desk of both programs: the one that is killed and the one that resumes.
func (c childPlan) desk(t *testing.T, box *outbox.Box) *lanes {
	t.Helper()
	p := remote.Start(remote.Options{Helper: c.Helper, Module: c.Module, Env: c.Env})
	t.Cleanup(func() { _ = p.Close() })
	l := newLanes(t, p)
	l.config.Queue, l.config.Batches, l.config.Folder, l.folder = box, c.Batches, c.Folder, c.Folder
	return l
}

// TestBatchChild is the program that TestABatchSurvivesTheProgram kills.
func TestBatchChild(t *testing.T) {
	if os.Getenv(childVariable) == "" {
		return // in the parent
	}
	var plan childPlan
	if err := json.NewDecoder(os.Stdin).Decode(&plan); err != nil {
		t.Fatal(err)
	}
	box, err := outbox.Open(t.Context(), plan.Data, outbox.Options{Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	l := plan.desk(t, box)
	docs := l.documents(len(plan.Paths))
	for i := range docs {
		docs[i].Job.Path = plan.Paths[i]
		docs[i].Job.Also = []signing.Mark{{Page: 1, Rect: placement.Rect{X: 40, Y: 20, W: 40, H: 20}, Image: picture()}}
	}
	l.run(docs)
}

func TestABatchSurvivesTheProgram(t *testing.T) {
	t.Parallel()
	const documents = 30
	for _, killAt := range []int{1, 9, 20} { // outputs that are there
		t.Run(fmt.Sprintf("killed at file %d", killAt), func(t *testing.T) {
			t.Parallel()
			f := device(t, "pin-tries 3", "delay C_Sign 5")
			dir := t.TempDir()
			plan := childPlan{
				Helper: tokentest.Helper(t), Module: f.Module, Env: f.Env, Batches: filepath.Join(dir, "batches"), Data: filepath.Join(dir, "outbox"), Folder: filepath.Join(dir, "signed"),
			}
			if err := os.Mkdir(plan.Folder, 0o700); err != nil {
				t.Fatal(err)
			}
			for i := range documents {
				path := filepath.Join(dir, fmt.Sprintf("%03d.pdf", i))
				paper := signertest.Paper{Pages: []signertest.PaperPage{{Content: fmt.Sprintf("%% document %d", i)}}}
				if err := os.WriteFile(path, paper.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
				plan.Paths = append(plan.Paths, path)
			}
			plan.killed(t, killAt)
			plan.resumed(t, documents)
		})
	}
}

// killed runs the batch in another program and kills it when so many files are signed.
func (c childPlan) killed(t *testing.T, files int) {
	t.Helper()
	in, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestBatchChild$")
	child.Env = append(os.Environ(), childVariable+"=1")
	child.Stdin = strings.NewReader(string(in))
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-tick.C {
		all, err := filepath.Glob(filepath.Join(c.Folder, "*.pdf"))
		if err != nil {
			t.Fatal(err)
		}
		if len(all) >= files {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the other program signs nothing")
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
}

// resumed resumes the batch and checks that each document is signed and queued once.
func (c childPlan) resumed(t *testing.T, documents int) {
	t.Helper()
	box, err := outbox.Open(t.Context(), c.Data, outbox.Options{Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	l := c.desk(t, box)
	desk := signing.NewDesk(l.config)
	all, err := desk.Unfinished()
	if err != nil || len(all) != 1 {
		t.Fatalf("got %d unfinished batches, %v", len(all), err)
	}
	if u := all[0]; len(u.Left)+len(u.Done) != documents || len(u.Left) == 0 || !slices.Equal(u.Holders, []string{"Trần Minh Khôi"}) {
		t.Fatalf("%d left, %d done, of %v", len(u.Left), len(u.Done), u.Holders)
	}
	for _, j := range all[0].Left {
		if len(j.Also) != 1 || j.Also[0].Rect.W != 40 || j.Also[0].Image == nil {
			t.Fatalf("the initials of %s are lost: %+v", j.Path, j.Also)
		}
	}
	other := l.config
	other.Lasting.Level = signer.LevelT
	if _, err := signing.NewDesk(other).ResumeBatch(all[0].ID, signing.BatchOptions{}); !errors.Is(err, signing.ErrOtherLevel) {
		t.Errorf("with another level: got %v", err)
	}
	var b *signing.Batch
	if b, err = desk.ResumeBatch(all[0].ID, l.options(&b)); err != nil {
		t.Fatal(err)
	}
	if again, err := desk.Unfinished(); err != nil || len(again) != 0 {
		t.Errorf("the batch that runs is told as unfinished: %v, %v", again, err)
	}
	if err := b.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, c.Folder, documents)
	items, err := box.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, i := range items {
		ids[i.DocumentID] = true
	}
	if len(items) != documents || len(ids) != documents {
		t.Errorf("%d items of %d documents are in the outbox, want %d", len(items), len(ids), documents)
	}
	if again, err := desk.Unfinished(); err != nil || len(again) != 0 {
		t.Errorf("after the end there is left: %v, %v", again, err)
	}
}

// wantFiles checks that the folder has n documents with one sound signature each.
// What a killed program was writing has no document's name; the engine removes it
// when it is old.
func wantFiles(t *testing.T, folder string, n int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "[^.]*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != n {
		t.Errorf("%d files were written, want %d: %v", len(files), n, files)
	}
	for _, f := range files {
		r, err := signer.VerifyFile(t.Context(), f, signer.VerifyOptions{Offline: true, At: time.Now()})
		if err != nil || len(r.Signatures) != 1 || !r.Signatures[0].Sound() {
			t.Errorf("%s: %d signatures, %v", f, len(r.Signatures), err)
		}
	}
}

func TestWhatIsKeptOfABatchHoldsNoSecret(t *testing.T) {
	t.Parallel()
	f := tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi"))
	l := newLanes(t, f)
	docs := l.documents(3)
	for i := range docs {
		docs[i].Job.Password = []byte("mat-khau-van-ban")
	}
	l.answer = func(signing.Question) ([]byte, error) {
		files := 0
		err := filepath.WalkDir(l.config.Batches, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			files++
			if b := string(read(t, path)); strings.Contains(b, pin) || strings.Contains(b, "mat-khau") {
				t.Errorf("%s holds a secret", path)
			}
			return nil
		})
		if files != 2 { // the lines and one picture
			t.Errorf("%d files are kept", files)
		}
		return []byte(pin), err
	}
	l.run(docs)
}
