package main

import (
	"kyso/app"
	"kyso/app/present"
)

// What the tests of this package look into.
var (
	Metadata  = metadata
	Preflight = preflight
	Run       = run
)

// Claim is claim without the instance's own type.
func Claim(data string, files []string) (serve func(opened func([]string)), release func(), handed bool) {
	i, handed := claim(data, files)
	return func(opened func([]string)) { i.accept(opened) }, i.Close, handed
}

// Services are what the presenters of a window over a get.
func Services(a *app.App) *present.Services { return newJoin(a, nil, "vi").services() }

// Hand hands a file to the program that runs over a data folder, with a runtime folder.
func Hand(run, data, file string) error { return hand(socketIn(run, data), []string{file}) }
