// Package signrate holds the formulas of the signing rate.
//
// It is pure: counters go in, figures come out; no clock, no database. Server
// and client use the same formulas, and every figure names its formula's version.
package signrate

// Band is the judgement that the letter attaches to a rate.
type Band string

// The bands. Bounds are strict and taken on the raw counters, never on the
// rounded text.
const (
	Praised   Band = "praised"    // 100·A > 99·N
	Normal    Band = "normal"     // 20·N ≤ 100·A ≤ 99·N
	Warned    Band = "warned"     // 100·A < 20·N
	LowVolume Band = "low_volume" // 0 < N < MinVolume: no judgement
	None      Band = "none"       // N = 0: nothing was due
)

// Figure is one rate: A of N, never a bare percentage.
type Figure struct {
	Required  int  `json:"required"`  // N: documents that had to be signed
	Fulfilled int  `json:"fulfilled"` // A: of them, with a valid signature
	Pending   int  `json:"pending"`   // of the rest, still being verified
	Excluded  int  `json:"excluded"`  // left out of N by rule
	Late      int  `json:"late"`      // of the fulfilled, after the day on which it was due
	Policy    int  `json:"policy"`    // the version of the policy that Band follows
	Band      Band `json:"band"`
}
