package signing

import "time"

// paceWindow is how many signatures a pace is learnt from: the newest ones, so
// that it follows a token that becomes slower.
const paceWindow = 20

// pace learns how fast a lane signs. Only time in which the lane could sign
// counts. The zero value has learnt nothing. It reads no clock.
type pace struct {
	running bool
	since   time.Time     // when it last began to run
	active  time.Duration // up to then
	// marks are the active times of the newest signatures; marks[0] is what the
	// window begins with.
	marks []time.Duration
}

// run and halt say when the lane can sign and when it cannot.
func (p *pace) run(now time.Time) {
	if !p.running {
		p.running, p.since = true, now
	}
	if len(p.marks) == 0 {
		p.marks = append(p.marks, p.active)
	}
}

func (p *pace) halt(now time.Time) {
	if p.running {
		p.active += now.Sub(p.since)
		p.running = false
	}
}

// signed counts a signature; one that ends in a pause is counted as of its beginning.
func (p *pace) signed(now time.Time) {
	at := p.active
	if p.running {
		at += now.Sub(p.since)
	}
	p.marks = append(p.marks, at)
	if extra := len(p.marks) - 1 - paceWindow; extra > 0 {
		p.marks = append(p.marks[:0], p.marks[extra:]...)
	}
}

// each is how long a signature takes, zero before the first one.
func (p *pace) each() time.Duration {
	n := len(p.marks) - 1
	if n < 1 {
		return 0
	}
	return max((p.marks[n]-p.marks[0])/time.Duration(n), 1)
}

// perMinute is the rate of a duration for each, zero for zero.
func perMinute(each time.Duration) float64 {
	if each == 0 {
		return 0
	}
	return float64(time.Minute) / float64(each)
}
