package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"kyso/signer"
	"kyso/signer/token/remote"
)

// benchTask is what a child measures.
type benchTask struct {
	// Mode is "open", "sign", "sign-keep", "verify" or "batch".
	Mode    string
	In, Out string
	Setup   childSetup
	// Level and the others are for a signature with a time stamp; Issuer and Anchor
	// certify its server.
	Level          signer.Level
	TSA            string
	Issuer, Anchor []byte
	// Files are what is verified, or the inputs of a batch; its outputs go to the
	// folder Out.
	Files []string
}

// benchAnswer is what it measured, in seconds of the call and megabytes of the
// process.
type benchAnswer struct {
	Seconds float64
	// Check is the part from the end of the signature on: check and rename.
	Check  float64
	PeakMB float64
	// CPU is the processor time of the call, for "verify".
	CPU   float64
	Error string
}

// child runs a task in a process of its own.
func (b *benchmark) child(ctx context.Context, t benchTask) (benchAnswer, error) {
	if t.Setup.Module == "" {
		t.Setup = b.setup
	}
	text, err := json.Marshal(t)
	if err != nil {
		return benchAnswer{}, fmt.Errorf("tell the child: %w", err)
	}
	c := exec.CommandContext(ctx, b.helper, "bench-child") //nolint:gosec // this program
	c.Stdin, c.Stderr = bytes.NewReader(text), os.Stderr
	out, err := c.Output()
	if err != nil {
		return benchAnswer{}, fmt.Errorf("child: %w", err)
	}
	var a benchAnswer
	if err := json.Unmarshal(out, &a); err != nil {
		return a, fmt.Errorf("the child's answer: %w", err)
	}
	if a.Error != "" {
		return a, fmt.Errorf("%s: %s", t.Mode, a.Error)
	}
	if t.Mode == "sign" {
		if err := os.Remove(t.Out); err != nil {
			return a, fmt.Errorf("remove: %w", err)
		}
	}
	return a, nil
}

// benchChild reads one task from standard input and answers on standard output.
func benchChild(ctx context.Context, _ []string) int {
	var t benchTask
	if err := json.NewDecoder(os.Stdin).Decode(&t); err != nil {
		fmt.Fprintln(os.Stderr, "kyso-judge:", err)
		return 1
	}
	a, err := t.measure(ctx)
	if err != nil {
		a.Error = err.Error()
	}
	a.PeakMB = peak()
	if err := json.NewEncoder(os.Stdout).Encode(a); err != nil {
		return 1
	}
	return 0
}

func (t benchTask) measure(ctx context.Context) (a benchAnswer, err error) {
	switch t.Mode {
	case "open":
		from := time.Now()
		_, err = signer.Inspect(t.In)
		a.Seconds = time.Since(from).Seconds()
		return a, err
	case "sign":
		return t.sign(ctx)
	case "batch":
		return t.batch(ctx)
	case "sign-keep":
		return t.keep(ctx)
	case "verify":
		return t.verify(ctx)
	}
	return a, fmt.Errorf("no such measurement: %s", t.Mode)
}

func (t benchTask) sign(ctx context.Context) (a benchAnswer, err error) {
	k, err := softwareKey(t.Setup)
	if err != nil {
		return a, err
	}
	from := time.Now()
	var checking time.Time
	r := signer.Request{
		Credential: k.software, Chain: k.chain, Time: from, Level: t.Level,
		BeforeCheck: func() { checking = time.Now() },
	}
	if t.TSA != "" {
		r.TSAs = []signer.TSA{{URL: t.TSA}}
		r.Client = &http.Client{Timeout: 10 * time.Second}
		anchors, err := x509.ParseCertificates(t.Anchor)
		if err != nil {
			return a, fmt.Errorf("the anchor: %w", err)
		}
		issuers, err := x509.ParseCertificates(t.Issuer)
		if err != nil {
			return a, fmt.Errorf("the issuer: %w", err)
		}
		r.Anchors, r.Intermediates = anchors, issuers
	}
	if _, err = signer.SignFile(ctx, t.In, t.Out, r); err != nil {
		return a, err
	}
	a.Seconds, a.Check = time.Since(from).Seconds(), time.Since(checking).Seconds()
	return a, nil
}

// batch signs all files with the token in the helper process.
func (t benchTask) batch(ctx context.Context) (a benchAnswer, err error) {
	p := remote.Start(remote.Options{Helper: t.Setup.Helper, Module: t.Setup.Module, Env: t.Setup.Env})
	defer p.Close() //nolint:errcheck // the process ends
	k, err := credentials(ctx, p, t.Setup)
	if err != nil {
		return a, err
	}
	from := time.Now()
	err = signer.SignFiles(ctx, k.token, func(yield func(signer.Job) bool) {
		for i, in := range t.Files {
			j := signer.Job{In: in, Out: fmt.Sprintf("%s/%d.pdf", t.Out, i), Request: signer.Request{Chain: k.chain, Time: from}}
			if !yield(j) {
				return
			}
		}
	}, func(o signer.Outcome) {
		if o.Err != nil {
			a.Error = o.Err.Error()
		}
	})
	a.Seconds = time.Since(from).Seconds()
	return a, err
}

// peak is the most memory that this process held, in megabytes; zero where the
// system does not tell. The counter of getrusage would begin with the parent's.
func peak() float64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer f.Close() //nolint:errcheck // read only
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 64)
			if err != nil {
				return 0
			}
			return kb * 1024 / 1e6
		}
	}
	return 0
}
