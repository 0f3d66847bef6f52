package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kyso/app/docsys"
	"kyso/app/outbox"
	"kyso/app/present"
)

// deliveries is the outbox as the window sees it.
type deliveries struct{ box *outbox.Box }

var _ present.Deliveries = deliveries{}

// follow has the window follow the outbox: every change, the bytes that are sent,
// and the seconds in which a document can be taken back.
func (j *join) follow(ctx context.Context, desk *present.Desktop) {
	stop := j.app.Outbox.Watch(func(i outbox.Item) {
		d := deliveries{j.app.Outbox}.delivery(i)
		if i.State == "" {
			d.State = "" // it is gone
		}
		j.loop.Tell(func() { desk.Sent.Delivered(d) })
	})
	context.AfterFunc(ctx, stop)
	context.AfterFunc(ctx, j.app.Outbox.WatchProgress(func(p outbox.Progress) {
		j.loop.Tell(func() { desk.Sent.Progress(p.ID, p.Sent, p.Total) })
	}))
	j.loop.Go(func(ctx context.Context) func() {
		for every := time.NewTicker(time.Second); ; {
			select {
			case <-every.C:
				j.loop.Tell(desk.Sent.Tick)
			case <-ctx.Done():
				every.Stop()
				return nil
			}
		}
	})
}

// List gives the deliveries of late.
func (d deliveries) List(ctx context.Context) (present.DeliveryList, error) {
	items, err := d.box.Recent(ctx, present.ShownDeliveries)
	if err != nil {
		return present.DeliveryList{}, err
	}
	held, err := d.box.Paused(ctx)
	if err != nil {
		return present.DeliveryList{}, err
	}
	arrived, err := d.box.Arrived(ctx, docsys.DayOf(time.Now()))
	if err != nil {
		return present.DeliveryList{}, err
	}
	out := make([]present.Delivery, len(items))
	for i, item := range items {
		out[len(items)-1-i] = d.delivery(item)
		if p, ok := d.box.Progress(item.ID); ok {
			out[len(items)-1-i].Sent = p.Sent
		}
	}
	return present.DeliveryList{All: out, Held: held, Arrived: arrived}, nil
}

// Follow waits for a delivery; while all transfers are stopped there is nothing to
// wait for.
func (d deliveries) Follow(ctx context.Context, id string, told func(present.Delivery)) (present.Delivery, error) {
	if held, err := d.box.Paused(ctx); err != nil || held {
		i, again := d.box.Item(ctx, id)
		return d.delivery(i), errors.Join(err, again)
	}
	i, err := d.box.Follow(ctx, id, func(i outbox.Item) { told(d.delivery(i)) })
	return d.delivery(i), err
}

// Retry asks for another try of everything that waits. What the person holds back
// stays held.
func (d deliveries) Retry(ctx context.Context) error {
	items, err := d.box.List(ctx)
	if err != nil {
		return err
	}
	for _, i := range items {
		if i.State == outbox.NeedsAction || i.State == outbox.NeedsLogin {
			err = errors.Join(err, d.box.Retry(ctx, i.ID))
		}
	}
	d.box.Wake()
	return err
}

// Wish does what the person wants of one delivery.
func (d deliveries) Wish(ctx context.Context, id string, w present.Wish) error {
	switch w {
	case present.WishPause:
		return d.box.Pause(ctx, id)
	case present.WishResume:
		return d.box.Resume(ctx, id)
	case present.WishCancel:
		return d.box.Cancel(ctx, id)
	case present.WishRetry:
		return d.retry(ctx, id)
	case present.WishDiscard:
		return d.box.Discard(ctx, id)
	}
	return outbox.ErrState
}

// retry tries one delivery again: at once where it only waits for its next try.
func (d deliveries) retry(ctx context.Context, id string) error {
	i, err := d.box.Item(ctx, id)
	if err != nil {
		return err
	}
	if i.Can().Retry {
		return d.box.Retry(ctx, id)
	}
	d.box.Wake()
	return nil
}

// Hold stops all transfers, or lets them go on.
func (d deliveries) Hold(ctx context.Context, held bool) error {
	if held {
		return d.box.PauseAll(ctx)
	}
	return d.box.ResumeAll(ctx)
}

// delivery says of an item what the window shows.
func (deliveries) delivery(i outbox.Item) present.Delivery {
	d := present.Delivery{
		ID: i.ID, DocumentID: i.DocumentID, Title: i.Title, Path: i.Path, At: i.QueuedAt, Attempts: i.Tries,
		SHA256: i.Receipt.SHA256, Version: i.Receipt.Version, State: stateOf(i), Err: problemOf(i),
		Queued: i.QueuedAt, NotBefore: i.NotBefore, NextTry: i.DueAt, Size: i.Size, Receipt: i.ReceiptPath, Wishes: wishesOf(i),
	}
	if !i.Receipt.ReceivedAt.IsZero() {
		d.At = i.Receipt.ReceivedAt
	}
	return d
}

// wishesOf are those that would be granted.
func wishesOf(i outbox.Item) []present.Wish {
	can := i.Can()
	waits := i.State == outbox.Queued && i.Problem != "" // for its next try, which can be now
	var out []present.Wish
	for _, w := range []struct {
		wish present.Wish
		can  bool
	}{
		{present.WishPause, can.Pause},
		{present.WishResume, can.Resume},
		{present.WishCancel, can.Cancel},
		{present.WishRetry, can.Retry || waits},
		{present.WishDiscard, can.Discard},
	} {
		if w.can {
			out = append(out, w.wish)
		}
	}
	return out
}

// A deliveryError is what stands in the way of a delivery, in the words of who
// refused it; it names the message that the person reads.
type deliveryError struct{ code, text string }

func (e *deliveryError) Error() string       { return e.text }
func (e *deliveryError) ExplainCode() string { return e.code }

// problemOf is why an item is not there yet, nil when nothing went wrong.
func problemOf(i outbox.Item) error {
	switch {
	case i.State == outbox.NeedsLogin:
		return &deliveryError{"delivery-login", i.Problem}
	case i.Problem == "":
		return nil
	case i.State == outbox.NeedsAction:
		return &deliveryError{"delivery-refused", i.Problem}
	case strings.Contains(i.Problem, docsys.ErrOffline.Error()):
		return fmt.Errorf("%w: %s", docsys.ErrOffline, i.Problem)
	}
	return &deliveryError{"delivery-later", i.Problem}
}

// stateOf maps the outbox's states to the window's.
func stateOf(i outbox.Item) present.DeliveryState {
	switch i.State {
	case outbox.Uploading, outbox.Committing:
		return present.Sending
	case outbox.Verifying:
		return present.Received
	case outbox.Accepted:
		if i.Verification.State == docsys.Unverified {
			return present.Stored
		}
		return present.Confirmed
	case outbox.NeedsAction:
		return present.Refused
	case outbox.NeedsLogin:
		return present.LoginNeeded
	case outbox.Held:
		return present.Paused
	case outbox.Queued:
	}
	return present.Waiting
}

// receipt reads a receipt for the window.
func receipt(path string) (present.Receipt, error) {
	r, err := outbox.ReadReceipt(path)
	if err != nil {
		return present.Receipt{}, err
	}
	known := []string{"passed", "failed", "pending", "indeterminate", "unsigned", docsys.Unverified}
	checked := r.Verification.State
	if !slices.Contains(known, checked) {
		checked = "pending"
	}
	return present.Receipt{
		Title: r.Title, File: r.File, System: r.System, Version: r.Version, SHA256: r.SHA256, Size: r.Size, ReceivedAt: r.ReceivedAt,
		Checked: checked, Why: r.Verification.Why,
	}, nil
}
