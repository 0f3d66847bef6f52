package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"kyso/app/docsys"
	"kyso/signer"
)

// checkNoStamps is the check of a program without time-stamping servers.
func (c Config) checkNoStamps(context.Context) result {
	f := Finding{Group: Stamps, State: OK, Code: "stamp-off"}
	if slices.Contains([]string{string(signer.LevelT), string(signer.LevelLT), string(signer.LevelLTA)}, c.Level) {
		f.State, f.Code = Bad, "stamp-needed"
		f.Values = []Value{plain("level", c.Level)}
	}
	return result{findings: []Finding{f}}
}

// checkStamp has one server stamp a trial.
func (c Config) checkStamp(ctx context.Context, server signer.TSA) result {
	server.Timeout = c.Limits.Network
	began, sent := time.Now(), c.Clock()
	stamped, bad := signer.ProbeTSA(ctx, server, signer.VerifyOptions{Anchors: c.Anchors, Intermediates: c.Intermediates, Client: c.Client})
	took := time.Since(began)
	f := Finding{
		Group: Stamps, State: OK, Code: "stamp-ok",
		Values:  []Value{address("server", hostOf(server.URL)), plain("ms", strconv.FormatInt(took.Milliseconds(), 10))},
		Details: []Value{address("url", server.URL)},
	}
	if bad != nil {
		f.State, f.Code = Bad, stampCode(bad.Code)
		f.Details = append(f.Details, plain("code", bad.Code), failure("error", bad.Err))
		return result{findings: []Finding{f}}
	}
	f.Details = append(f.Details, plain("ms", strconv.FormatInt(took.Milliseconds(), 10)), plain("time", moment(stamped.Time)))
	if len(c.Anchors) == 0 {
		f.Details = append(f.Details, wordOf("trust", "unchecked"))
	}
	r := reading{source: hostOf(server.URL), kind: "stamp", offset: stamped.Time.Sub(sent.Add(took / 2)), within: max(stamped.Accuracy, time.Second) + took/2}
	return result{findings: []Finding{f}, readings: []reading{r}}
}

// stampCode is the text for a server that gave no usable time stamp.
func stampCode(code string) string {
	switch code {
	case "no-network", "unreachable":
		return "stamp-unreachable"
	case "timeout":
		return "stamp-slow"
	case "refused":
		return "stamp-refused"
	case "redirects", "http-status", "content-type", "too-large", "format":
		return "stamp-odd"
	case "untrusted":
		return "stamp-untrusted"
	default: // nonce, imprint, policy, accuracy, certificate
		return "stamp-wrong"
	}
}

// checkServer asks the document system what it is, and reads its clock.
func (c Config) checkServer(ctx context.Context) result {
	if c.Server == "" {
		return result{findings: []Finding{{Group: Server, State: OK, Code: "server-off"}}}
	}
	watch := &watcher{base: c.Client.Transport}
	if watch.base == nil {
		watch.base = http.DefaultTransport
	}
	client := *c.Client
	client.Transport = watch
	began, sent := time.Now(), c.Clock()
	is, err := docsys.NewClient(c.Server, "", &client).Describe(ctx)
	took := time.Since(began)
	f := Finding{Group: Server, State: OK, Code: "server-ok", Values: []Value{address("server", hostOf(c.Server))}}
	f.Details = []Value{address("url", c.Server), plain("ms", strconv.FormatInt(took.Milliseconds(), 10))}
	var got result
	if !watch.date.IsZero() {
		// A Date header is cut to the second: half of one more, half of one unsure.
		offset := watch.date.Add(time.Second / 2).Sub(sent.Add(took / 2))
		got.readings = []reading{{source: hostOf(c.Server), kind: "server", offset: offset, within: time.Second + took/2}}
	}
	if err != nil {
		f.State, f.Code = Bad, serverCode(err, watch.err)
		f.Details = append(f.Details, failure("error", err))
		if watch.status != 0 {
			f.Details = append(f.Details, plain("http", strconv.Itoa(watch.status)))
		}
	} else {
		f.Values = append(f.Values, plain("version", clip(is.Interface)))
		f.Details = append(f.Details, plain("version", clip(is.Interface)), plain("formula", clip(is.Formula)))
	}
	got.findings = []Finding{f}
	return got
}

// clip bounds a word that a server says of itself.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// watcher keeps what the transport saw of one request.
type watcher struct {
	base   http.RoundTripper
	date   time.Time
	status int
	err    error
}

// RoundTrip passes a request on.
func (w *watcher) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.base.RoundTrip(r)
	if w.err = err; err != nil {
		return nil, err //nolint:wrapcheck // it is handed through
	}
	w.status = resp.StatusCode
	if t, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		w.date = t
	}
	return resp, nil
}

// serverCode says why the server did not answer; transport is the error of the
// request itself, nil when there was an answer.
func serverCode(err, transport error) string {
	if transport == nil {
		if _, ok := errors.AsType[*docsys.Problem](err); ok {
			return "server-refuses"
		}
		return "server-odd"
	}
	_, name := errors.AsType[*net.DNSError](transport)
	_, verify := errors.AsType[*tls.CertificateVerificationError](transport)
	_, invalid := errors.AsType[x509.CertificateInvalidError](transport)
	_, record := errors.AsType[tls.RecordHeaderError](transport)
	timeout, isNet := errors.AsType[net.Error](transport)
	switch {
	case invalid:
		return "server-certificate-time"
	case verify, record:
		return "server-certificate"
	case isNet && timeout.Timeout(), errors.Is(transport, context.DeadlineExceeded):
		return "server-slow"
	case name:
		return "server-name"
	case errors.Is(transport, refused):
		return "server-down"
	}
	return "server-unreachable"
}

// A reading is what another clock showed.
type reading struct {
	source string
	kind   string // "stamp" or "server"
	// offset is the other clock minus ours, within how far that may be wrong.
	offset, within time.Duration
}

// How far the clock may be off.
const (
	clockFine = 30 * time.Second
	clockBad  = 2 * time.Minute
	// hourNear is how near to full hours a wrong zone lies.
	hourNear = 5 * time.Minute
)

// judgeClock compares this computer's clock with those that were seen.
func judgeClock(now time.Time, seen []reading) []Finding {
	out := []Finding{clockFinding(seen)}
	out[0].Details = append(out[0].Details, plain("now", now.Format("02/01/2006 15:04:05 -07:00")))
	for _, r := range seen {
		out[0].Details = append(out[0].Details, address("clock-of", r.source), plain("seconds", seconds(r.offset)))
	}
	if _, offset := now.Zone(); offset != zoneHours*3600 {
		out = append(out, Finding{
			Group: Clock, State: Warn, Code: "zone", order: "1",
			Values: []Value{plain("zone", now.Format("-07:00"))},
		})
	}
	return out
}

// clockFinding judges the difference. A time-stamping server counts before the
// document server: keeping time is its office.
func clockFinding(seen []reading) Finding {
	f := Finding{Group: Clock, State: OK, Code: "clock-ok", order: "0"}
	if len(seen) == 0 {
		f.State, f.Code = Unknown, "clock-unknown"
		return f
	}
	best := seen[0]
	for _, r := range seen {
		if r.kind == "stamp" && best.kind != "stamp" {
			best = r
		}
	}
	for _, r := range seen {
		if r.source != best.source && (r.offset-best.offset).Abs() > clockBad+r.within+best.within {
			f.State, f.Code = Warn, "clock-disagree"
			f.Values = []Value{address("a", best.source), plain("seconds-a", seconds(best.offset)), address("b", r.source), plain("seconds-b", seconds(r.offset))}
			if best.kind == "stamp" && best.offset.Abs() <= clockBad {
				f.Code = "clock-server"
				f.Values = append(f.Values, address("server", r.source), plain("seconds", seconds(-r.offset)))
			}
			return f
		}
	}
	off := best.offset
	hours := off.Round(time.Hour)
	near := (off-hours).Abs() <= hourNear && hours != 0
	f.Values = []Value{address("source", best.source), plain("seconds", seconds(off.Abs())), plain("hours", strconv.Itoa(int(hours.Abs().Hours())))}
	switch {
	case near && hours.Abs() == zoneHours*time.Hour:
		f.State, f.Code = Bad, "clock-zone"
	case near && hours.Abs() <= 14*time.Hour:
		f.State, f.Code = Bad, "clock-hours"
	case off.Abs() > clockBad && off > 0:
		f.State, f.Code = Bad, "clock-behind"
	case off.Abs() > clockBad:
		f.State, f.Code = Bad, "clock-ahead"
	case off.Abs() > clockFine+best.within:
		f.State, f.Code = Warn, "clock-off"
	}
	return f
}

// seconds writes a difference in whole seconds.
func seconds(d time.Duration) string { return fmt.Sprint(int64(d.Round(time.Second).Seconds())) }
