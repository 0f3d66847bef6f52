package present

import (
	"context"
	"time"
)

// Delivery is one signed document on its way to the server.
type Delivery struct {
	ID         string
	DocumentID string
	Title      string
	Path       string
	State      DeliveryState
	// At is when it last changed; Attempts counts the tries so far.
	At       time.Time
	Attempts int
	// Err is why it is not there yet, nil when nothing went wrong.
	Err error
	// SHA256 is the hash that the server computed; Version its name for the file.
	SHA256, Version string

	// Queued is when it was put into the outbox, NotBefore when its upload begins at
	// the earliest, NextTry when it is tried again; zero for none.
	Queued, NotBefore, NextTry time.Time
	// Sent of Size bytes reached the server, while it is being sent.
	Sent, Size int64
	// Receipt is the receipt's file beside the document, empty without one.
	Receipt string
	// Wishes are those that would be granted now.
	Wishes []Wish
}

// DeliveryState is how far a delivery is.
type DeliveryState string

// The states of a delivery, in order; Confirmed, Stored and Refused are ends.
const (
	Waiting     DeliveryState = "waiting"   // kept here until the server can be reached
	Paused      DeliveryState = "paused"    // the person holds it back
	LoginNeeded DeliveryState = "login"     // waits until the person logs in
	Sending     DeliveryState = "sending"   // on its way
	Received    DeliveryState = "received"  // the server holds it and is checking
	Confirmed   DeliveryState = "confirmed" // the server verified the signature itself
	Stored      DeliveryState = "stored"    // the system keeps it and checks no signature
	Refused     DeliveryState = "refused"   // the server or its check said no
)

// arrived reports that the system has the document.
func (s DeliveryState) arrived() bool { return s == Confirmed || s == Stored }

// Wish is what the person may want of a delivery.
type Wish string

// The wishes.
const (
	WishPause   Wish = "pause"
	WishResume  Wish = "resume"
	WishCancel  Wish = "cancel" // take it back before the server was asked to keep it
	WishRetry   Wish = "retry"
	WishDiscard Wish = "discard" // forget what was refused
)

// DeliveryList is what is shown of the outbox.
type DeliveryList struct {
	// All are the deliveries that have not ended and the newest ones
	// (ShownDeliveries), those queued last first.
	All []Delivery
	// Held says that all transfers are stopped.
	Held bool
	// Arrived is how many of all arrived today, whenever they were queued.
	Arrived int
}

// Deliveries is the outbox as the window sees it.
type Deliveries interface {
	// List gives what is shown of the outbox now.
	List(ctx context.Context) (DeliveryList, error)
	// Follow waits until the delivery ends, or cannot go on for now. It tells
	// each change and returns the last.
	Follow(ctx context.Context, id string, told func(Delivery)) (Delivery, error)
	// Retry asks for another try of everything that waits.
	Retry(ctx context.Context) error
	// Wish does what the person wants of one delivery; what is not possible any
	// more is an error.
	Wish(ctx context.Context, id string, w Wish) error
	// Hold stops all transfers, or lets them go on.
	Hold(ctx context.Context, held bool) error
}
