package main

import (
	"flag"
	"net/url"

	"kyso/app"
	"kyso/signer"
)

// lasting are the options about the level of signatures.
type lasting struct {
	level string
	tsa   list
	trust string
}

// define adds the options to a flag set.
func (o *lasting) define(f *flag.FlagSet, level string) {
	f.StringVar(&o.level, "level", level, "B-B, B-T, B-LT or B-LTA")
	f.Var(&o.tsa, "tsa", "time-stamping server; may be repeated, tried in order")
	f.StringVar(&o.trust, "trust", "", "folder of trust anchors")
	f.StringVar(&o.trust, "anchors", "", "the same as --trust")
}

// check reads the options that can be wrong before anything is opened.
func (o *lasting) check(c *console) int {
	switch signer.Level(o.level) {
	case "", signer.LevelB, signer.LevelT, signer.LevelLT, signer.LevelLTA:
	default:
		return c.bad("--level %s: B-B, B-T, B-LT, B-LTA", o.level)
	}
	for _, s := range o.tsa {
		if u, err := url.Parse(s); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return c.bad("--tsa %s: %s", s, c.text("không phải địa chỉ http", "not an http address"))
		}
	}
	if _, _, err := app.ReadTrust(o.trust); err != nil {
		return c.bad("--trust: %v", err)
	}
	return exitDone
}
