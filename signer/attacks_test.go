package signer_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/signer"
	"kyso/signer/verify"
)

// corpus names the folder of PDF files made by others.
func corpus(t *testing.T, parts ...string) string {
	t.Helper()
	folder := os.Getenv("KYSO_CORPUS")
	if folder == "" {
		t.Skip("KYSO_CORPUS names no corpus")
	}
	return filepath.Join(append([]string{folder}, parts...)...)
}

// eachPDF calls check with the verdict on every PDF below a folder and returns their number.
func eachPDF(t *testing.T, folder string, check func(path string, r verify.Report, err error)) int {
	t.Helper()
	count := 0
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.EqualFold(filepath.Ext(path), ".pdf") {
			return err
		}
		count++
		r, err := signer.VerifyFile(t.Context(), path, signer.VerifyOptions{Offline: true, At: time.Now()})
		check(path, r, err)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count == 0 {
		t.Fatalf("no PDF in %s", folder)
	}
	return count
}

// sound reports that a file has signatures and that all of them hold, trust apart.
func sound(r verify.Report) bool {
	for _, s := range r.Signatures {
		if !s.Sound() {
			return false
		}
	}
	return len(r.Signatures) > 0 && r.Indication != verify.TotalFailed
}

func TestKnownAttacksAreReported(t *testing.T) {
	for _, folder := range []string{"isa-siwa-usf", "shadow-manipulated"} {
		eachPDF(t, corpus(t, "attacks", folder), func(path string, r verify.Report, err error) {
			if err != nil {
				t.Errorf("%s: %v, want a verdict", path, err)
			} else if sound(r) || r.Indication == verify.TotalPassed || r.Indication == verify.Indeterminate && len(r.Signatures) == 0 {
				t.Errorf("%s: %s %s, want it reported\n%s", path, r.Indication, r.SubIndication, why(r))
			}
		})
	}
}

func TestCleanTwinsOfAttacksAreUnmodified(t *testing.T) {
	eachPDF(t, corpus(t, "attacks", "shadow-clean"), func(path string, r verify.Report, err error) {
		if err != nil || !sound(r) {
			t.Errorf("%s: %v %s, want it sound\n%s", path, err, r.Indication, why(r))
		}
	})
}

func TestTheWholeCorpusIsJudgedWithoutPanic(t *testing.T) {
	signatures := 0
	start := time.Now()
	files := eachPDF(t, corpus(t), func(path string, r verify.Report, err error) {
		if err != nil && !errors.Is(err, signer.ErrUnreadable) {
			t.Errorf("%s: %v, want %v or a verdict", path, err, signer.ErrUnreadable)
		}
		if r.Indication == verify.TotalPassed {
			t.Errorf("%s passed without a trusted root", path)
		}
		signatures += len(r.Signatures)
	})
	if signatures == 0 {
		t.Error("no signature was judged")
	}
	t.Logf("%d files, %d signatures in %s", files, signatures, time.Since(start).Round(time.Millisecond))
}
