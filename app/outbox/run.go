package outbox

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// lookEvery is how often Run looks by itself: for items of another process, a
// network that came back, a machine that slept.
const lookEvery = 10 * time.Second

// Run delivers until ctx ends: at once after Enqueue and Wake, when the network
// changed or the machine woke up, else when the next try is due. It returns nil
// when ctx ended.
func (b *Box) Run(ctx context.Context) error {
	if err := b.tidy(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	around := surroundings{at: b.clock(), addresses: addresses()}
	for {
		if err := b.Deliver(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		wait, err := b.untilDue(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		timer := time.NewTimer(min(wait, lookEvery))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-b.wake:
			timer.Stop()
			err = b.hasten(ctx)
		case <-timer.C:
			if around.changed(b.clock(), addresses()) {
				err = b.hasten(ctx)
			}
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// surroundings are what Run notices besides the outbox itself.
type surroundings struct {
	at        time.Time
	addresses string
}

// slept is the gap between two looks that only a sleeping machine leaves.
const slept = 6 * lookEvery

// changed reports a machine that slept or a network that is another one now.
func (s *surroundings) changed(now time.Time, addresses string) bool {
	// The wall clock goes on while the machine sleeps, the monotonic one may not.
	woke := now.Round(0).Sub(s.at.Round(0)) > slept
	moved := addresses != s.addresses && addresses != ""
	s.at, s.addresses = now, addresses
	return woke || moved
}

// addresses lists the machine's addresses on its networks; without a network
// they are those of the loopback.
func addresses() string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	var out []string
	for _, a := range all {
		out = append(out, a.String())
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// hasten makes waiting items due now; those within their grace stay.
func (b *Box) hasten(ctx context.Context) error {
	if _, err := b.db.Write.ExecContext(ctx, `UPDATE item SET due_at=0 WHERE due_at<>0 AND state IN (?,?,?,?)`, Queued, Uploading, Committing, Verifying); err != nil {
		return fmt.Errorf("make waiting items due: %w", err)
	}
	return nil
}

// untilDue is the time until the next try, at most the cap of retries.
func (b *Box) untilDue(ctx context.Context) (time.Duration, error) {
	var next *int64
	err := b.db.Read.QueryRowContext(ctx, `SELECT min(max(due_at,not_before)) FROM item WHERE state IN (?,?,?,?) AND max(due_at,not_before) > ?`,
		Queued, Uploading, Committing, Verifying, b.clock().UnixMilli()).Scan(&next)
	if err != nil {
		return 0, fmt.Errorf("look for the next try: %w", err)
	}
	if next == nil {
		return retryCap, nil
	}
	return min(retryCap, max(0, time.UnixMilli(*next).Sub(b.clock()))), nil
}
