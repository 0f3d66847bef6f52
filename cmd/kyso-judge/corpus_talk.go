package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// errHung reports a child that did not answer in time, errDied one that ended.
var (
	errHung = errors.New("no answer in time")
	errDied = errors.New("the process ended")
)

// talker is a program that answers every line of JSON with one. It is started
// when it is first asked, and again after it hung or died. It belongs to one
// goroutine.
type talker struct {
	// command makes the program; setup, when not nil, is its first line.
	command func(ctx context.Context) *exec.Cmd
	setup   any
	limit   time.Duration

	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *bytes.Buffer
}

// ask sends a question and waits for the answer. The error is errHung, errDied
// with the last words of the program, or one of starting it.
func (t *talker) ask(ctx context.Context, question, answer any) error {
	if t.cmd == nil {
		if err := t.start(ctx); err != nil {
			return err
		}
	}
	b, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	type line struct {
		text []byte
		err  error
	}
	got := make(chan line, 1)
	in, out := t.in, t.out
	go func() {
		if _, err := in.Write(append(b, '\n')); err != nil {
			got <- line{nil, err}
			return
		}
		text, err := out.ReadBytes('\n')
		got <- line{text, err}
	}()
	timer := time.NewTimer(t.limit)
	defer timer.Stop()
	select {
	case l := <-got:
		if l.err != nil {
			return fmt.Errorf("%w: %s", errDied, t.stop())
		}
		if err := json.Unmarshal(l.text, answer); err != nil {
			return fmt.Errorf("%w: it says %.200q", errDied, l.text)
		}
		return nil
	case <-timer.C:
		t.stop() // ends the goroutine above too
		return errHung
	case <-ctx.Done():
		t.stop()
		return fmt.Errorf("ask: %w", ctx.Err())
	}
}

func (t *talker) start(ctx context.Context) error {
	t.cmd, t.stderr = t.command(ctx), &bytes.Buffer{}
	t.cmd.Stderr = t.stderr
	t.cmd.WaitDelay = time.Second
	var err error
	if t.in, err = t.cmd.StdinPipe(); err != nil {
		return fmt.Errorf("start %s: %w", t.cmd.Path, err)
	}
	out, err := t.cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start %s: %w", t.cmd.Path, err)
	}
	t.out = bufio.NewReader(out)
	if err := t.cmd.Start(); err != nil {
		t.cmd = nil
		return fmt.Errorf("start: %w", err)
	}
	if t.setup == nil {
		return nil
	}
	b, err := json.Marshal(t.setup)
	if err == nil {
		_, err = t.in.Write(append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("set %s up: %w", t.cmd.Path, err)
	}
	return nil
}

// stop ends the program and gives its last words.
func (t *talker) stop() string {
	if t.cmd == nil {
		return ""
	}
	_ = t.cmd.Process.Kill() // it may have ended by itself
	_ = t.cmd.Wait()
	t.cmd = nil
	words := t.stderr.Bytes()
	return string(words[:min(len(words), 2000)])
}
